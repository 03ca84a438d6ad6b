"""The nodes, each a class as docs/comfyui.md describes them. A batch of images is the frames of one shot, in order."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import Tensor

import impasto
from impasto.comfy.pictures import Shares, batch_of, frames_of, saved, styles_in, the_one
from impasto.errors import InputError
from impasto.job.catalog import style_facts
from impasto.stylizers.registry import find_model, models
from impasto.weights.paths import cache_dir

IMAGE, MASK, STYLES, NET = ("IMAGE",), ("MASK",), ("IMPASTO_STYLES",), ("IMPASTO_NET",)
NO_NAME = "-"
NAME = ("STRING", {"default": "net"})
STEPS = ("INT", {"default": 1500, "min": 1, "max": 100_000})
SEED = ("INT", {"default": 0, "min": 0, "max": 2**31 - 1})
Inputs = dict[str, dict[str, tuple[Any, ...]]]


class MixStyles:
    DESCRIPTION = "One style more, with its weight, beside those that came before."
    CATEGORY, FUNCTION = "Impasto", "mix"
    RETURN_TYPES, RETURN_NAMES = STYLES, ("styles",)

    @classmethod
    def INPUT_TYPES(cls) -> Inputs:  # noqa: N802 (ComfyUI's name)
        names = [NO_NAME, *(style.name for style in style_facts())]
        weight = ("FLOAT", {"default": 1.0, "min": 0.01, "max": 100.0, "step": 0.01})
        return {"required": {"weight": weight, "name": (names,)}, "optional": {"picture": IMAGE, "styles": STYLES}}

    def mix(self, weight: float, name: str, picture: Tensor | None = None, styles: Shares = ()) -> tuple[Shares]:
        if (picture is None) == (name == NO_NAME):
            raise InputError("A style is a picture or a name: connect a picture, or choose a name, one of the two.")
        return ((*styles, (name if picture is None else the_one(picture, "style"), weight)),)


class Stylize:
    DESCRIPTION = "Repaint frames."
    CATEGORY, FUNCTION = "Impasto", "stylize"
    RETURN_TYPES, RETURN_NAMES = IMAGE, ("frames",)

    @classmethod
    def INPUT_TYPES(cls) -> Inputs:  # noqa: N802
        amount = {"min": 0.0, "max": 1.0, "step": 0.01}
        able = [model for model in models().values() if model.capabilities.repaints]
        required = {
            "frames": IMAGE,
            "model": ([model.name for model in able if "style" in model.capabilities.takes],),
            "preset": (["draft", "standard", "high"], {"default": "standard"}),
            "strength": ("FLOAT", {"default": 1.0, **amount}),
            "structure": ("FLOAT", {"default": 0.0, **amount}),
            "preserve_color": ("BOOLEAN", {"default": False}),
            "seed": SEED,
        }
        prompt = ("STRING", {"default": "", "multiline": True})
        optional = {"style": IMAGE, "styles": STYLES, "prompt": prompt, "first_frame": IMAGE, "mask": MASK, "net": NET}
        return {"required": required, "optional": optional}

    def stylize(
        self,
        frames: Tensor,
        style: Tensor | None = None,
        styles: Shares = (),
        prompt: str = "",
        first_frame: Tensor | None = None,
        mask: Tensor | None = None,
        net: str | None = None,
        **options: Any,
    ) -> tuple[Tensor]:
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if net is not None:
                options["model"] = net
                if options["preset"] not in find_model(net).capabilities.presets:
                    options["preset"] = "standard"  # a taught net has no other
            if first_frame is not None:
                options["first_frame"] = saved(folder / "first", [the_one(first_frame, "first frame")])
            if mask is not None:
                options["mask"] = saved(folder / "mask", frames_of(mask[..., None].expand(-1, -1, -1, 3)))
            shares = styles if style is None else (*styles, (the_one(style, "style"), 1.0))
            options |= {"style": styles_in(folder, shares), "prompt": prompt or None}
            return (batch_of(impasto.stylize_frames(frames_of(frames), **options)),)


class LearnStyle:
    DESCRIPTION = "Teach a network one style, on these frames; its file stays in the cache folder."
    CATEGORY, FUNCTION = "Impasto", "learn"
    RETURN_TYPES, RETURN_NAMES = NET, ("net",)
    INPUT_TYPES = staticmethod(
        lambda: {"required": {"frames": IMAGE, "styles": STYLES, "name": NAME, "steps": STEPS, "seed": SEED}}
    )

    def learn(self, frames: Tensor, styles: Shares, name: str, steps: int, seed: int) -> tuple[str]:
        from impasto.training.learn import LearnRun, learn
        from impasto.training.learning import LearnConfig

        output, config = _net_file(name), LearnConfig(steps=steps, seed=seed)
        with TemporaryDirectory() as folder:
            looks, on = styles_in(Path(folder), styles), saved(Path(folder) / "frames", frames_of(frames))
            for _ in learn(LearnRun(styles=tuple(looks), on=(on,), output=output, overwrite=True, config=config)):
                pass
        return (str(output),)


class TokenLora:
    DESCRIPTION = "A token LoRA of DreamStyle's from the cache folder, for Stylize."
    CATEGORY, FUNCTION = "Impasto", "load"
    RETURN_TYPES, RETURN_NAMES = NET, ("net",)
    INPUT_TYPES = staticmethod(lambda: {"required": {"name": NAME}})

    def load(self, name: str) -> tuple[str]:
        return (find_model(str(_net_file(name))).name,)


class Deflicker:
    DESCRIPTION = "Steady frames that were painted one by one, along the motion of the frames as they were."
    CATEGORY, FUNCTION = "Impasto", "steady"
    RETURN_TYPES, RETURN_NAMES = IMAGE, ("frames",)
    INPUT_TYPES = staticmethod(lambda: {"required": {"frames": IMAGE}, "optional": {"guide": IMAGE}})

    def steady(self, frames: Tensor, guide: Tensor | None = None) -> tuple[Tensor]:
        if guide is not None and len(guide) != len(frames):
            raise InputError(f"The guide has {len(guide)} frames and there are {len(frames)} to steady; give as many.")
        with TemporaryDirectory() as name:
            path = None if guide is None else saved(Path(name) / "guide", frames_of(guide))
            return (batch_of(impasto.stylize_frames(frames_of(frames), model="deflicker", guide=path)),)


def _net_file(name: str) -> Path:
    # Workflows are passed on: none may name a file that lies elsewhere.
    if not name or Path(name).name != name:
        raise InputError(f"{name!r} is no name for a net; give one without folders.")
    return cache_dir() / f"{name}.safetensors"


_NODES = (Stylize, LearnStyle, MixStyles, TokenLora, Deflicker)
NODE_CLASS_MAPPINGS: dict[str, Any] = {f"Impasto{node.__name__}": node for node in _NODES}
NODE_DISPLAY_NAME_MAPPINGS = {name: re.sub("(?<=[a-z])(?=[A-Z])", " ", name) for name in NODE_CLASS_MAPPINGS}
