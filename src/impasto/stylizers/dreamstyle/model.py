"""All of DreamStyle on a base: token-specific LoRA, places of the extra frames, fusion.

Legend: B clips, L tokens.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.adapterfile import AdapterFormat, Adapters, check_base, shape_of
from impasto.diffusion.attachments import (
    Context,
    attach_attention,
    attach_residuals,
    detach_attention,
    detach_residuals,
    load_own_state,
    own_state,
    unwrap,
)
from impasto.diffusion.controls import Controls
from impasto.diffusion.lora import Lora, NameStyle, write_lora
from impasto.errors import ModelError
from impasto.stylizers.dreamstyle import fusion, slots, tokenlora
from impasto.stylizers.dreamstyle.config import DreamStyleConfig, read, written
from impasto.stylizers.dreamstyle.published import FORMAT_KEY
from impasto.stylizers.dreamstyle.tokenlora import Kind, Spans, TokenLora, lora_of_kind
from impasto.stylizers.dreamstyle.velocity import Repainting
from impasto.stylizers.dreamstyle.widening import entrance

FORMAT = AdapterFormat("DreamStyle", FORMAT_KEY)


class DreamStyle(nn.Module):
    """What is learned, attached to a transformer that itself is frozen; `velocity` is what samples and trains.

    Args:
        base: the name of the transformer, which is written into files of what is learned.
    """

    def __init__(self, transformer: WanTransformer3DModel, base: str, config: DreamStyleConfig) -> None:
        super().__init__()
        self.config, self.base = config, base
        transformer.requires_grad_(False)
        spans, self._context = Spans(), Context()
        # Places in the base, before anything is wrapped.
        self._listening = False
        self._entrance = entrance(transformer) if config.entrance else {}
        self._wraps: dict[str, TokenLora] = {}
        if config.matrices:
            self._wraps = tokenlora.attach(transformer, spans, config.rank, *config.matrices)
        attach_attention(transformer, self._context)
        attention, rope = fusion.attach(transformer), slots.attach(transformer)
        self.velocity = Repainting(transformer, self._context, spans, rope, attention, config.slots)

    @classmethod
    def from_file(cls, transformer: WanTransformer3DModel, base: str, path: Path) -> "DreamStyle":
        """As a file of `save` has it, whatever its configuration.

        Raises:
            ModelError: the file is broken, or of another base.
        """
        try:
            config = read(FORMAT.read(path).config)
        except TypeError as error:
            raise ModelError(f"{str(path)!r} was made by another version; train or fetch it anew.") from error
        model = cls(transformer, base, config)
        model.load(path)
        return model

    @property
    def transformer(self) -> WanTransformer3DModel:
        return self.velocity.transformer

    @property
    def parts(self) -> dict[str, dict[str, nn.Module]]:
        """Modules with weights that are learned, by part and by place."""
        parts: dict[str, dict[str, nn.Module]] = {}
        if self._wraps:
            parts["lora"] = dict(self._wraps)
        if self.config.adaptation == "full":
            parts["base"] = {"transformer": self.transformer}
        elif self._entrance:
            parts["base"] = dict(self._entrance)
        return parts

    def learns(self) -> nn.ModuleList:
        """Let what is to be learned want gradients and nothing else; returns its modules."""
        self.requires_grad_(False)
        learning = [each.lora for each in self._wraps.values()]
        base = [self.transformer] if self.config.adaptation == "full" else list(self._entrance.values())
        return nn.ModuleList([*learning, *base]).requires_grad_()

    def control_by(self, controls: Controls | None) -> None:
        """Let ControlNets lead the video from now on, or none; a `Given` without a control is led by none.

        Raises:
            ValueError: a cache is enabled.
        """
        if controls is not None and not self._listening:
            attach_residuals(self.transformer, self._context)
            self._listening = True
        self.velocity.controls = controls

    def parts_to(self, dtype: torch.dtype) -> None:
        """Take the LoRA to a type, as the base may be of."""
        for each in self._wraps.values():
            each.lora.to(dtype)

    def detach(self) -> None:
        """Leave the transformer as it came."""
        if self._listening:
            detach_residuals(self.transformer)
        slots.detach(self.transformer)
        fusion.detach(self.transformer)
        detach_attention(self.transformer)
        unwrap(self.transformer, self._wraps.values())

    def lora(self, kind: Kind) -> Lora:
        """What is learned for one kind of tokens as a plain LoRA, see `tokenlora.lora_of_kind`."""
        return lora_of_kind(self._wraps, kind, self.base)

    def merged(self, kind: Kind) -> dict[str, Tensor]:
        """Weights of the base with what is learned for one kind of tokens in them, see `tokenlora.merged`."""
        return tokenlora.merged(self._wraps, kind)

    def export(self, kind: Kind, path: Path, names: NameStyle) -> None:
        """Write `lora(kind)` as a file that diffusers or ComfyUI take; it appears whole or not at all."""
        write_lora(self.lora(kind), path, names)

    def save(self, path: Path, as_bytes: bool = False) -> None:
        """Write what is learned; the file appears whole or not at all.

        Args:
            as_bytes: matrices as bytes with a scale for each row, as they are embedded; else float16.
        """
        FORMAT.write(path, self.adapters(), as_bytes)

    def adapters(self) -> Adapters:
        """What is learned as it is written."""
        state = {part: own_state(modules) for part, modules in self.parts.items()}
        return Adapters(self.base, shape_of(self.transformer), written(self.config), state)

    def load(self, path: Path) -> None:
        """Read what a file has, which may be of other places of the extra frames.

        Raises:
            ModelError: the file is broken, of another base, or of another kind of LoRA.
        """
        found = FORMAT.read(path)
        check_base(path, found, self.base, self.transformer)
        self._check_alike(path, found.config)
        for part, modules in self.parts.items():
            load_own_state(modules, found.state[part], str(path))

    def _check_alike(self, path: Path, config: Mapping[str, object]) -> None:
        mine = written(self.config)
        differing = {key: config.get(key) for key in ("adaptation", "rank", "entrance") if config.get(key) != mine[key]}
        if differing:
            raise ModelError(f"{str(path)!r} holds what was learned with {differing}; this DreamStyle is another.")
