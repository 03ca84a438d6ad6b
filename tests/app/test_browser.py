"""The page in a real Chromium: the whole path of a visitor, and who cannot see, or has a phone, or likes the dark.

`IMPASTO_PICTURES=docs/pictures pytest -m browser tests/app` also renews the pictures of docs/serve.md.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from impasto.video.pictures import write_picture
from impasto.video.source import open_source
from impasto.weights.paths import assets_dir
from tests.app.serving import Server
from tests.clips import make_clip, packets_of

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
MINUTE = 60_000
PLAYED = "video => video.webkitDecodedFrameCount > 5 && video.webkitAudioDecodedByteCount > 0"

TOGETHER = (
    "() => { const [a, b] = ['before', 'after'].map(name => document.querySelector(`video.im-${name}`).currentTime);"
    " return Math.abs(a - b) < 0.2; }"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A Chromium of the system, else the one that Playwright installs.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM, *CAMERA])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, server: Server) -> Iterator:
    """Opens the page for someone new, who sees no error in it."""
    contexts = []

    def open_one(width: int = 1280, height: int = 900, scheme: str = "light"):
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(2 * MINUTE)
        page.on("pageerror", pytest.fail)
        page.goto(server.url)
        page.wait_for_selector("#gallery .im-style img")
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def eval_clip() -> Path:
    path = assets_dir() / "eval" / "videos" / "bbb_cutbunny_audio.mp4"
    if not path.is_file():
        pytest.skip(f"{path} is missing (docs/data.md)")
    return path


@pytest.fixture
def picture_of(tmp_path: Path):
    """Keeps a picture of the page."""
    folder = Path(os.environ.get("IMPASTO_PICTURES", tmp_path))

    def keep(page, name: str) -> None:
        page.screenshot(path=folder / f"serve-{name}.jpg", type="jpeg", quality=82, full_page=True)

    return keep


def choose(page, clip: Path, style: str = "van-gogh-wheat-field") -> None:
    page.set_input_files("#clip input[type=file]", clip)
    page.wait_for_selector("#clip .im-chosen img")
    page.locator(f"#gallery input[value={style}]").check(force=True)
    page.get_by_role("button", name="More: model").click()
    page.get_by_label("Quality").click()
    page.get_by_role("option", name="draft").click()


def start(page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()


def serious(page) -> list[str]:
    """What axe-core finds that keeps people out."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.browser
def test_a_visitor_paints_a_clip(open_page, server: Server, eval_clip: Path, picture_of, tmp_path: Path):
    page = open_page()
    choose(page, eval_clip)
    assert "2 shots" in page.locator("#clip .im-chosen").inner_text()
    page.get_by_role("button", name="What will it take?").click()
    page.wait_for_selector(".im-plan")
    assert "240 in 2 shots" in page.locator(".im-plan").inner_text()

    start(page)
    page.wait_for_selector(".im-job.im-running progress")
    page.locator(".im-job").get_by_role("button", name="Cancel").click()
    page.wait_for_selector(".im-job.im-cancelled")

    start(page)
    page.wait_for_selector(".im-job.im-running .im-preview:not([hidden])")
    server.kill()
    page.wait_for_selector("text=does not answer")
    server.start()
    page.wait_for_selector(".im-job.im-done", timeout=8 * MINUTE)
    assert not serious(page)

    after = page.locator(".im-done video.im-after")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(PLAYED, arg=after.element_handle())
    page.get_by_role("button", name="Pause").click()
    edge = page.get_by_label("How much of the frame shows the clip before")
    edge.fill("35")
    page.wait_for_function(TOGETHER)
    picture_of(page, "light")
    page.get_by_role("button", name="Side by side").click()
    assert not edge.is_visible()
    boxes = [page.locator(f".im-{name}").bounding_box() for name in ("before", "after")]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 3

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "bbb_cutbunny_audio-impasto.mp4"
    result = tmp_path / "result.mp4"
    download.value.save_as(result)
    assert packets_of(result, "audio") == packets_of(eval_clip, "audio")
    alone = page.context.new_page()
    alone.goto(result.as_uri())
    alone.wait_for_function(PLAYED, arg=alone.query_selector("video"))

    page.reload()
    page.wait_for_selector(".im-job.im-done")
    stranger = open_page()
    stranger.wait_for_selector("text=Nothing yet")
    assert stranger.locator(".im-job").count() == 0


def paint(page, time: str) -> None:
    """Bring in a frame and draw a stroke over it."""
    page.get_by_label("Time of the frame").fill(time)
    page.get_by_role("button", name="Bring in the frame").click()
    # It is followed from when it is there.
    page.wait_for_function("() => document.querySelector('#follow input').checked")
    canvas = page.locator("#painting canvas").first
    canvas.wait_for()
    page.wait_for_timeout(2000)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 20, steps=8)
    page.mouse.up()
    page.wait_for_timeout(1000)


