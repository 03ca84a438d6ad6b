"""What raters get and what they cannot learn from it; what is refused."""

import json
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from impasto.errors import InputError, OutputProblem, UnreadableInput, UnsupportedOption
from impasto.evaluation.study.key import key_path, read_key
from impasto.evaluation.study.make import StudyConfig, make_study
from impasto.video.source import open_source
from tests.clips import make_clip
from tests.evaluation.study.toys import make_picture


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


def embedded(folder: Path) -> dict:
    """The data that the page carries."""
    page = (folder / "index.html").read_text()
    return json.loads(re.search(r'<script type="application/json" id="study">(.*?)</script>', page, re.DOTALL)[1])


def assert_same(published: Path, given: Path) -> None:
    with Image.open(published) as first, Image.open(given) as second:
        np.testing.assert_array_equal(first, second)


def test_nothing_tells_a_method_or_a_case(folders, tmp_path):
    made = folders("zebrafish", "quagga", cases=("meadow.png", "canyon.jpg", "harbour.mp4", "glacier.mkv"))
    sources, styles = folders(
        "originals-x", "styles-y", cases=("meadow.png", "canyon.png", "harbour.jpg", "glacier.jpg")
    )
    config = StudyConfig(methods=made, sources=tmp_path / sources, styles=tmp_path / styles, raters=3)
    make_study(config, tmp_path / "study", quiet)
    everything = sorted((tmp_path / "study").rglob("*"))
    files = [path for path in everything if path.is_file()]
    assert len(files) == 1 + 4 * 4
    for word in ("zebrafish", "quagga", "meadow", "canyon", "harbour", "glacier", "originals", "styles-y", "impasto"):
        assert not [path for path in everything if word in path.name.lower()]
        assert not [path for path in files if word.encode() in path.read_bytes().lower()]
    media = [path for path in files if path.name != "index.html"]
    assert len({path.stat().st_mtime for path in media}) == 1
    assert all(re.fullmatch(r"[0-9a-f]{16}\.(png|mp4)", path.name) for path in media)


def test_the_key_says_what_is_behind_every_pair(folders, tmp_path):
    """Each picture as the page shows it is the result that the key names, to the pixel."""
    made = folders("one", "two", "three", cases=("cat.png", "dog.png"))
    key = make_study(StudyConfig(methods=made, raters=4, pairs_per_rater=20), tmp_path / "study", quiet)
    assert read_key(key_path(tmp_path / "study")) == key
    shown = embedded(tmp_path / "study")
    assert (shown["study"], shown["questions"]) == (key.study, ["Which do you prefer?"])
    for rater, trials in zip(shown["raters"], key.raters, strict=True):
        for pair, trial in zip(rater, trials, strict=True):
            for side, method in (("left", trial.left), ("right", trial.right)):
                result = made[key.methods[method]] / f"{key.cases[trial.case]}.png"
                assert_same(tmp_path / "study" / pair[side], result)
            assert (pair["source"], pair["style"]) == (None, None)


def test_sources_and_styles_belong_to_their_case(folders, tmp_path):
    methods, shown = (
        folders("one", "two", cases=("cat.png", "dog.png")),
        folders("src", "sty", cases=("cat.png", "dog.png")),
    )
    make_picture(shown["src"] / "more.png", 0)
    config = StudyConfig(methods=methods, sources=shown["src"], styles=shown["sty"], raters=2, pairs_per_rater=2)
    key = make_study(config, tmp_path / "study", quiet)
    for pair, trial in zip(embedded(tmp_path / "study")["raters"][1], key.raters[1], strict=True):
        for role, folder in (("source", "src"), ("style", "sty")):
            assert_same(tmp_path / "study" / pair[role], shown[folder] / f"{key.cases[trial.case]}.png")


