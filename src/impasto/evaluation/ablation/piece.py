"""What is trained for the rows of an ablation: each piece once for all rows that use it, kept in the cache folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from impasto.evaluation.tables.code import code_digest
from impasto.video.files import remove
from impasto.weights.paths import cache_dir

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Weights that are trained by themselves."""

    method: str
    """Whose they are: names their folder."""
    name: str
    about: str
    """What they depend on, beside the code and the pieces they are built on."""
    code: tuple[str, ...]
    """The modules that decide what is learned."""
    train: Callable[[Path], Iterator[Any]]
    """Writes the file that it is given."""
    needs: tuple["Piece", ...] = ()

    @property
    def key(self) -> str:
        """Changes with whatever decides the weights; hexadecimal."""
        together = f"{self.about} {[piece.key for piece in self.needs]} {code_digest(self.code)}"
        return sha256(together.encode()).hexdigest()[:16]

    @property
    def file(self) -> Path:
        return cache_dir() / "tables" / self.method / f"{self.name}-{self.key}.safetensors"

    def make(self, say: Say) -> None:
        """Train it, and what it is built on, unless that is done; raises as the recipes do."""
        for piece in self.needs:
            piece.make(say)
        if self.file.exists():
            return
        unfinished = self.file.with_suffix(".unfinished.safetensors")
        for progress in self.train(unfinished):
            say(f"  {self.name}: {' '.join(f'{name} {value}' for name, value in vars(progress).items())}")
        unfinished.replace(self.file)
        # With the moments of its gradients a checkpoint is four times as large, and no longer needed.
        for checkpoint in (cache_dir() / "training").glob(f"*{unfinished.stem}.safetensors"):
            remove(checkpoint)