@pytest.mark.browser
def test_frames_are_painted_in_the_page(open_page, tmp_path: Path):
    page = open_page()
    choose(page, make_clip(tmp_path / "clip.mp4", size=(160, 120), frames=12))
    page.get_by_role("tab", name="Brush").click()
    paint(page, "0:00")
    page.get_by_role("button", name="Keep it").click()
    page.wait_for_selector("#paintings li")
    paint(page, "0:00.4")
    assert not serious(page)
    page.screenshot(path=tmp_path / "painting.png", full_page=True)
    start(page)
    # Both paintings are learned.
    page.wait_for_selector(".im-job.im-done, .im-job.im-failed", timeout=20 * MINUTE)
    assert page.locator(".im-job.im-done").count() == 1, page.locator(".im-job").inner_text()
    assert "2 of your painted frames" in page.locator(".im-job .im-summary").inner_text()


@pytest.mark.browser
def test_shots_have_styles_and_words_of_their_own(open_page, eval_clip: Path):
    page = open_page()
    page.set_input_files("#clip input[type=file]", eval_clip)
    page.get_by_label("Style of shot 1").select_option("klimt-kiss")
    start(page)
    # Shot 2 goes by nothing yet.
    page.wait_for_selector("#told .im-error >> text=choose a style")
    page.get_by_label("Words for shot 2").fill("black ink on paper")
    page.get_by_label("Words for shot 2").press("Tab")
    page.get_by_role("button", name="What will it take?").click()
    page.wait_for_selector(".im-plan")
    start(page)
    page.wait_for_selector(".im-job")
    assert "looks of single shots" in page.locator(".im-job .im-summary").inner_text()
    page.locator(".im-job").get_by_role("button", name="Cancel").click()


@pytest.mark.browser
def test_a_painted_frame_and_a_moving_mask_of_ones_own(open_page, eval_clip: Path, tmp_path: Path):
    page = open_page()
    choose(page, eval_clip)
    page.wait_for_selector("#shots .im-shots")
    write_picture(tmp_path / "painted.png", next(iter(open_source(eval_clip).frames(235, 236))).rgb)
    page.set_input_files("#shots tbody tr:nth-child(2) input[type=file]", tmp_path / "painted.png")
    page.get_by_role("tab", name="Brush").click()
    page.wait_for_selector("#paintings li img")
    assert page.get_by_label("Time of painted frame 1").input_value() == "0:09.791"
    page.set_input_files("#mask input[type=file]", eval_clip)
    page.wait_for_selector("#mask li")
    page.get_by_role("button", name="What will it take?").click()
    page.wait_for_selector(".im-plan")
    page.get_by_label("Take painted frame 1 away").click()
    assert page.locator("#paintings li").count() == 0


@pytest.mark.browser
def test_a_clip_from_the_camera(open_page):
    page = open_page()
    page.get_by_role("button", name="Record with the camera").click()
    page.wait_for_selector(".im-camera")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Stop recording").click()
    page.wait_for_selector("#clip .im-chosen img")
    assert "recording.webm" in page.locator("#clip .im-chosen").inner_text()


@pytest.mark.browser
def test_what_is_refused_is_said_in_the_page(open_page, tmp_path: Path):
    page = open_page()
    (tmp_path / "list.mp4").write_text("#EXTM3U\nfile:///etc/passwd\n")
    start(page)
    page.wait_for_selector("text=There is no clip yet")
    page.set_input_files("#clip input[type=file]", tmp_path / "list.mp4")
    page.wait_for_selector("#clip .im-status.im-error >> text=not a video")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light"), (390, "dark"), (1280, "light")])
def test_everyone_can_use_it(width: int, scheme: str, open_page, picture_of, eval_clip: Path):
    page = open_page(width, 844, scheme)
    choose(page, eval_clip)
    page.wait_for_selector("#shots .im-shots")
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "it has to be scrolled sideways"
    for tab in ("Pictures", "Words", "Brush", "Paintings"):
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(500)
        assert not serious(page), tab
    if (width, scheme) == (390, "dark"):
        picture_of(page, "phone-dark")


@pytest.mark.browser
def test_it_is_used_by_keyboard_alone(open_page, server: Server, tmp_path: Path):
    page = open_page()
    page.set_input_files("#clip input[type=file]", make_clip(tmp_path / "clip.mp4", frames=8))
    page.wait_for_selector("#clip .im-chosen img")
    reached = []
    page.locator("#clip input[type=file]").focus()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.value || document.activeElement.innerText || ''").strip())
        if reached[-1] == "klimt-kiss":
            page.keyboard.press("Space")
        if reached[-1] == "Start":
            break
    assert reached[-1] == "Start"
    page.keyboard.press("Enter")
    page.wait_for_selector(".im-job")
    assert "The Kiss" in page.locator(".im-job").inner_text()
    page.locator(".im-job").get_by_role("button", name="Cancel").press("Enter")
    page.wait_for_selector(".im-job.im-cancelled")
