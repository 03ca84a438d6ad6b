"""The page in a browser: what the raters do with it is what they wanted to say."""

import json
import shutil
from pathlib import Path

import pytest

from impasto.evaluation.study.make import StudyConfig, make_study
from impasto.evaluation.study.ratings import read_ratings
from impasto.evaluation.study.score import score_study
from tests.clips import make_clip


@pytest.fixture
def page():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A Chromium of the system, else the one that Playwright installs.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        opened = browser.new_page(viewport={"width": 1000, "height": 700})
        opened.on("pageerror", pytest.fail)
        yield opened
        browser.close()


@pytest.mark.browser
def test_a_rater_answers_undoes_stops_and_goes_on(page, folders, tmp_path: Path):
    """Two questions on two pairs, one of videos: by keys, undone, gone on with after a pause, saved."""
    config = StudyConfig(
        methods=folders("one", "two", cases=("cat.mp4", "dog.png")), questions=("First?", "Second?"), raters=2
    )
    key = make_study(config, tmp_path / "study", lambda done, total: None)
    ready, count, question = "[data-answer=left]:enabled", page.locator("#count"), page.locator("#question")

    page.goto((tmp_path / "study" / "index.html").as_uri())
    page.fill("input[name=rater]", "2")
    page.press("input[name=rater]", "Enter")
    page.click("#begin")
    for pressed, wanted in [("ArrowLeft", "Second?"), ("ArrowDown", "First?"), ("ArrowRight", "Second?")]:
        page.wait_for_selector(ready)
        page.keyboard.press(pressed)
        assert question.inner_text() == wanted
    page.keyboard.press("u")
    assert (count.inner_text(), question.inner_text()) == ("2 of 2", "First?")

    page.reload()
    assert page.locator("#begin").inner_text() == "Go on"
    page.click("#begin")
    page.wait_for_selector(ready)
    assert (count.inner_text(), question.inner_text()) == ("2 of 2", "First?")
    page.click("[data-answer=right]")
    page.click("[data-answer=equal]")
    with page.expect_download() as download:
        page.click("#end .save")
    assert download.value.suggested_filename == "ratings-2.json"
    download.value.save_as(tmp_path / "ratings-2.json")

    (ratings,) = read_ratings([tmp_path / "ratings-2.json"], key)
    words = [(each.trial, each.question, each.answer) for each in ratings.answers]
    assert words == [(0, 0, "left"), (0, 1, "equal"), (1, 0, "right"), (1, 1, "equal")]
    assert all("at" in each for each in json.loads((tmp_path / "ratings-2.json").read_text())["ratings"])
    assert score_study(key, [ratings]).answers == 4


@pytest.mark.browser
def test_videos_play_in_step(page, folders, tmp_path: Path):
    made = folders("one", "two", cases=())
    for folder in made.values():
        make_clip(folder / "cat.mp4", frames=250)
    make_study(StudyConfig(methods=made, sources=made["one"]), tmp_path / "study", lambda done, total: None)
    page.goto((tmp_path / "study" / "index.html").as_uri() + "?rater=1")
    page.click("#begin")
    page.wait_for_function("document.querySelector('#source video')?.currentTime > 0.2")
    page.keyboard.press("Space")
    page.evaluate("document.querySelector('#right video').currentTime = 8")
    page.evaluate("document.querySelector('#source video').currentTime = 0")
    page.wait_for_timeout(500)
    videos = "[...document.querySelectorAll('video')]"
    times = page.evaluate(f"{videos}.map(video => video.currentTime)")
    assert len(times) == 3
    assert 0.2 < max(times) < min(times) + 0.08
    assert page.evaluate(f"{videos}.every(video => video.paused)")
