"""What parts of StyleMaster learn from beside the latents of the nano base: seen once in each clip, and kept.

Legend: T frames, H height, W width, C channels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.torch import load_file
from torch import Tensor

from impasto.errors import InputError
from impasto.training.csdpictures import Progress
from impasto.training.group import Group
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.latents import Example, examples
from impasto.training.nano.shards import Part, read_notes, shard_files, write_shard
from impasto.training.stylemaster.ground import Ground
from impasto.weights.rows import SCALE, from_bytes, to_bytes

Look = Callable[[str, Tensor, Sequence[str]], dict[str, Tensor]]
"""From the name of a clip, its frames [T, H, W, 3] as bytes and its captions; nothing where the clip does not serve."""


@dataclass(frozen=True)
class Seen:
    """A clip: its latents and captions, and what was seen in it."""

    example: Example
    stored: dict[str, Tensor]

    def read(self, what: str) -> Tensor:
        """One of the tensors that were looked up, float32."""
        return from_bytes({key: self.stored[key] for key in (what, what + SCALE) if key in self.stored})[what]


@dataclass(frozen=True)
class Aspect:
    """One thing to see in all clips.

    Args:
        folder: of its shards, named by what it depends on.
        recipe: that trains on it, and makes it before.
        ground: whose clips are looked at.
    """

    folder: Path
    recipe: str
    look: Look
    ground: Ground

    def make(self, shards: int | None = None) -> Iterator[Progress]:
        """Look at the shards of clips that were not looked at yet, this process its share; yields after each.

        Args:
            shards: of each part, that count; None: all.

        Raises:
            InputError: there are no clips.
        """
        parts: tuple[Part, ...] = ("train", "held")
        files = [file for part in parts for file in shard_files(self.ground.clips, part, CLIPS)[:shards]]
        for number, file in Group().deal(files):
            path = self.folder / file.name
            if not path.exists():
                self._write(path, file)
                yield Progress(number, len(files), path.stem)

    def seen(self, part: Part, shards: int | None = None) -> list[Seen]:
        """All clips of the shards that count, as far as they serve.

        Raises:
            InputError: there are none.
            ModelError: weights that made their latents are missing.
        """
        looked: dict[str, dict[str, Tensor]] = {}
        for file in shard_files(self.folder, part, self.recipe)[:shards]:
            for key, value in load_file(file).items():
                name, _, what = key.partition("/")
                looked.setdefault(name, {})[what] = value
        known = examples(part, self.ground.latents)
        found = [Seen(example, looked[example.name]) for example in known if example.name in looked]
        if not found:
            raise InputError(f"No clip in {str(self.folder)!r} serves for {self.recipe!r}; make more of them.")
        return found

    def _write(self, path: Path, clips: Path) -> None:
        tensors, notes, frames = {}, read_notes(clips), load_file(clips)
        for name, captions in notes.items():
            stored = to_bytes(self.look(name, frames[name], captions))
            tensors |= {f"{name}/{what}": value for what, value in stored.items()}
        write_shard(path, tensors, notes)


def alike(found: Sequence[Seen], rng: np.random.Generator, count: int) -> list[Seen]:
    """Random clips of one length and size."""
    shape = found[int(rng.integers(len(found)))].example.shape
    fitting = [one for one in found if one.example.shape == shape]
    return [fitting[int(number)] for number in rng.integers(len(fitting), size=count)]
