"""A base under ControlNets of several kinds, and their files.

Legend: B clips, K kinds, C channels of latents, T latent frames, h w their size.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.adapterfile import AdapterFormat, Adapters, check_base, shape_of
from impasto.diffusion.attachments import Context, attach_attention, attach_residuals, load_own_state, own_state
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.controlnet import ControlNet
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError
from impasto.perception.control.pictures import ControlKind

FORMAT = AdapterFormat("ControlNet", "impasto control 1")
PART: Literal["control"] = "control"


class Controls(nn.Module):
    """ControlNets of different kinds side by side: what they give is added up.

    A `Control` of `impasto.diffusion.velocity`. The control that it is given, [B, K C, T, h, w], has the latents of all
    kinds one after the other along the channels, in the order of `kinds`.
    """

    def __init__(self, nets: Mapping[ControlKind, ControlNet]) -> None:
        super().__init__()
        self.kinds = tuple(nets)
        self.nets = nn.ModuleDict({str(kind): net for kind, net in nets.items()})

    @property
    def blocks(self) -> Iterator[nn.Module]:
        """Of all of them."""
        return (block for net in self.nets.values() for block in cast(ControlNet, net).blocks)

    def forward(self, latents_BCThw: Tensor, sigma_B: Tensor, conditions: Conditions) -> dict[int, Tensor]:
        """What is added to the outputs of the base's blocks, by number; nothing without a control."""
        total: dict[int, Tensor] = {}
        if conditions.control is not None:
            parts = conditions.control.chunk(len(self.kinds), 1)
            for net, part in zip(self.nets.values(), parts, strict=True):
                for place, added in net(latents_BCThw, sigma_B, replace(conditions, control=part)).items():
                    total[place] = total[place] + added if place in total else added
        return total


class ControlledBase(nn.Module):
    """A transformer that itself is frozen, under new ControlNets; `velocity` is what samples and trains.

    Args:
        base: the name of the transformer, which is written into their files.
    """

    format = FORMAT
    tokens = None
    """There are none of style."""

    def __init__(self, transformer: WanTransformer3DModel, base: str, kinds: Sequence[ControlKind]) -> None:
        super().__init__()
        self.base = base
        transformer.requires_grad_(False)
        channels = transformer.config["out_channels"]
        self.control = Controls({kind: ControlNet(transformer, channels) for kind in kinds})
        context = Context()
        attach_residuals(transformer, context)
        attach_attention(transformer, context)
        self.velocity = Velocity(transformer, context, self.control)

    @property
    def transformer(self) -> WanTransformer3DModel:
        return self.velocity.transformer

    def learns(self, part: str = PART) -> nn.ModuleList:
        """Let the ControlNets want gradients and nothing else; returns them."""
        self.requires_grad_(False)
        return nn.ModuleList(self.control.nets.values()).requires_grad_()

    def adapters(self, part: str = PART) -> Adapters:
        """Its only ControlNet as it is written."""
        (kind,) = self.control.kinds
        state = own_state({PART: self.control.nets[kind]})
        return Adapters(self.base, shape_of(self.transformer), {"kind": kind}, {PART: state})

    def load(self, files: Mapping[ControlKind, Path]) -> None:
        """Read the weights of some kinds; raises `ModelError` as `load_controls` does."""
        for kind, path in files.items():
            _load(cast(ControlNet, self.control.nets[kind]), kind, path, self.base, self.transformer)


def load_controls(base: WanTransformer3DModel, name: str, files: Mapping[ControlKind, Path]) -> Controls:
    """ControlNets from their files, float32, for a base to which something may be attached already.

    Args:
        name: of the base.

    Raises:
        ModelError: a file is broken, of another kind, or of another base.
    """
    nets = {}
    for kind, path in files.items():
        nets[kind] = ControlNet.beside(base, base.config["out_channels"])
        _load(nets[kind], kind, path, name, base)
    return Controls(nets).eval().requires_grad_(False)


def joined(latents: Iterable[Tensor]) -> Tensor:
    """Latents of control pictures, [B, C, T, h, w] of each kind, as the control that `Controls` takes."""
    return torch.cat(list(latents), 1)


def _load(net: ControlNet, kind: ControlKind, path: Path, name: str, base: WanTransformer3DModel) -> None:
    found = FORMAT.read(path)
    check_base(path, found, name, base)
    if found.config.get("kind") != kind:
        raise ModelError(f"{str(path)!r} holds a ControlNet for {found.config.get('kind')}, not for {kind}.")
    load_own_state({PART: net}, found.state.get(PART, {}), str(path))
