"""Everything that users get wrong: one sentence, the exit code, nothing half-written."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.stylizers import registry
from tests.clips import make_clip, sound_only, truncate
from tests.toy import TOY

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mp4", frames=6)


@pytest.fixture
def refused(impasto, tmp_path, painting):
    """Runs `impasto stylize` and checks all that holds for every refusal; gives the sentence."""

    def run(*arguments: object, code: int = 2, model: str = "toy", style: bool = True) -> str:
        given = ["stylize", "--model", model, *arguments]
        before = {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
        ran = impasto(*given[:1], *(["--style", painting] if style else []), *given[1:])
        after = {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
        assert ran.code == code, ran.err
        assert ran.out == ""
        assert ran.sentence.startswith("impasto: ")
        assert ran.sentence.endswith((".", "?"))
        assert "Traceback" not in ran.err
        assert before == after
        assert not list(tmp_path.glob("*.impasto"))
        return ran.sentence

    return run


def picture_of(path: Path, width: int, height: int) -> Path:
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)
    return path


def test_no_such_file(refused):
    assert "'none.mp4'" in refused("none.mp4", "-o", "out.mp4")


def test_an_empty_folder(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no pictures" in refused("empty", "-o", "out.mp4")


def test_text_that_calls_itself_a_video(refused, tmp_path):
    (tmp_path / "in.mp4").write_text("this is no video\n" * 100)
    assert "not a video" in refused("in.mp4", "-o", "out.mp4")


def test_an_empty_file(refused, tmp_path):
    (tmp_path / "in.mp4").write_bytes(b"")
    assert "empty" in refused("in.mp4", "-o", "out.mp4")


def test_a_video_of_which_less_than_half_is_there(refused, tmp_path):
    source = make_clip(tmp_path / "in.mp4", frames=100, container_options={"movflags": "+faststart"})
    truncate(source, 0.3)
    assert "of 100 frames" in refused("in.mp4", "-o", "out.mp4")


def test_sound_only(refused, tmp_path):
    sound_only(tmp_path / "in.m4a")
    refused("in.m4a", "-o", "out.mp4")


def test_a_playlist_opens_nothing(refused, tmp_path, clip):
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nin.mp4\n#EXT-X-ENDLIST\n")
    refused("list.m3u8", "-o", "out.mp4")
    refused("http://localhost/in.mp4", "-o", "out.mp4")


def test_a_video_as_style(refused, clip):
    assert "video" in refused(clip, "--style", clip, "-o", "out.mp4", style=False)


def test_a_style_of_one_pixel(refused, clip, tmp_path):
    dot = picture_of(tmp_path / "dot.png", 1, 1)
    assert "1x1" in refused(clip, "--style", dot, "-o", "out.mp4", style=False)


def test_a_very_wide_style_is_taken(impasto, clip, tmp_path):
    wide = picture_of(tmp_path / "wide.png", 16384, 64)
    assert impasto("stylize", clip, "--style", wide, "--model", "toy", "-o", "out.mp4").code == 0


def test_a_corrupt_style(refused, clip, tmp_path):
    broken = picture_of(tmp_path / "broken.png", 64, 64)
    broken.write_bytes(broken.read_bytes()[:60])
    assert "broken" in refused(clip, "--style", broken, "-o", "out.mp4", style=False)


def test_a_missing_style(refused, clip):
    assert "'none.jpg'" in refused(clip, "--style", "none.jpg", "-o", "out.mp4", style=False)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--strength", "7"), ("--strength", "nan"), ("--structure", "-0.1"), ("--seed", "-1"), ("--crf", "99")],
)
def test_a_number_out_of_range(refused, clip, option, value):
    assert value in refused(clip, f"{option}={value}", "-o", "out.mp4")


@pytest.mark.parametrize("rate", ["0", "-1", "fast", "1/0"])
def test_a_frame_rate_that_is_none(refused, clip, rate):
    assert repr(rate) in refused(clip, f"--fps={rate}", "-o", "out.mp4")


def test_the_output_is_the_input(refused, clip, tmp_path):
    assert "itself" in refused(clip, "-o", clip, "--overwrite")
    (tmp_path / "link.mp4").symlink_to(clip)
    assert "itself" in refused(clip, "-o", "link.mp4", "--overwrite")
    os.link(clip, tmp_path / "hard.mp4")
    assert "itself" in refused(clip, "-o", "hard.mp4", "--overwrite")


def test_the_output_is_the_style(refused, tmp_path, painting):
    picture_of(tmp_path / "in.png", 32, 32)
    assert "style picture" in refused("in.png", "-o", painting, "--overwrite")


def test_the_output_exists(refused, clip, tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"old")
    assert "--overwrite" in refused(clip, "-o", "out.mp4")


def test_a_folder_with_other_files_is_not_replaced(refused, clip, tmp_path):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "letter.txt").write_text("dear")
    assert "letter.txt" in refused(clip, "-o", "holiday", "--overwrite")


def test_a_folder_with_the_source_in_it_is_not_replaced(refused, tmp_path):
    (tmp_path / "frames").mkdir()
    for number in range(3):
        picture_of(tmp_path / "frames" / f"{number:04d}.png", 32, 32)
    assert "holds the input" in refused("frames/%04d.png", "-o", "frames", "--overwrite")
    assert "itself" in refused("frames", "-o", "frames", "--overwrite")


def test_the_output_folder_is_missing(refused, clip):
    assert "does not exist" in refused(clip, "-o", "no/where/out.mp4")


def test_the_output_folder_is_read_only(refused, clip, tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir(mode=0o500)
    if os.geteuid() == 0:
        # Root may write anywhere; only the system's answer can be changed.
        real = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: "locked" not in str(path) and real(path, mode))
    assert "cannot be written" in refused(clip, "-o", "locked/out.mp4")


def test_an_unknown_model_suggests_the_nearest(refused, clip):
    assert "did you mean 'toy'" in refused(clip, "-o", "out.mp4", model="tyo", code=3)


def test_nothing_to_go_by(refused, clip):
    assert "Nothing to go by" in refused(clip, "-o", "out.mp4", style=False)


@pytest.mark.parametrize(
    ("prompt", "told"), [("", "is empty"), ("  ", "is empty"), ("浮世絵", "describe the style in English")]
)
def test_a_prompt_that_says_nothing(refused, clip, prompt, told):
    assert told in refused(clip, "--prompt", prompt, "-o", "out.mp4", model="swift", style=False)


def test_a_prompt_of_10_000_letters_is_read_in_part_and_that_is_told(impasto, clip):
    ran = impasto("plan", clip, "--prompt", "ink wash, " * 1000, "-o", "out.mp4")
    assert ran.code == 0, ran.err
    assert "The prompt is too long; it is read up to '" in ran.out


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["--prompt", "in ink"], "prompt"),
        (["--first-frame", "painting.png"], "first frame"),
        (["--keyframe", "0:01=painting.png"], "keyframes"),
        (["--control", "depth,pose"], "control"),
        (["--structure", "0.5"], "structure"),
    ],
)
def test_guidance_that_the_model_does_not_take(refused, clip, arguments, kind):
    assert f"does not take {kind}" in refused(clip, *arguments, "-o", "out.mp4")


def test_a_keyframe_that_belongs_nowhere(refused, clip):
    def sentence(*keyframes: str) -> str:
        given = [part for keyframe in keyframes for part in ("--keyframe", keyframe)]
        return refused(clip, *given, "-o", "out.mp4", model="swift", style=False)

    assert "is for 0:09 and the source ends at 0:00" in sentence("0:09=painting.png")
    assert "give one of them" in sentence("0:00=painting.png", "0s=painting.png")
    assert "'none.png'" in sentence("0:00=none.png")


def test_a_mask_of_another_length(refused, clip, tmp_path):
    make_clip(tmp_path / "mask.mp4", frames=9)
    sentence = refused(clip, "--mask", "mask.mp4", "-o", "out.mp4")
    assert "9 frames and the source 6" in sentence


def test_a_mask_that_is_none(refused, clip, tmp_path):
    (tmp_path / "mask.png").write_text("white")
    assert "not a picture" in refused(clip, "--mask", "mask.png", "-o", "out.mp4")
    assert "'none.png'" in refused(clip, "--mask", "none.png", "-o", "out.mp4")


def test_the_output_is_the_mask(refused, clip, tmp_path):
    make_clip(tmp_path / "mask.mp4", frames=6)
    assert "is the mask" in refused(clip, "--mask", "mask.mp4", "-o", "mask.mp4", "--overwrite")


def test_an_output_of_unknown_kind(refused, clip):
    assert "'.xyz'" in refused(clip, "-o", "out.xyz")


def test_a_picture_in_and_a_video_out(refused, tmp_path):
    picture_of(tmp_path / "in.png", 32, 32)
    assert "picture" in refused("in.png", "-o", "out.mp4")


def test_a_video_in_and_a_picture_out(refused, clip):
    assert "picture" in refused(clip, "-o", "out.png")


def test_an_unknown_codec(refused, clip):
    assert "'h265'" in refused(clip, "--codec", "h265", "-o", "out.mp4")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--strenght", "0.5"], "--strength"),
        (["--strength", "strong"], "strong"),
        (["--preset", "best"], "draft"),
        (["second.mp4"], "second.mp4"),
        (["--style"], "requires an argument"),
    ],
)
def test_a_command_line_that_cannot_be_understood(refused, clip, arguments, part):
    assert part in refused(clip, "-o", "out.mp4", *arguments)


def test_names_that_are_none_or_too_long(refused, clip, painting, tmp_path):
    assert "names no file" in refused(clip, "-o", ".")
    assert "too long" in refused("x" * 300 + ".mp4", "-o", "out.mp4")
    assert "too long" in refused(clip, "-o", "x" * 300 + ".mp4")
    assert refused(clip, "-o", "out.mp4", "--style", "a calm sea " * 40, style=False)


def test_frames_that_are_too_small_for_hevc(refused, tmp_path):
    small = make_clip(tmp_path / "small.mp4", size=(48, 48), frames=2)
    assert "take --codec h264" in refused(small, "-o", "out.mp4", "--codec", "hevc")


def test_a_video_has_a_rate_of_its_own(refused, clip):
    assert "leave --fps out" in refused(clip, "-o", "out.mp4", "--fps", "5")


def test_no_output_given(impasto, clip):
    ran = impasto("stylize", clip)
    assert (ran.code, "--output" in ran.err) == (2, True)


def test_an_unknown_command_suggests_the_nearest(impasto):
    ran = impasto("stylise", "in.mp4")
    assert (ran.code, "stylize" in ran.err) == (2, True)


@pytest.mark.parametrize("arguments", [["-o=-out.mp4", "--", "-in.mp4"], ["./-in.mp4", "-o", "./-out.mp4"]])
def test_names_that_begin_with_a_dash_work(impasto, tmp_path, painting, arguments):
    make_clip(tmp_path / "-in.mp4", frames=2)
    ran = impasto("stylize", "--style", painting, "--model", "toy", *arguments)
    assert ran.code == 0, ran.err
    assert (tmp_path / "-out.mp4").exists()


def test_an_error_inside_is_logged_and_told_in_one_sentence(impasto, clip, painting, monkeypatch, tmp_path):
    def fail(preset):
        raise RuntimeError("the model broke")

    monkeypatch.setitem(registry.MODELS, "broken", replace(TOY, name="broken", load=fail))
    ran = impasto("stylize", clip, "--style", painting, "--model", "broken", "-o", "out.mp4")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    log = Path(ran.sentence.split("'")[1])
    assert "the model broke" in log.read_text()
    log.unlink()
    assert {path.name for path in tmp_path.iterdir()} == {"in.mp4", "painting.png"}
