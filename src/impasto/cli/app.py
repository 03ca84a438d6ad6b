"""The commands. Each lives in its own module, imported when it is asked for, so that `--help` is quick."""

from importlib.metadata import version

from cyclopts import App

app = App(
    name="impasto",
    help="Repaint a video in a style that you describe, show or paint, and keep it steady.",
    help_epilogue="Example: impasto stylize holiday.mp4 --style painting.jpg -o out.mp4",
    version=lambda: version("impasto"),
    help_format="plaintext",
    result_action="return_value",
)

_COMMANDS = {
    "stylize": ("Repaint a video, a picture or a folder of frames.", "holiday.mp4 --style painting.jpg -o out.mp4"),
    "plan": ("Say what `stylize` would do; no model is loaded.", "holiday.mp4 --style painting.jpg -o out.mp4"),
    "batch": ("Repaint many videos, on this machine or on many.", "clips.txt --style painting.jpg -o out"),
    "generate": (
        "Make a clip or a picture of what you describe.",
        '--prompt "a boat" --style painting.jpg -o out.mp4',
    ),
    "shots": ("List the shots of a video, to edit and to give styles.", "holiday.mp4 -o shots.json"),
    "deflicker": ("Steady a video that was painted frame by frame.", "painted.mp4 --guide holiday.mp4 -o steady.mp4"),
    "learn": ("Teach a network one style.", "painting.jpg --on holiday.mp4 -o net.safetensors"),
    "compare": ("Put videos side by side, labelled.", "holiday.mp4 out.mp4 -o side.mp4"),
    "styles": ("List the named styles, or find some by a description.", "--search 'calm blue landscape'"),
    "models": ("List the models, where their weights come from, their licences.", ""),
    "doctor": ("Say what this machine can do and what is missing.", ""),
    "serve": ("Open a page and an HTTP API on this machine.", ""),
    "curate": ("Make pairs of clips to learn from.", "clips world:40 -o pairs"),
    "train": ("Train a model by one of the project's recipes.", "swift"),
}

for _order, (_name, (_summary, _arguments)) in enumerate(_COMMANDS.items()):
    app.command(
        f"impasto.cli.{_name}:{_name}",
        name=_name,
        help=_summary,
        help_epilogue=f"Example: impasto {_name} {_arguments}".rstrip(),
        sort_key=_order,
    )

evaluate = App(
    name="evaluate",
    help="Measure, and compare methods in tables.",
    help_epilogue="Example: impasto evaluate run out.mp4 --source holiday.mp4 --style painting.jpg",
    sort_key=len(_COMMANDS),
)
evaluate.command(
    "impasto.cli.measure:run",
    name="run",
    help="Measure repainted videos, and write a report.",
    help_epilogue="Example: impasto evaluate run out.mp4 --source holiday.mp4 --style painting.jpg",
)
evaluate.command(
    "impasto.cli.measure:metrics",
    name="metrics",
    help="List the metrics.",
    help_epilogue="Example: impasto evaluate metrics --json",
)
evaluate.command(
    "impasto.cli.fixture:fixture",
    name="fixture",
    help="See whether this installation measures what it should.",
    help_epilogue="Example: impasto evaluate fixture",
)
evaluate.command(
    "impasto.cli.evaluate:table",
    name="table",
    help="Compute a table of the documentation or of a paper, and write it.",
    help_epilogue="Example: impasto evaluate table flicker --only swift-draft",
)
study = App(
    name="study",
    help="Let people compare results, blind and in pairs.",
    help_epilogue="Example: impasto evaluate study make ours=results/ours other=results/other -o study",
)
for _name, _summary, _arguments in (
    ("make", "Make a page for raters, and its key.", "make ours=results/ours other=results/other -o study"),
    ("score", "Score what the raters sent back.", "score study-key.json ratings-*.json -o scores"),
):
    study.command(
        f"impasto.cli.study:{_name}",
        name=_name,
        help=_summary,
        help_epilogue=f"Example: impasto evaluate study {_arguments}",
    )
evaluate.command(study)
app.command(evaluate)
