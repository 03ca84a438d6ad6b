"""Versions of the packages that decide the pixels of a run."""

from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("impasto", "av", "numpy", "torch", "openvino", "opencv-python-headless", "scenedetect-headless")


def package_versions() -> dict[str, str]:
    """Versions of the packages that decide what comes out; one that is not installed is left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
