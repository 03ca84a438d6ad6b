"""The desk without its door: the queue, restarts, limits, and what a run leaves."""

import io
import os
import shutil
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from impasto.app.desk import SECONDS_BETWEEN_SWEEPS, Desk, clean_title
from impasto.app.limits import Limits
from impasto.app.order import Order, Painted, ShotStyle, request_in
from impasto.app.refusals import Refused
from impasto.app.store import Store, Upload
from impasto.job.mask import Mask
from impasto.job.plan import make_plan
from impasto.video.source import open_source
from tests.app.serving import wait_until
from tests.clips import make_clip, packets_of

STYLE = "van-gogh-irises"


def take(desk: Desk, path: Path, visitor: str = "me", kind: str = "clip") -> Upload:
    id, place = desk.begin_upload()
    place.write_bytes(path.read_bytes())
    return desk.end_upload(visitor, id, kind, path.name)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "data", Limits(waiting=4, waiting_each=3))
    yield desk
    desk.close()


def test_the_queue_keeps_its_order_over_a_restart(tmp_path: Path):
    store = Store(tmp_path / "queue.sqlite")
    for number in range(4):
        store.add_job(f"visitor {number % 2}", f"job {number}", "clip.mp4", "")
    first = store.begin_next()
    assert first is not None
    assert (first.id, first.state) == ("job 0", "running")
    assert store.cancel("visitor 1", "job 1")
    assert not store.cancel("visitor 1", "job 2"), "it is another's"
    store.close()

    store = Store(tmp_path / "queue.sqlite")
    store.wait_again()
    begun = [store.begin_next() for _ in range(4)]
    assert [job and job.id for job in begun] == ["job 0", "job 2", "job 3", None]
    assert [job.begun for job in begun if job] == [2, 1, 1]
    store.close()


def test_a_job_is_painted_and_keeps_its_sound(desk: Desk, tmp_path: Path):
    clip = make_clip(tmp_path / "clip.mkv", size=(64, 48), frames=12, sounds=["eng"])
    upload = take(desk, clip)
    assert (upload.facts["width"], upload.facts["height"], upload.facts["frames"]) == (64, 48, 12)
    assert upload.facts["sound"]
    order = Order(clip=upload.id, styles=(STYLE,), preset="draft", strength=0.7)
    plan = desk.plan("me", order)
    assert (plan["frames"], plan["shots"]) == (12, 1)
    desk.open()
    job = desk.submit("me", order)
    job = wait_until(lambda: (found := desk.job("me", job.id)).ended and found, 300)
    assert (job.state, job.reason) == ("done", "")
    result = desk.job_file("me", job.id, "result")
    assert packets_of(result, "audio") == packets_of(clip, "audio")
    # A matroska file is no clip that browsers play, so there is one beside it.
    before = desk.job_file("me", job.id, "before")
    with av.open(str(before)) as shown, av.open(str(result)) as painted:
        assert shown.streams.video[0].frames == painted.streams.video[0].frames == 12
    assert desk.describe(job)["frames"] == 12
    assert not list(result.parent.glob("*.impasto"))
    desk.forget_job("me", job.id)
    assert not result.parent.exists()
    assert desk.jobs("me") == []


def test_a_stopped_server_goes_on_with_its_jobs(tmp_path: Path):
    clip = make_clip(tmp_path / "clip.mp4", size=(64, 48), frames=12)
    desk = Desk(tmp_path / "data", Limits())
    upload = take(desk, clip)
    order = Order(clip=upload.id, styles=(STYLE,), preset="draft")
    first, second = desk.submit("me", order), desk.submit("you", Order(clip=take(desk, clip, "you").id, prompt="blue"))
    desk.open()
    wait_until(lambda: desk.describe(desk.job("me", first.id))["task"].startswith("Loading"), 120)
    desk.close()
    desk = Desk(tmp_path / "data", Limits())
    assert [desk.job("me", first.id).state, desk.job("you", second.id).state] == ["waiting", "waiting"]
    desk.open()
    assert desk.cancel("you", second.id).state == "cancelled"
    job = wait_until(lambda: (found := desk.job("me", first.id)).ended and found, 300)
    assert (job.state, job.begun) == ("done", 2)
    assert desk.job("you", second.id).state == "cancelled"
    desk.close()