def test_a_large_style_picture_is_stored_small(folders, tmp_path):
    (tmp_path / "styles").mkdir()
    Image.new("RGB", (2560, 640), (200, 10, 10)).save(tmp_path / "styles" / "cat.jpg")
    config = StudyConfig(methods=folders("one", "two", cases=("cat.png",)), styles=tmp_path / "styles")
    make_study(config, tmp_path / "study", quiet)
    with Image.open(tmp_path / "study" / embedded(tmp_path / "study")["raters"][0][0]["style"]) as picture:
        assert picture.size == (1280, 320)


def test_videos_become_what_every_browser_plays(folders, tmp_path):
    made = folders("one", cases=())
    made["two"] = tmp_path / "two"
    made["two"].mkdir()
    pictures = [np.full((48, 64, 3), (40 * n, 200 - 30 * n, 90), np.uint8) for n in range(6)]
    make_clip(made["one"] / "cat.mov", frames=6, pictures=pictures, codec="mpeg4", sounds=("eng",))
    make_clip(made["two"] / "cat.mkv", frames=6, pictures=pictures, codec="ffv1", pixel_format="bgr0")
    make_study(StudyConfig(methods=made, raters=1), tmp_path / "study", quiet)
    for path in (tmp_path / "study" / "media").iterdir():
        with av.open(path) as container:
            (stream,) = container.streams
            assert (stream.codec.name, stream.pix_fmt) == ("h264", "yuv420p")
        for number, frame in enumerate(open_source(path).frames()):
            assert frame.time == Fraction(number, 25)
            assert np.abs(frame.rgb - pictures[number].astype(float)).max() <= 6
        assert number == 5


def test_one_rater_more_or_another_picture_is_another_study(folders, tmp_path):
    made = folders("one", "two")
    first, again = (make_study(StudyConfig(methods=made), tmp_path / name, quiet) for name in ("a", "b"))
    more = make_study(StudyConfig(methods=made, raters=21), tmp_path / "c", quiet)
    make_picture(made["one"] / "cat.png", seed=99)
    other = make_study(StudyConfig(methods=made), tmp_path / "d", quiet)
    assert first.study == again.study
    assert len({first.study, more.study, other.study}) == 3


def test_a_question_cannot_break_out_of_the_page(folders, tmp_path):
    question = '</script><script>alert("x")</script> /* program */'
    make_study(StudyConfig(methods=folders("one", "two"), questions=(question,)), tmp_path / "study", quiet)
    page = (tmp_path / "study" / "index.html").read_text()
    assert embedded(tmp_path / "study")["questions"] == [question]
    assert "<script>alert" not in page
    assert page.count("</script>") == 2


def test_the_page_asks_nobody_else(folders, tmp_path):
    make_study(StudyConfig(methods=folders("one", "two")), tmp_path / "study", quiet)
    page = (tmp_path / "study" / "index.html").read_text()
    assert not re.findall(r"https?:|//\w+\.|@import|fetch\(|XMLHttp", page)
    assert page.count("/* style */") == page.count("/* program */") == page.count("/* study */") == 0


