"""Signals and a full disk, in processes of their own."""

import resource
import signal

import pytest

from tests.clips import make_clip

LONG = 800


@pytest.fixture
def clip(tmp_path, painting):
    return make_clip(tmp_path / "in.mp4", frames=LONG, fps=25)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_run_tidily(start, tmp_path, painting, clip, number):
    (tmp_path / "out.mp4").write_bytes(b"old")
    process = start("stylize", clip, "--style", painting, "--model", "toy", "-o", "out.mp4", "--overwrite")
    for line in process.stderr:
        if line.startswith("Repainting"):
            process.send_signal(number)
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.strip().splitlines()[-1].startswith("impasto: Stopped before 'out.mp4' was complete")
    assert "Traceback" not in err
    assert (tmp_path / "out.mp4").read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"in.mp4", "painting.png", "out.mp4", "out.mp4.impasto"}


@pytest.mark.parametrize("output", ["out.mkv", "out"])
def test_a_full_disk_in_the_middle(start, tmp_path, painting, clip, output):
    """The system refuses to make a file longer than a limit: to the program the same as a disk without room."""

    def little_room():
        limit = 100_000 if output == "out.mkv" else 50
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    codec = ["--codec", "ffv1"] if output == "out.mkv" else []
    process = start(
        "stylize", clip, "--style", painting, "--model", "toy", "-o", output, *codec, preexec_fn=little_room
    )
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4, err
    assert "disk is full" in err.strip().splitlines()[-1]
    assert "Traceback" not in err
    # What is finished stays, where the disk was full after the first segment.
    assert {path.name for path in tmp_path.iterdir()} - {f"{output}.impasto"} == {"in.mp4", "painting.png"}
