"""Recipe of the illusion pairs, from which the global projector learns what style is (StyleMaster, section 3.1).

Run: `impasto train stylemaster-illusions`, after the nano models and `clip-nano`. Goes on where it was stopped.

Legend: B pictures, C channels, H height, W width, E numbers of a vector.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from impasto.diffusion.embedded import BASE, VAE
from impasto.errors import InputError
from impasto.perception.clipnano import WEIGHTS, embedded_clip_nano
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.training.csdpictures import Progress
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.illusions import Painted, TextToImage, denoise
from impasto.training.stylemaster.illusionwords import OBJECTS, STYLES
from impasto.training.stylemaster.views import IDENTITY, VIEWS
from impasto.video.files import writing, written_atomically
from impasto.video.pictures import write_picture
from impasto.weights.paths import weights_file


@dataclass(frozen=True)
class IllusionRun:
    model: str = "nano"
    """A name of `impasto.training.stylemaster.texttoimage`."""
    pairs: int = 100
    steps: int = 10
    """As many as a core paints in a quarter of an hour with the nano base. The paper: 10,000 pairs; the released
    generator: 30 steps."""
    views: tuple[str, ...] = ("jigsaw", "flip", "rotation")
    """One is drawn for each pair; the other picture is the canvas itself."""
    least_cosine: float = 0.1
    """Of both pictures with the names of what they show, for a pair to be learned from."""


@dataclass(frozen=True)
class Pair:
    """What two pictures of one canvas show."""

    style: str
    objects: tuple[str, str]
    view: str
    """Of the second picture."""

    @property
    def painted(self) -> tuple[Painted, Painted]:
        first, second = (f"{self.style} {name}" for name in self.objects)
        return Painted(IDENTITY, first), Painted(VIEWS[self.view], second)


def pair_of(run: IllusionRun, number: int) -> Pair:
    """The pair of a number; chance hangs on the number alone."""
    rng = np.random.default_rng(number)
    first, second = rng.choice(len(OBJECTS), 2, replace=False)
    return Pair(STYLES[rng.integers(len(STYLES))], (OBJECTS[first], OBJECTS[second]), str(rng.choice(run.views)))


class IllusionPairs:
    """The folder of the pairs, made or not: two pictures each, and a record that is written last."""

    def __init__(self, run: IllusionRun, folder: Path | None = None) -> None:
        self.run = run
        self.folder = folder or _folder(run)

    def make(self, model: TextToImage, space: JointSpace) -> Iterator[Progress]:
        """Paint the pairs that are missing; yields after each.

        Raises:
            OutputProblem, ResourceError: the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in range(self.run.pairs):
            record = self._record(number)
            if record.exists():
                continue
            pair = pair_of(self.run, number)
            views_BCHW = self._paint(model, pair, number)
            for place, rgb_CHW in enumerate(views_BCHW):
                pixels = (255 * rgb_CHW.movedim(0, -1)).round().to(torch.uint8).cpu().numpy()
                write_picture(self._picture(number, place), pixels)
            vectors_BE = space.picture(views_BCHW).pooled.float().cpu()
            cosines_B = (vectors_BE * space.text(pair.objects).float().cpu()).sum(1)
            shown = asdict(pair) | {"cosines": cosines_B.tolist()}
            with written_atomically(record) as partial, writing(record):
                partial.write_bytes(save({"vectors": vectors_BE.contiguous()}, {"pair": json.dumps(shown)}))
            yield Progress(number + 1, self.run.pairs, f"{pair.style} {' / '.join(pair.objects)}")

    def pictures(self, number: int) -> tuple[Path, Path]:
        """Files of both pictures of a pair that was made."""
        return self._picture(number, 0), self._picture(number, 1)

    @cached_property
    def kept(self) -> list[tuple[int, Pair]]:
        """Numbers of the pairs that were made and show what they should; raises `InputError` where there is none."""
        shown = []
        for number in range(self.run.pairs):
            if self._record(number).exists():
                with safe_open(self._record(number), "pt") as file:
                    row = json.loads(file.metadata()["pair"])
                if min(row.pop("cosines")) >= self.run.least_cosine:
                    shown.append((number, Pair(**row | {"objects": tuple(row["objects"])})))
        if not shown:
            raise InputError(
                f"No illusion pair in {str(self.folder)!r} shows its objects with a cosine of "
                f"{self.run.least_cosine:g} or more; run `impasto train stylemaster-illusions`, or lower it."
            )
        return shown

    def vectors(self, number: int) -> Tensor:
        """Unit vectors [2, E] of both pictures of a pair that was made."""
        with safe_open(self._record(number), "pt") as file:
            return file.get_tensor("vectors")

    def _paint(self, model: TextToImage, pair: Pair, number: int) -> Tensor:
        """Both views [2, C, H, W] in [0, 1]."""
        noise_BCHW = torch.randn((1, *model.latent_shape), generator=torch.Generator().manual_seed(number))
        *_, latents = denoise(model, pair.painted, noise_BCHW, self.run.steps)
        canvas_BCHW = model.decode(latents).clamp(0, 1)
        return torch.cat([painted.view.there(canvas_BCHW) for painted in pair.painted])

    def _record(self, number: int) -> Path:
        return self.folder / f"{number:05d}.safetensors"

    def _picture(self, number: int, place: int) -> Path:
        return self.folder / f"{number:05d}-{place + 1}.png"


def _folder(run: IllusionRun) -> Path:
    """Named by all that the pairs depend on; raises `ModelError` where weights are missing."""
    painters = [BASE, VAE] if run.model == "nano" else []
    key = content_key([weights_file(name) for name in (*painters, WEIGHTS)], run.steps, run.views)
    return shard_folder(f"illusions-{run.model}-{key}")


def train(run: IllusionRun) -> Iterator[Progress]:
    """Paint the pairs that are missing into the cache folder.

    Raises:
        ModelError: weights of the text-to-image model or of `clip-nano` are missing.
    """
    from impasto.training.stylemaster.texttoimage import text_to_image

    yield from IllusionPairs(run).make(text_to_image(run.model), embedded_clip_nano())