def test_a_job_whose_folder_is_gone_holds_up_no_other(tmp_path: Path, desk: Desk):
    upload = take(desk, make_clip(tmp_path / "clip.mp4", frames=4))
    first, second = (desk.submit("me", Order(clip=upload.id, styles=(STYLE,))) for _ in range(2))
    shutil.rmtree(tmp_path / "data" / "jobs" / first.id)
    left = tmp_path / "data" / "plans" / "of a server that was killed"
    left.mkdir()
    desk.open()
    wait_until(lambda: desk.job("me", second.id).state == "running", 60)
    assert desk.job("me", first.id).state == "failed"
    assert "could not be started" in desk.job("me", first.id).reason
    assert not left.exists()
    desk.cancel("me", second.id)


def test_a_running_job_is_cancelled(desk: Desk, tmp_path: Path):
    upload = take(desk, make_clip(tmp_path / "clip.mp4", size=(160, 120), frames=200))
    desk.open()
    job = desk.submit("me", Order(clip=upload.id, styles=(STYLE,), model="gatys", preset="high"))
    wait_until(lambda: desk.describe(desk.job("me", job.id))["task"], 60)
    assert desk.cancel("me", job.id).state == "cancelled"
    following = desk.submit("me", Order(clip=upload.id, styles=(STYLE,), model="gatys", preset="high"))
    wait_until(lambda: desk.job("me", following.id).state == "running", 60)
    assert desk.job("me", job.id).state == "cancelled"
    with pytest.raises(Refused, match="not over"):
        desk.forget_job("me", following.id)
    desk.cancel("me", following.id)


@pytest.mark.parametrize(("limits", "reason"), [({"job_minutes": 0}, "longer"), ({"job_gigabytes": 0}, "memory")])
def test_a_job_that_takes_too_much_is_ended(limits: dict[str, int], reason: str, desk: Desk, tmp_path: Path):
    upload = take(desk, make_clip(tmp_path / "clip.mp4", frames=4))
    job = desk.submit("me", Order(clip=upload.id, styles=(STYLE,), preset="draft"))
    strict = Desk(tmp_path / "data", Limits(**limits))
    strict.open()
    ended = wait_until(lambda: (found := strict.job("me", job.id)).ended and found, 120)
    strict.close()
    assert ended.state == "failed"
    assert reason in ended.reason.lower()


def test_the_queue_is_as_long_as_it_may_be(desk: Desk, tmp_path: Path):
    clip = make_clip(tmp_path / "clip.mp4", frames=4)
    for visitor, count in (("me", 3), ("you", 1)):
        upload = take(desk, clip, visitor)
        for _ in range(count):
            desk.submit(visitor, Order(clip=upload.id, styles=(STYLE,)))
        with pytest.raises(Refused, match="wait") as refusal:
            desk.submit(visitor, Order(clip=upload.id, styles=(STYLE,)))
        assert refusal.value.status == 429


def test_shots_have_styles_of_their_own(desk: Desk, tmp_path: Path):
    upload = take(desk, make_clip(tmp_path / "clip.mp4", frames=12))
    shots = (ShotStyle(start=0, stop=5), ShotStyle(start=5, stop=12, style="klimt-kiss"))
    assert desk.plan("me", Order(clip=upload.id, styles=(STYLE,), shots=shots))["shots"] == 2
    # A list that is not of this clip is told in the words of the command line.
    with pytest.raises(Refused, match="end at frame 9"):
        desk.plan("me", Order(clip=upload.id, styles=(STYLE,), shots=(ShotStyle(start=0, stop=9, style=STYLE),)))


def test_shots_have_words_of_their_own(desk: Desk, tmp_path: Path):
    upload = take(desk, make_clip(tmp_path / "clip.mp4", frames=12))
    shots = (ShotStyle(start=0, stop=5, style=STYLE), ShotStyle(start=5, stop=12, prompt="ink on paper"))
    order = Order(clip=upload.id, shots=shots)
    assert order.summary == "looks of single shots"
    looks = make_plan(request_in(tmp_path / "data" / "jobs" / desk.submit("me", order).id)).looks
    assert [([style.name for style in look.styles], look.prompt) for look in looks] == [
        ([STYLE], None),
        ([], "ink on paper"),
    ]


