"""Routes in which a network sets first frames moving, at toy size: tiny random networks of the real classes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKLWan, FlowMatchEulerDiscreteScheduler, WanVACEPipeline, WanVACETransformer3DModel
from transformers import AutoTokenizer, UMT5EncoderModel

from impasto.curation.animators import find_animator, nano
from impasto.curation.animators.animator import Motion
from impasto.curation.animators.vace import VaceAnimator
from impasto.curation.clips import Scene
from impasto.curation.curate import curate
from impasto.curation.routes.reversed import TO_PHOTO
from impasto.curation.sample import RAW, STYLIZED, decoded, picture_of, read_members
from impasto.errors import InputError, ModelError, UnsupportedOption
from tests.curation.endpoint import serving
from tests.curation.toy import LIMITS, TOY, panning, settings, video
from tests.diffusion.toy import LATENT, TEXT, save_text_reader
from tests.training.stylemaster.toyworld import forget, write_controls, write_weights

pytest.importorskip("pyarrow.parquet", reason="the extra curation is not installed")
OFF = dict.fromkeys(("csd", "structure", "agreement", "contrast", "sharpness", "tracked", "brightness"), -1000000000.0)
"""What random networks paint is no picture."""
LOOSE = LIMITS | OFF
KINDS = ("depth", "pose")
ANIMATED = {"routes": ("animated",), "styles": ("vermeer-milkmaid",), "limits": LOOSE}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the nano base, two ControlNets and a depth network, all random; made once."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
        forget()
        write_weights(folder)
        write_controls(folder)
    return folder


@pytest.fixture(autouse=True)
def weights(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setattr(nano, "STEPS", 2)
    forget()
    nano.load.cache_clear()
    yield
    forget()
    nano.load.cache_clear()


def motion(**changes) -> Motion:
    frames = np.stack(panning(0, 5))
    given = {"first": frames[0], "text": "a wall", "controls": {"depth": frames, "pose": 255 - frames}, "seed": 0}
    return Motion(**{**given, **changes})


# Animators


def test_the_nano_base_goes_by_first_frame_text_controls_and_seed():
    animate = find_animator("nano")(KINDS)
    assert animate.lineage["animated by"] == "nano"
    plain = animate(motion())
    assert (plain.shape, plain.dtype) == ((5, 48, 64, 3), np.uint8)
    np.testing.assert_array_equal(animate(motion()), plain)
    other = np.stack(panning(3, 5))
    for changes in (
        {"first": other[0]},
        {"text": "the sea"},
        {"seed": 1},
        {"controls": {"depth": other, "pose": 255 - np.stack(panning(0, 5))}},
        {"controls": {"depth": np.stack(panning(0, 5)), "pose": other}},
    ):
        assert (animate(motion(**changes)) != plain).any(), changes
    with pytest.raises(UnsupportedOption, match="clips of 17 frames"):
        animate(motion(controls=dict.fromkeys(KINDS, np.zeros((21, 48, 64, 3), np.uint8))))


def test_an_animator_that_is_not_there_is_said(made: Path, tmp_path: Path, monkeypatch):
    with pytest.raises(UnsupportedOption, match="did you mean 'nano'"):
        find_animator("nanu")
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(ModelError, match="`impasto train control-depth`"):
        find_animator("nano")(("depth",))
    with pytest.raises(ModelError, match=r"Wan2.1-VACE-1.3B-diffusers .* are missing"):
        find_animator("vace")(("depth",))


def save_vace(place: Path) -> None:
    torch.manual_seed(0)
    transformer = WanVACETransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=LATENT,
        out_channels=LATENT,
        text_dim=TEXT,
        freq_dim=16,
        ffn_dim=32,
        num_layers=2,
        rope_max_seq_len=32,
        vace_layers=[0],
        vace_in_channels=2 * LATENT + 64,
    )
    vae = AutoencoderKLWan(base_dim=4, z_dim=LATENT, num_res_blocks=1, latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
                           dim_mult=[1, 1, 1, 1])  # fmt: skip
    save_text_reader(place)
    WanVACEPipeline(
        tokenizer=AutoTokenizer.from_pretrained(place / "tokenizer"),
        text_encoder=UMT5EncoderModel.from_pretrained(place / "text_encoder"),
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(),
        transformer=transformer,
    ).save_pretrained(place)


def test_vace_goes_by_first_and_last_frame_and_depth(tmp_path: Path):
    save_vace(tmp_path)
    animate = VaceAnimator(tmp_path, steps=2)
    plain = animate(motion())
    assert (plain.shape, plain.dtype) == ((5, 48, 64, 3), np.uint8)
    np.testing.assert_array_equal(animate(motion()), plain)
    other = np.stack(panning(3, 5))
    for changes in ({"first": other[0]}, {"last": other[0]}, {"controls": {"depth": other}}, {"text": "the sea"}):
        assert (animate(motion(**changes)) != plain).any(), changes
    with pytest.raises(ModelError, match="cannot be read"):
        VaceAnimator(tmp_path / "none")


# Routes


def test_both_sides_are_made_by_one_network_under_the_same_controls(tmp_path: Path):
    report = curate(tmp_path / "pairs", settings("world:1", controls=KINDS, **ANIMATED))
    assert (report.failed, report.planned) == ((), 1)
    (tar,) = (tmp_path / "pairs" / "items").glob("*.tar")
    members = dict(read_members(tar))
    notes = json.loads(members["json"])
    raw, stylized = decoded(members[RAW]), decoded(members[STYLIZED])
    assert raw.shape == stylized.shape == (5, 48, 80, 3)
    assert (raw != stylized).any()
    assert notes["route"] == "animated"
    made = notes["lineage"]["route"]
    assert (made["first frame by"], made["controls"], made["animated by"]) == ("swift", ["depth", "pose"], "nano")
    assert notes["caption"] != notes["caption_styled"]


def test_controls_are_exact_where_the_clip_is_rendered_and_else_estimated(tmp_path: Path):
    scene = Scene(0)
    exact = scene.control("depth", TOY)
    assert exact.shape == scene.frames(TOY).shape
    video(tmp_path / "tiles.mp4", frames=6)
    report = curate(tmp_path / "pairs", settings(tmp_path, **ANIMATED))
    assert (report.failed, report.planned) == ((), 1)


def test_pose_of_a_real_clip_without_its_networks_fails_with_what_is_missing(tmp_path: Path):
    video(tmp_path / "tiles.mp4", frames=6)
    report = curate(tmp_path / "pairs", settings(tmp_path, controls=("pose",), **ANIMATED))
    (failure,) = report.failed
    assert "usyd-community/vitpose-base-simple" in failure.reason


def test_a_painted_clip_is_the_stylized_side_and_the_raw_one_is_made_from_photos(tmp_path: Path):
    video(tmp_path / "tiles.mp4", frames=6)
    (tmp_path / "clips.jsonl").write_text(json.dumps({"file": "tiles.mp4", "license": "CC0", "style": "a mosaic"}))
    with serving() as heard:
        report = curate(
            tmp_path / "pairs",
            settings("world:1", tmp_path, routes=("reversed",), editor=heard.address, limits=LOOSE),
        )
    (scene,) = report.failed
    assert "no painting" in scene.reason
    assert heard.edits == [TO_PHOTO] * 2
    (tar,) = (tmp_path / "pairs" / "items").glob("*.tar")
    members = dict(read_members(tar))
    notes = json.loads(members["json"])
    source = np.stack(panning(0, 6))
    stylized, raw = decoded(members[STYLIZED]), decoded(members[RAW])
    assert np.abs(stylized.astype(int) - source[:5]).mean() < 12
    assert (raw != stylized).any()
    assert "a mosaic" in notes["caption_styled"]
    assert notes["style_licence"] == "CC0"
    assert all(picture_of(members[name]).shape == (48, 64, 3) for name in members if name.startswith("style"))


def test_a_model_that_looks_captions_what_has_no_words_and_decides(tmp_path: Path):
    video(tmp_path / "nameless.mp4", frames=6, caption=None)

    def say(question: str, pictures: list[np.ndarray]) -> str:
        return "tiles on a wall." if "one sentence" in question else "no"

    with serving(say) as heard:
        report = curate(tmp_path / "pairs", settings(tmp_path, vlm=heard.address, limits=LOOSE | {"asked": 1.0}))
    assert (report.planned, report.dropped_by, report.failed) == (1, {"asked": 1}, ())
    (tar,) = (tmp_path / "pairs" / "items").glob("*.tar")
    notes = json.loads(dict(read_members(tar))["json"])
    assert notes["caption"] == "tiles on a wall."
    assert notes["scores"]["asked"] == 0


def test_a_rendered_scene_keeps_its_exact_caption_whoever_looks(tmp_path: Path):
    with serving(lambda question, pictures: "yes") as heard:
        curate(tmp_path / "pairs", settings("world:1", vlm=heard.address))
    (tar,) = (tmp_path / "pairs" / "items").glob("*.tar")
    assert json.loads(dict(read_members(tar))["json"])["caption"] == Scene(0).caption()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"routes": ("animated",), "animator": "vase"}, "did you mean 'vace'"),
        ({"routes": ("animated",), "painter": "swif"}, "did you mean 'swift'"),
        ({"routes": ("animated",), "painter": "deflicker"}, "paints no picture after another"),
        ({"routes": ("animated",), "painter": "instantstyle"}, "needs pictures, not the named style"),
        ({"routes": ("reversed",)}, "is no editor"),
        (
            {"routes": ("reversed",), "editor": "http://h/v1#m", "painter": "http://h/v1#m"},
            "give another --painter",
        ),
        ({"routes": ("reversed",), "editor": "qwen"}, "is no editor; give qwen-image-edit or an address"),
        ({"vlm": "http://localhost/v1"}, "names no model"),
    ],
)
def test_what_does_not_exist_is_told_before_anything_is_begun(tmp_path: Path, wrong: dict, told: str):
    with pytest.raises((InputError, ModelError), match=told):
        curate(tmp_path / "pairs", settings("world:1", **wrong))
    assert not (tmp_path / "pairs").exists()
