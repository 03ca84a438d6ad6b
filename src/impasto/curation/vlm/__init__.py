"""Vision-language models that look at clips, by name or address.

* `model`: the interface. `qwen`: Qwen2.5-VL by transformers; `impasto.curation.endpoint` is another.
* `looking`: what is asked of them.
"""

from functools import cache

from impasto.curation.endpoint import is_address
from impasto.curation.vlm.model import VisionLanguage
from impasto.errors import UnsupportedOption

QWEN = "qwen"


@cache
def find_vlm(name: str) -> VisionLanguage:
    """The model of that name, or at that address.

    Raises:
        ModelError: its files are missing and may not or cannot be fetched.
        UnsupportedOption: there is none.
    """
    if is_address(name):
        from impasto.curation.endpoint import Endpoint

        return Endpoint(name)
    if name == QWEN:
        from impasto.curation.vlm.qwen import load

        return load()
    raise UnsupportedOption(
        f"{name!r} looks at nothing; give qwen, or an address such as http://localhost:8000/v1#MODEL."
    )