def test_painted_frames_stand_at_their_times(desk: Desk, tmp_path: Path):
    upload = take(desk, make_clip(tmp_path / "clip.mp4", frames=12))
    painted = {moment: io.BytesIO(desk.frame("me", upload.id, moment)) for moment in ("0:00", "0:00.25")}
    with Image.open(painted["0:00.25"]) as frame:
        shown = np.asarray(frame, np.int16)
    sixth = next(islice(open_source(tmp_path / "clip.mp4").frames(), 6, None)).rgb  # of 25 a second
    assert np.array_equal(shown, sixth)
    ids = {}
    for moment, png in painted.items():
        (tmp_path / "painted.png").write_bytes(png.getvalue())
        ids[moment] = take(desk, tmp_path / "painted.png", kind="picture").id
    order = Order(clip=upload.id, keyframes=tuple(Painted(time=moment, picture=id) for moment, id in ids.items()))
    folder = tmp_path / "job"
    desk._lay_out("me", order, folder)
    guidance = request_in(folder).guidance
    # The first is a painted first frame, which more models take.
    assert guidance.first_frame == folder / "first_frame.png"
    assert [(each.time, each.image.name) for each in guidance.keyframes] == [(Fraction(1, 4), "keyframe-1.png")]
    assert desk.plan("me", order)["frames"] == 12
    with pytest.raises(Refused, match="The clip ends before 1:00"):
        desk.frame("me", upload.id, "1:00")


@pytest.mark.parametrize("time", ["now", "", "-1", "0:07=/etc/passwd", "/etc/passwd", "../0:07"])
def test_a_time_is_no_path(time: str, desk: Desk, painting: Path, tmp_path: Path):
    picture, clip = take(desk, painting, kind="picture"), take(desk, make_clip(tmp_path / "clip.mp4", frames=4))
    for refused in (
        lambda: desk.plan("me", Order(clip=clip.id, keyframes=(Painted(time=time, picture=picture.id),))),
        lambda: desk.frame("me", clip.id, time),
    ):
        with pytest.raises(Refused, match="is no time"):
            refused()
    assert not list((tmp_path / "data" / "plans").iterdir())


def test_a_video_is_a_mask(desk: Desk, tmp_path: Path):
    clip = take(desk, make_clip(tmp_path / "clip.mp4", frames=6))
    mask = take(desk, make_clip(tmp_path / "mask.mp4", frames=6))
    longer = take(desk, make_clip(tmp_path / "longer.mp4", frames=9))
    assert desk.plan("me", Order(clip=clip.id, styles=(STYLE,), mask=mask.id))["frames"] == 6
    with pytest.raises(Refused, match="mask"):
        desk.plan("me", Order(clip=clip.id, styles=(STYLE,), mask=longer.id))


def test_pictures_are_kept_as_we_wrote_them(desk: Desk, tmp_path: Path, painting: Path):
    upload = take(desk, painting, kind="picture")
    stored = tmp_path / "data" / "uploads" / upload.id / "file"
    assert stored.read_bytes().startswith(b"\x89PNG")
    assert stored.read_bytes() != painting.read_bytes()
    clip = take(desk, make_clip(tmp_path / "clip.mp4", frames=4))
    assert desk.plan("me", Order(clip=clip.id, pictures=(upload.id,), mask=upload.id))["frames"] == 4
    with pytest.raises(Refused, match="give a clip"):
        desk.plan("me", Order(clip=upload.id, styles=(STYLE,)))


def test_what_is_see_through_in_a_mask_stays_black(desk: Desk, tmp_path: Path):
    drawn = np.zeros((48, 64, 4), np.uint8)
    drawn[:24, :32] = 255
    Image.fromarray(drawn).save(tmp_path / "mask.png")
    upload = take(desk, tmp_path / "mask.png", kind="picture")
    stored = tmp_path / "data" / "uploads" / upload.id / "file"
    shares = [next(Mask(path, (64, 48)).weights(0, 1)).mean() for path in (tmp_path / "mask.png", stored)]
    assert shares == pytest.approx([0.25, 0.25])


def test_an_upload_that_takes_long_is_not_swept_away(desk: Desk, tmp_path: Path):
    id, place = desk.begin_upload()
    place.write_bytes(b"begun")
    long_ago = time.time() - 10 * SECONDS_BETWEEN_SWEEPS
    os.utime(place.parent, (long_ago, long_ago))
    desk._sweep(force=True)
    assert place.exists()
    desk.drop_upload(id)
    assert not place.parent.exists()


def test_old_things_are_removed(tmp_path: Path):
    desk = Desk(tmp_path / "data", Limits(keep_days=0))
    upload = take(desk, make_clip(tmp_path / "clip.mp4", frames=4))
    time.sleep(0.1)
    desk.open()
    with pytest.raises(Refused, match="no such upload"):
        desk.upload("me", upload.id)
    desk.close()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../a.mp4", "a.mp4"),
        ("C:\\x\\b.mov", "b.mov"),
        ("\x1b[31mred", "[31mred"),
        ("", "unnamed"),
        ("x" * 99, "x" * 80),
    ],
)
def test_titles(given: str, shown: str):
    assert clean_title(given) == shown
