"""`dreamstyle` as a pipeline of diffusers: import the class, or give this folder as `custom_pipeline`.

    pipe = DiffusionPipeline.from_pretrained(WAN_I2V, custom_pipeline=FOLDER, trust_remote_code=True).to("cuda")
    pipe.load_adapters("dreamstyle-wan-14b.safetensors")
    frames = pipe(video, "a woodcut", style_images=[picture]).frames[0]

Legend: T frames, H height, W width. Frames are numpy float32 RGB [T, H, W, 3] in [0, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.utils.outputs import BaseOutput
from PIL.Image import Image
from transformers import CLIPVisionModel, UMT5EncoderModel

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import WAN_14B_I2V
from impasto.diffusion.pictures import PictureReader
from impasto.diffusion.text import TextReader
from impasto.errors import ModelError
from impasto.guidance import Guidance, Style
from impasto.stylizers.base import Preset
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.model import FORMAT, DreamStyle
from impasto.stylizers.dreamstyle.stylizer import DreamStyleStylizer, Engine
from impasto.stylizers.dreamstyle.wan import windows_of
from impasto.stylizers.memoryshot import MemoryShot


@dataclass
class DreamStyleOutput(BaseOutput):
    frames: np.ndarray
    """[1, T, H, W, 3]"""


class DreamStylePipeline(DiffusionPipeline):
    """The components are those of Wan's image-to-video folder, which diffusers loads and places; no scheduler, since
    the sampler is Impasto's own.

    Args:
        window: frames that are painted at once, 4n + 1; longer clips go on from window to window.
        pixels: of a frame that it works at, about; the result has the size of the video.
        shift: of the noise levels.
    """

    def __init__(
        self,
        transformer: WanTransformer3DModel,
        vae: AutoencoderKLWan,
        text_encoder: UMT5EncoderModel,
        tokenizer: Any,
        image_encoder: CLIPVisionModel,
        image_processor: Any,
        window: int = WAN_14B_I2V.frames,
        pixels: int = WAN_14B_I2V.pixels,
        shift: float = WAN_14B_I2V.shift,
    ) -> None:
        super().__init__()
        self.register_modules(
            transformer=transformer,
            vae=vae,
            text_encoder=text_encoder,
            tokenizer=tokenizer,
            image_encoder=image_encoder,
            image_processor=image_processor,
        )
        self.register_to_config(window=window, pixels=pixels, shift=shift)
        self._model: DreamStyle | None = None

    def load_adapters(self, path: str | Path) -> None:
        """Attach what was learned to the transformer; what was attached before goes.

        Raises:
            ModelError: the file is broken, or of another base.
        """
        if self._model is not None:
            self._model.detach()
        base = FORMAT.read(Path(path)).base
        self._model = DreamStyle.from_file(self.transformer, base, Path(path)).eval()
        self._model.parts_to(self.transformer.dtype)
        self._model.to(self.transformer.device)

    @torch.no_grad()
    def __call__(
        self,
        video: np.ndarray | Sequence[Image],
        prompt: str = "",
        *,
        style_images: Sequence[Image] = (),
        first_frame: Image | None = None,
        scales: Scales = Scales(),  # noqa: B008 (a tuple)
        preset: Preset = "standard",
        seed: int = 0,
    ) -> DreamStyleOutput:
        """Repaint one shot.

        Args:
            video: uint8, floats in [0, 1], or pictures.
            first_frame: its first frame, painted.
            scales: of text, look and context (`impasto.stylizers.dreamstyle.guidance`).
            preset: draft, standard or high: more steps.

        Raises:
            ImpastoError: a picture is of another scene, memory is short, or no adapters are loaded.
        """
        frames = _frames(video)
        with TemporaryDirectory() as folder:
            guidance = Guidance(
                prompt=prompt or None,
                styles=tuple(Style(image=_saved(image, folder, f"{n}.png")) for n, image in enumerate(style_images)),
                first_frame=None if first_frame is None else _saved(first_frame, folder, "first.png"),
                seed=seed,
            )
            stylizer = DreamStyleStylizer(preset, self._engine(scales))
            stylizer.prepare(guidance, MemoryShot(list(frames)), lambda share: None)
            return DreamStyleOutput(frames=np.stack(list(stylizer.stylize(frames, {})))[None])

    def _engine(self, scales: Scales) -> Engine:
        if self._model is None:
            raise ModelError("No adapters are loaded; call load_adapters with a file of DreamStyle's first.")
        return Engine(
            model=self._model,
            autoencoder=Autoencoder(self.vae).to(self.device),
            look=PictureReader(self.image_encoder, self.image_processor),
            read=TextReader(self.text_encoder, self.tokenizer),
            shift=self.config["shift"],
            pixels=self.config["pixels"],
            windows=windows_of(self.config["window"]),
            scales=scales,
            device=self.device,
        )


def _frames(video: np.ndarray | Sequence[Image]) -> np.ndarray:
    frames = np.stack([np.asarray(frame)[..., :3] for frame in video])
    return frames.astype(np.float32) / (255 if frames.dtype == np.uint8 else 1)


def _saved(image: Image, folder: str, name: str) -> Path:
    path = Path(folder) / name
    image.save(path)
    return path
