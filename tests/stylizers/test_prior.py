"""Words to styles: the prior, and prompts on `swift`."""

import numpy as np
import pytest
import torch

from impasto.color.transport import ColorStatistics
from impasto.errors import InputError, ModelError, UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.perception.text.weights import embedded_text_encoder
from impasto.stylizers.feedforward.code import StyleCode
from impasto.stylizers.feedforward.prior import (
    NUMBERS,
    STATISTICS,
    Prior,
    PriorConfig,
    load_prior,
    prompt_code,
    save_prior,
    style_code_of,
    style_numbers,
)
from impasto.stylizers.feedforward.styles import named_styles
from impasto.stylizers.feedforward.stylesearch import fitting_styles
from impasto.stylizers.feedforward.swift import Swift, mixed_code, style_code
from impasto.stylizers.memoryshot import MemoryShot
from impasto.training.prior import Example, PriorRun, fit, held_back
from impasto.training.stylewords import COLOURS, MEDIA, SCALES, look, look_text, quarters


def random_code(seed: int) -> StyleCode:
    chance = torch.Generator().manual_seed(seed)
    root = torch.rand(3, 3, generator=chance) * 0.3
    return StyleCode(
        torch.rand(STATISTICS, generator=chance) + 0.1, ColorStatistics(torch.rand(3, generator=chance), root @ root.T)
    )


class TestNumbers:
    def test_a_code_comes_back(self):
        code = random_code(0)
        back = style_code_of(style_numbers(code))
        torch.testing.assert_close(back.statistics, code.statistics)
        torch.testing.assert_close(back.colors.mean, code.colors.mean)
        torch.testing.assert_close(back.colors.covariance, code.colors.covariance, atol=1e-5, rtol=1e-4)

    def test_any_numbers_are_a_legal_code(self):
        code = style_code_of(torch.randn(NUMBERS, generator=torch.Generator().manual_seed(0)))
        assert code.statistics.min() > 0
        assert torch.linalg.eigvalsh(code.colors.covariance).min() > -1e-6
        assert 0 <= code.colors.mean.min() <= code.colors.mean.max() <= 1