class TestRefusals:
    @pytest.fixture
    def refused(self, tmp_path):
        """The sentence of a refusal, after which nothing new lies there."""

        def run(kind: type[Exception], **config: object) -> str:
            before = sorted(tmp_path.rglob("*"))
            with pytest.raises(kind) as caught:
                make_study(StudyConfig(**config), tmp_path / "study", quiet)
            assert sorted(tmp_path.rglob("*")) == before
            return str(caught.value)

        return run

    def test_one_method(self, folders, refused):
        assert "needs two methods or more and has 1;" in refused(InputError, methods=folders("one"))

    def test_missing_cases(self, folders, refused):
        made = folders("one", "two", cases=("a.png", "b.png", "c.png"))
        (made["two"] / "a.png").unlink()
        (made["two"] / "c.png").rename(made["two"] / "d.png")
        assert "one' has no file for case 'd';" in refused(InputError, methods=made)
        (made["two"] / "d.png").unlink()
        assert "two' has no file for case 'a', 'c';" in refused(InputError, methods=made)

    def test_many_missing_cases_are_not_all_named(self, folders, refused):
        made = folders("one", "two", cases=tuple(f"{number}.png" for number in range(9)))
        for number in range(1, 9):
            (made["two"] / f"{number}.png").unlink()
        assert "case '1', '2', '3', '4', '5' and 3 more;" in refused(InputError, methods=made)

    def test_a_source_is_missing(self, folders, refused):
        made, shown = folders("one", "two"), folders("src", cases=("cat.png",))
        assert "src' has no file for case 'dog';" in refused(InputError, methods=made, sources=shown["src"])

    def test_two_files_of_one_stem(self, folders, refused):
        made = folders("one", "two", cases=("cat.png", "cat.jpg"))
        assert "holds 'cat.jpg' and 'cat.png', two files of one case" in refused(InputError, methods=made)

    def test_nothing_in_a_folder(self, folders, refused):
        made = folders("one", "two", cases=())
        (made["one"] / "cat.run.json").write_text("{}")
        (made["one"] / ".cat.png").write_text("")
        assert "one' holds no video and no picture" in refused(UnreadableInput, methods=made)

    def test_no_such_folder(self, folders, refused, tmp_path):
        made = {**folders("one"), "two": tmp_path / "nowhere"}
        assert "No such folder: '" in refused(UnreadableInput, methods=made)

    def test_a_broken_picture(self, folders, refused):
        made = folders("one", "two")
        (made["one"] / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        assert "cat.png'" in refused(UnreadableInput, methods=made)

    def test_videos_of_different_length(self, folders, refused):
        made = folders("one", "two", cases=("cat.mp4",))
        make_clip(made["two"] / "cat.mp4", frames=20)
        assert "Case 'cat' lasts 0.16 s of 'one', 0.80 s of 'two'" in refused(InputError, methods=made)

    def test_a_picture_beside_a_video(self, folders, refused):
        made = folders("one", "two", cases=("cat.mp4",))
        (made["two"] / "cat.mp4").unlink()
        make_picture(made["two"] / "cat.png", 0)
        assert "Case 'cat' is a picture of one method, a video of another" in refused(InputError, methods=made)

    def test_numbers_out_of_range(self, folders, refused):
        made = folders("one", "two")
        assert refused(UnsupportedOption, methods=made, raters=0).startswith("0 raters")
        assert refused(UnsupportedOption, methods=made, pairs_per_rater=-1).startswith("-1 pairs")
        assert "question is empty" in refused(UnsupportedOption, methods=made, questions=("Which?", " "))

    def test_a_study_that_is_there_already(self, folders, refused, tmp_path):
        made = folders("one", "two")
        make_study(StudyConfig(methods=made), tmp_path / "study", quiet)
        assert "exists, and its links may be in use" in refused(OutputProblem, methods=made)
        (tmp_path / "study").rename(tmp_path / "sent")
        assert "study-key.json' exists" in refused(OutputProblem, methods=made)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "study-key 1"}', '{"format": "study-ratings 1"}', "[" * 99999]
)
def test_refuses_what_is_no_key(tmp_path, text):
    (tmp_path / "key.json").write_text(text)
    with pytest.raises(UnreadableInput, match=r"key\.json' is not the key of a study"):
        read_key(tmp_path / "key.json")


def test_refuses_a_key_whose_pairs_do_not_exist(folders, tmp_path):
    make_study(StudyConfig(methods=folders("one", "two"), raters=1), tmp_path / "study", quiet)
    path = key_path(tmp_path / "study")
    held = json.loads(path.read_text())
    for wrong in ({"left": "three"}, {"case": "horse"}, {"repeats": 99}, {"repeats": "0"}):
        trials = [{**held["raters"][0][0], **wrong}]
        path.write_text(json.dumps({**held, "raters": [trials]}))
        with pytest.raises(UnreadableInput, match="is not the key of a study"):
            read_key(path)
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_key(tmp_path / "none.json")
