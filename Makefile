# `make demo` and `make test` are the two commands that a newcomer needs.
#   make demo                              repaint the project's own clip
#   make demo VIDEO=clip.mp4 STYLE=x.jpg   repaint yours (STYLE: a picture or a name of `impasto styles`)
#   make test / check / fix / bench        the tests; every linter, read-only; what they can mend; ten benchmarks
#   make docs                              the pages of docs/ as a site: site/index.html; what is written by code anew

PYTHON ?= python3
STYLE  ?= van-gogh-wheat-field
PRESET ?= standard
VIDEO  ?=

BIN       := .venv/bin
INSTALLED := .venv/.installed
SCENE     := demo/scene.mp4
SITE      := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
BENCHES   := weights encoder speed memory large flicker deflicker firstframe quality learn

.PHONY: demo test check fix bench docs
.DEFAULT_GOAL := demo

# The stamp makes repeated calls instant and follows changes of the two files that say what is installed.
$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"  # older ones know no dependency groups
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch  # first and alone: the pinned build, no other
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@

$(SCENE): $(wildcard src/impasto/scenes/*.py src/impasto/scenes/demo/*.py) | $(INSTALLED)
	mkdir -p $(@D)
	$(BIN)/python -m impasto.scenes.demo $@

demo: $(INSTALLED) $(if $(VIDEO),,$(SCENE))
	mkdir -p demo
	$(BIN)/impasto stylize --style "$(STYLE)" --preset $(PRESET) --overwrite -o demo/painted.mp4 -- "$(or $(VIDEO),$(SCENE))"
	@echo "The painted clip is demo/painted.mp4"

test: $(INSTALLED)
	$(BIN)/pytest -n auto --maxprocesses 4

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(SITE)

docs: $(INSTALLED)
	$(BIN)/python -m tools.pages
	$(SITE)

fix: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED)
	for name in $(BENCHES); do $(BIN)/python -m benchmarks.$$name --json || exit; done
