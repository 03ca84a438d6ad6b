"""Every output names Impasto and the model, and says so beside what the source said."""

from importlib.metadata import version
from pathlib import Path

import av
import pytest
from PIL import Image
from PIL.ExifTags import Base

from impasto.errors import Interrupted
from impasto.guidance import Guidance, Style
from impasto.job import segments
from impasto.job.compare import compare
from impasto.job.events import FrameDone
from impasto.job.request import Request
from impasto.job.run import run
from impasto.job.tag import tag_of
from tests.clips import make_clip, picture

pytestmark = pytest.mark.usefixtures("toy")
TAG = f"Made with Impasto {version('impasto')}, model toy."


def repaint(source: Path, output: Path, painting: Path, **options) -> Path:
    guidance = Guidance(styles=(Style(image=painting),))
    run(Request(source=source, output=output, guidance=guidance, model="toy"), **options)
    return output


def comment_of(path: Path) -> str:
    with av.open(str(path)) as container:
        return {key.lower(): value for key, value in container.metadata.items()}["comment"]


def software_of(path: Path) -> str:
    with Image.open(path) as image:
        return image.info.get("Software") or image.getexif()[Base.Software]


@pytest.mark.parametrize("suffix", ["mp4", "m4v", "mov", "mkv", "webm"])
def test_a_video_says_what_made_it(tmp_path, painting, suffix):
    assert comment_of(repaint(make_clip(tmp_path / "in.mp4"), tmp_path / f"out.{suffix}", painting)) == TAG


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_the_comment_of_the_source_stays(tmp_path, painting, container):
    source = make_clip(tmp_path / f"in.{container}", metadata={"comment": "Our garden."})
    once = repaint(source, tmp_path / f"once.{container}", painting)
    assert comment_of(once) == f"Our garden. {TAG}"
    assert comment_of(repaint(once, tmp_path / f"twice.{container}", painting)) == f"Our garden. {TAG}"


def test_a_gif_says_what_made_it(tmp_path, painting):
    output = repaint(make_clip(tmp_path / "in.mp4", frames=5, fps=10), tmp_path / "out.gif", painting)
    with Image.open(output) as image:
        assert image.n_frames == 5
        image.seek(4)
        image.load()
    assert TAG.encode() in output.read_bytes()[-len(TAG) - 5 :]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_a_picture_says_what_made_it(tmp_path, painting, suffix):
    Image.fromarray(picture(0, 32, 24)).save(tmp_path / "in.png")
    assert software_of(repaint(tmp_path / "in.png", tmp_path / f"out.{suffix}", painting)) == TAG


def test_every_file_of_a_folder_says_what_made_it(tmp_path, painting):
    output = repaint(make_clip(tmp_path / "in.mp4", frames=3), tmp_path / "frames", painting)
    assert [software_of(file) for file in sorted(output.iterdir())] == [TAG] * 3


def test_a_folder_that_was_gone_on_with_is_that_of_an_unbroken_run(tmp_path, painting, monkeypatch):
    monkeypatch.setattr(segments, "LONGEST", 4)
    source = make_clip(tmp_path / "in.mp4", frames=12)

    def stop(event: object) -> None:
        if isinstance(event, FrameDone) and event.done == 6:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        repaint(source, tmp_path / "broken", painting, on_event=stop)
    repaint(source, tmp_path / "broken", painting)
    repaint(source, tmp_path / "whole", painting)
    for one, other in zip(sorted((tmp_path / "broken").iterdir()), sorted((tmp_path / "whole").iterdir()), strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_side_by_side_names_no_model(tmp_path):
    clips = [make_clip(tmp_path / f"{name}.mp4", frames=3) for name in "ab"]
    compare(clips, tmp_path / "side.mp4")
    assert comment_of(tmp_path / "side.mp4") == tag_of()
    compare(clips, tmp_path / "side.png")
    assert software_of(tmp_path / "side.png") == tag_of()


def test_a_learned_net_is_named_by_its_file():
    assert tag_of("/home/me/nets/harbour.safetensors").endswith(", model harbour.safetensors.")