class TestWords:
    @pytest.mark.parametrize("name", ["red", "navy", "cream", "dark green"])
    def test_a_picture_of_one_colour_is_of_that_colour(self, name):
        seen = look(np.full((80, 90, 3), np.round(COLOURS[name] * 255), np.uint8))
        assert list(COLOURS)[int(seen[: len(COLOURS)].argmax())] == name
        assert seen[: len(COLOURS)].sum() == pytest.approx(1)

    def test_extremes_are_named_and_the_middle_is_not(self):
        rng = np.random.default_rng(0)
        noise = rng.integers(0, 255, (80, 80, 3), np.uint8)
        looks = np.stack([look((noise * share).astype(np.uint8)) for share in np.linspace(0.02, 1, 9)])
        bounds = quarters(looks)

        def said(number: int) -> set[str]:
            return {word for _ in range(40) for word in look_text(looks[number], bounds, rng).split(", ")}

        assert said(0) & set(SCALES["lightness"][0])
        assert said(8) & set(SCALES["roughness"][1])
        assert not said(4) & {word for words in SCALES["lightness"] for word in (*words[0], *words[1])}

    def test_every_style_made_by_code_has_words(self):
        from impasto.scenes.styles import STYLE_KINDS

        assert set(MEDIA) == set(STYLE_KINDS)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Two media that differ in every number, each drawn eight times with a little chance."""
    flat = np.zeros(len(COLOURS) + len(SCALES), np.float32)
    return [
        Example("drawn", kind, style_numbers(random_code(seed)) + 0.02 * torch.rand(NUMBERS), flat)
        for seed, kind in enumerate(("mosaic", "pencil"))
        for _ in range(8)
    ]


@pytest.fixture(scope="module")
def prior(examples: list[Example]) -> Prior:
    run = PriorRun(net=PriorConfig(kept=4, sentence_kept=4))
    middle = torch.stack([one.numbers for one in examples]).mean(0)
    painting = Example("painting", "untitled", middle, examples[0].look)
    return fit(run, [*examples, painting], {"untitled": {"title": "Untitled", "caption": "Untitled, a square"}})


class TestFit:
    def test_words_that_it_knows_lead_to_what_they_mean(self, prior: Prior, examples: list[Example]):
        for kind in ("mosaic", "pencil"):
            of_kind, others = (
                torch.stack([e.numbers for e in examples if (e.name == kind) == same]).mean(0) for same in (True, False)
            )
            (sentence,) = embedded_text_encoder().embed([MEDIA[kind][1]])
            answer = style_numbers(prior.code(sentence))
            assert (answer - of_kind).norm() < 0.3 * (answer - others).norm()

    def test_a_style_lies_where_its_description_leads(self, prior: Prior):
        (sentence,) = embedded_text_encoder().embed(["mosaic"])
        place, wanted = prior.place(prior.code(sentence)), prior.answer(sentence[None])[0]
        assert torch.cosine_similarity(place, wanted, dim=0) > 0.99

    def test_comes_back_from_its_file(self, prior: Prior, tmp_path):
        save_prior(prior, tmp_path / "prior.safetensors")
        (sentence,) = embedded_text_encoder().embed(["pencil"])
        back = load_prior(tmp_path / "prior.safetensors").code(sentence)
        torch.testing.assert_close(back.statistics, prior.code(sentence).statistics, atol=0.02, rtol=0.05)

    def test_another_file_is_refused(self, tmp_path):
        (tmp_path / "prior.safetensors").write_bytes(b"no tensors")
        with pytest.raises(ModelError, match=r"prior\.safetensors"):
            load_prior(tmp_path / "prior.safetensors")

    def test_what_is_held_back_is_always_the_same(self):
        rows = {f"{i:03d}": {"artist": "a", "movement": "b"} for i in range(90)} | {"x": {"artist": None}}
        assert held_back(rows) == held_back(dict(reversed(rows.items())))
        assert len(set(held_back(rows)) - {"x"}) == 40


def distance(first: StyleCode, second: StyleCode) -> float:
    return (first.statistics - second.statistics).norm().item()


class TestEmbedded:
    def test_paraphrases_agree_and_media_differ(self):
        ink, paraphrase = prompt_code("a sumi-e ink wash drawing"), prompt_code("sumi-e, painted with brush and ink")
        mosaic = prompt_code("a Roman mosaic of small coloured tesserae")
        assert distance(ink, paraphrase) < 0.5 * distance(ink, mosaic)

    @pytest.mark.parametrize(
        ("words", "other"),
        [
            ("oil painting", "pencil drawing"),
            ("Impressionism", "Gothic altarpiece"),
            ("in the style of Claude Monet", "in the style of Rembrandt"),
            ("navy and black palette", "cream and pink palette"),
            ("smooth, soft, blended", "rough texture, bold strokes"),
        ],
    )
    def test_words_of_every_kind_move_the_result(self, words, other):
        base, moved = prompt_code(words), prompt_code(other)
        assert distance(base, moved) > 0.03 * base.statistics.norm()

    def test_colour_words_move_the_colours(self):
        dark, pale = (
            prompt_code(f"{word} palette").colors.mean.mean() for word in ("black and navy", "cream and white")
        )
        assert dark < pale - 0.1

    def test_a_prompt_is_one_more_style_of_weight_one(self):
        names = list(named_styles())[:2]
        alone = mixed_code([], [prompt_code("pencil drawing")])
        torch.testing.assert_close(alone.statistics, prompt_code("pencil drawing").statistics)
        pair = [Style(name=names[0], weight=3.0)]
        with_words = mixed_code(pair, [prompt_code("pencil drawing")])
        means = [code.colors.mean for code in (style_code(pair[0]), alone)]
        torch.testing.assert_close(with_words.colors.mean, 0.75 * means[0] + 0.25 * means[1])

    def test_swift_paints_by_words_alone(self):
        frames = list(np.random.default_rng(0).random((2, 40, 48, 3), np.float32))
        painted = []
        for prompt in ("stained glass", "graphite sketch"):
            stylizer = Swift("draft")
            stylizer.prepare(Guidance(prompt=prompt), MemoryShot(frames), lambda share: None)
            painted.append(np.stack(list(stylizer.stylize(frames, {}))))
        assert np.abs(painted[0] - painted[1]).mean() > 0.02

    def test_words_in_another_script_are_told(self):
        with pytest.raises(UnsupportedOption, match="describe the style in English"):
            prompt_code("浮世絵")

    def test_a_search_finds_painters_and_looks(self):
        styles = named_styles()
        found = fitting_styles("Claude Monet, water lilies")
        assert set(found) == set(styles)
        assert "Monet" in styles[found[0]].artist
        with pytest.raises(InputError, match="nothing to search for"):
            fitting_styles(" ")
