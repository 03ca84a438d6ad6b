"""One frame in every named style that a description finds: a sheet to choose from.

python examples/choose.py photo.jpg "calm blue landscape" sheet.png
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import impasto
from impasto.job.catalog import style_facts
from impasto.job.compare import compare


def main(picture: str, description: str, sheet: str) -> None:
    found = style_facts(search=description)[:5]
    with TemporaryDirectory() as folder:
        painted = [Path(picture)]
        for style in found:
            painted.append(Path(folder) / f"{style.name}.png")
            impasto.stylize(picture, style=style.name, output=painted[-1], preset="draft")
            print(f"{style.name}: {style.title}, {style.artist} ({style.licence})")
        compare(painted, Path(sheet), overwrite=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
