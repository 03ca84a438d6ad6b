# OpenCV's own stubs reject correct calls (None as destination, arrays of known type): here it is plainly untyped.
from typing import Any

def __getattr__(name: str) -> Any: ...
