"""A study of small pictures, on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_clip
from tests.evaluation.study.toys import make_picture

Folders = Callable[..., dict[str, Path]]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Makes a folder for each method with a result for each case, the name of the method in its tags."""

    def make(*methods: str, cases: tuple[str, ...] = ("cat.png", "dog.jpg")) -> dict[str, Path]:
        made = {}
        for number, method in enumerate(methods):
            made[method] = tmp_path / method
            made[method].mkdir()
            for place, case in enumerate(cases):
                path = made[method] / case
                if path.suffix in (".png", ".jpg"):
                    make_picture(path, 10 * number + place, method)
                else:
                    make_clip(path, frames=4, metadata={"comment": method, "title": method}, sounds=("eng",))
        return made

    return make
