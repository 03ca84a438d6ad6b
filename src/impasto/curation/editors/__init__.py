"""What edits a picture as an instruction says, by name or address; `editor`: the interface."""

from collections.abc import Callable

from impasto.curation.editors.editor import Editor
from impasto.curation.endpoint import Endpoint, is_address
from impasto.errors import UnsupportedOption


def _qwen_image() -> Editor:
    from impasto.curation.editors.qwenimage import load

    return load()


EDITORS: dict[str, Callable[[], Editor]] = {"qwen-image-edit": _qwen_image}


def is_editor(name: str) -> bool:
    return is_address(name) or name in EDITORS


def find_editor(name: str) -> Callable[[], Editor]:
    """What loads the editor of that name, or speaks to that address; raises `UnsupportedOption` where it is neither."""
    if is_address(name):
        endpoint = Endpoint(name)
        return lambda: endpoint
    if name not in EDITORS:
        raise UnsupportedOption(
            f"{name!r} is no editor; give {', '.join(EDITORS)} or an address such as "
            "http://localhost:8000/v1#qwen-image-edit."
        )
    return EDITORS[name]
