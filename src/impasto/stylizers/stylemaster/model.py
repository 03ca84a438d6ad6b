"""All of StyleMaster on a base: style attention, motion adapter and tile control, each switchable.

Legend: B pictures, S style tokens, D width of a token.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.adapterfile import Adapters, check_base, shape_of
from impasto.diffusion.attachments import (
    Context,
    StyleSpan,
    attach_attention,
    attach_residuals,
    detach_attention,
    detach_residuals,
    load_own_state,
    own_state,
)
from impasto.diffusion.controlnet import ControlNet
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError
from impasto.stylizers.stylemaster import motionadapter
from impasto.stylizers.stylemaster.adapterfile import FORMAT
from impasto.stylizers.stylemaster.config import Part, StyleMasterConfig, read, written
from impasto.stylizers.stylemaster.tokens import StyleFeatures, StyleTokens


class StyleMaster(nn.Module):
    """The parts, attached to a transformer that itself is frozen; `velocity` is what samples and trains.

    Args:
        base: the name of the transformer, which is written into files of the parts.
    """

    format = FORMAT

    def __init__(self, transformer: WanTransformer3DModel, base: str, config: StyleMasterConfig) -> None:
        super().__init__()
        self.config, self.base = config, base
        self._context = Context()
        transformer.requires_grad_(False)
        # A copy of blocks to which nothing is attached yet.
        self.control = None
        if config.control:
            self.control = ControlNet(transformer, transformer.config["out_channels"])
            attach_residuals(transformer, self._context)
        if config.motion:
            motionadapter.attach(transformer, config.motion)
        self.tokens = StyleTokens(config.tokens) if config.tokens else None
        span = None
        if config.tokens:
            span = partial(StyleSpan, width=config.tokens.width, bias=config.tokens.span_bias)
        self._spans = attach_attention(transformer, self._context, span)
        self.velocity = Velocity(transformer, self._context, self.control)

    @classmethod
    def from_files(cls, transformer: WanTransformer3DModel, base: str, paths: Sequence[Path]) -> "StyleMaster":
        """With the parts that are in files of `save`, whatever their configurations.

        Raises:
            ModelError: a file is broken, or of another base.
        """
        configs = {}
        for path in paths:
            configs |= FORMAT.read(path).config
        model = cls(transformer, base, read(configs))
        for path in paths:
            model.load(path)
        return model

    @property
    def transformer(self) -> WanTransformer3DModel:
        return self.velocity.transformer

    @property
    def parts(self) -> dict[Part, dict[str, nn.Module]]:
        """Modules with weights of their own, by part and by place."""
        parts: dict[Part, dict[str, nn.Module]] = {}
        if self.tokens:
            parts["style"] = {"tokens": self.tokens, **self._spans}
        if self.config.motion:
            parts["motion"] = motionadapter.parts(self.transformer)
        if self.control:
            parts["control"] = {"control": self.control}
        return parts

    def style_tokens(self, seen: StyleFeatures, generator: torch.Generator | None = None) -> Tensor:
        """[B, S, D]; the model must have the part. `generator` is for the random choice of patches."""
        assert self.tokens is not None
        return self.tokens(seen, generator)

    def set_alpha(self, alpha: float) -> None:
        """The strength of the motion adapter from now on: 1 where it learns, below 0 in use."""
        motionadapter.set_alpha(self.transformer, alpha)

    def learns(self, part: Part) -> nn.ModuleList:
        """Let one part want gradients and nothing else; returns its modules. The projector stays as it is.

        Raises:
            ModelError: the model has no such part.
        """
        self.requires_grad_(False)
        modules = self._part(part)
        if tokens := modules.pop("tokens", None):
            modules |= {name: module for name, module in tokens.named_children() if name != "projector"}
        return nn.ModuleList(modules.values()).requires_grad_()

    def parts_to(self, dtype: torch.dtype) -> None:
        """Take all parts to a type, as the base may be of."""
        for modules in self.parts.values():
            for module in modules.values():
                module.to(dtype)

    def detach(self) -> None:
        """Leave the transformer as it came."""
        if self.control:
            detach_residuals(self.transformer)
        if self.config.motion:
            motionadapter.detach(self.transformer)
        detach_attention(self.transformer)

    def save(self, path: Path, *parts: Part, as_bytes: bool = False) -> None:
        """Write some parts, all by default; the file appears whole or not at all.

        Args:
            as_bytes: matrices as bytes with a scale for each row, as they are embedded; else float16.
        """
        FORMAT.write(path, self.adapters(*parts), as_bytes)

    def adapters(self, *parts: Part) -> Adapters:
        """Some parts as they are written, all by default."""
        chosen = parts or tuple(self.parts)
        state = {name: own_state(self._part(name)) for name in chosen}
        return Adapters(self.base, shape_of(self.transformer), written(self.config, chosen), state)

    def load(self, path: Path) -> tuple[Part, ...]:
        """Read those parts of a file that the model has; says which.

        Raises:
            ModelError: the file is broken, of another base, of other style tokens, or has none of the parts.
        """
        found = FORMAT.read(path)
        check_base(path, found, self.base, self.transformer)
        mine = self.parts
        chosen: list[Part] = [part for part in mine if part in found.state]
        if not chosen:
            raise ModelError(f"{str(path)!r} holds {', '.join(found.state)} and nothing of {', '.join(mine)}.")
        if "style" in chosen and found.config["style"] != (mine_config := written(self.config, ["style"])["style"]):
            differing = {key: value for key, value in found.config["style"].items() if value != mine_config.get(key)}
            raise ModelError(f"{str(path)!r} holds style tokens of {differing}; this StyleMaster has others.")
        for part in chosen:
            load_own_state(mine[part], found.state[part], str(path))
        return tuple(chosen)

    def _part(self, name: Part) -> dict[str, nn.Module]:
        parts = self.parts
        if name not in parts:
            raise ModelError(f"This StyleMaster was built without {name!r}; it has {', '.join(parts) or 'no part'}.")
        return parts[name]
