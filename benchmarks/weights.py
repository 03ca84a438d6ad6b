"""Megabytes (1e6 bytes) of what is embedded in the package, and of what `swift` needs of it."""

from benchmarks.harness import Measurement, main
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.stylizers.feedforward.styles import STYLES
from impasto.stylizers.feedforward.weights import SWIFT
from impasto.weights.paths import EMBEDDED, weights_file

MEGABYTE = 1e6


def measure(quick: bool = False) -> Measurement:
    files = {
        str(path.relative_to(EMBEDDED)): path.stat().st_size
        for path in sorted(EMBEDDED.rglob("*"))
        if path.suffix in {".safetensors", ".jpg"}
    }
    main_files = {name: weights_file(name).stat().st_size for name in (SWIFT, ENCODER, STYLES)}
    return Measurement(
        {"megabytes": sum(files.values()) / MEGABYTE, "megabytes_main": sum(main_files.values()) / MEGABYTE},
        {"unit": "1e6 bytes", "main": main_files, "files": files},
    )


if __name__ == "__main__":
    main("weights", measure)
