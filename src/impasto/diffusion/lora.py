"""LoRAs as single files, with the names of diffusers or of ComfyUI.

A layer adds `alpha / rank * up(down(x))` (Hu 2022). Attaching one is peft's: see `attach_lora`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from impasto.errors import ModelError, UnreadableInput
from impasto.video.files import writing, written_atomically

NameStyle = Literal["diffusers", "comfyui"]
PREFIXES: dict[NameStyle, str] = {"diffusers": "transformer.", "comfyui": "diffusion_model."}
SHOWN = 3
"""Names that a message gives of those that do not fit."""

_ATTENTION = {"q": "to_q", "k": "to_k", "v": "to_v", "o": "to_out.0"}
_IN_BLOCK = {
    **{f"self_attn.{wan}": f"attn1.{library}" for wan, library in _ATTENTION.items()},
    **{f"cross_attn.{wan}": f"attn2.{library}" for wan, library in _ATTENTION.items()},
    "cross_attn.k_img": "attn2.add_k_proj",
    "cross_attn.v_img": "attn2.add_v_proj",
    "ffn.0": "ffn.net.0.proj",
    "ffn.2": "ffn.net.2",
}
_OUTSIDE = {
    "text_embedding.0": "condition_embedder.text_embedder.linear_1",
    "text_embedding.2": "condition_embedder.text_embedder.linear_2",
    "time_embedding.0": "condition_embedder.time_embedder.linear_1",
    "time_embedding.2": "condition_embedder.time_embedder.linear_2",
    "time_projection.1": "condition_embedder.time_proj",
    "img_emb.proj.1": "condition_embedder.image_embedder.ff.net.0.proj",
    "img_emb.proj.3": "condition_embedder.image_embedder.ff.net.2",
    "head.head": "proj_out",
}
"""Wan's own names, which ComfyUI uses, and the library's."""

_KEY = re.compile(
    r"(?:transformer\.|diffusion_model\.|base_model\.model\.)?(?P<place>.+?)\."
    r"(?:(?P<part>lora_A|lora_B|lora_down|lora_up)(?:\.default)?\.weight|alpha)"
)


@dataclass(frozen=True)
class LoraLayer:
    down: Tensor
    """[rank, inputs]"""
    up: Tensor
    """[outputs, rank]"""
    alpha: float

    @property
    def rank(self) -> int:
        return len(self.down)


@dataclass(frozen=True)
class Lora:
    layers: Mapping[str, LoraLayer]
    """By the library's place of the linear layer: `blocks.0.attn1.to_q`."""
    base: str | None
    """Name of the base it was trained on, as in `impasto.diffusion.configs`; None: the file does not say."""
    unused: tuple[str, ...] = ()
    """Keys of the file that fit nothing, to be told to the user."""


def lora_of(state: Mapping[str, Tensor], base: str, alpha: float) -> Lora:
    """A LoRA from weights `PLACE.lora_A.weight` and `PLACE.lora_B.weight`, as peft and our wraps have them."""
    layers, _ = _layers(state, {}, alpha)
    return Lora(layers, base)


def write_lora(lora: Lora, path: Path, names: NameStyle) -> None:
    """Write a LoRA; the file appears whole or not at all.

    Its metadata says base, rank and alpha; `alpha` is where the tools of the style look for it: in the metadata of the
    adapter for diffusers, in a scalar beside each layer for ComfyUI.
    """
    tensors, prefix = {}, PREFIXES[names]
    for place, layer in lora.layers.items():
        name = prefix + (place if names == "diffusers" else _wan_place(place))
        tensors[f"{name}.lora_A.weight"] = layer.down.contiguous()
        tensors[f"{name}.lora_B.weight"] = layer.up.contiguous()
        if names == "comfyui":
            tensors[f"{name}.alpha"] = torch.tensor(layer.alpha)
    config = _peft_config(lora)
    metadata = {"format": "pt", "base_model": lora.base or "", "rank": str(config["r"])}
    metadata["alpha"] = str(config["lora_alpha"])
    if names == "diffusers":
        adapter = {prefix + key: value for key, value in config.items()}
        metadata[LORA_ADAPTER_METADATA_KEY] = json.dumps(adapter, sort_keys=True)
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(tensors, metadata))


def read_lora(path: Path, transformer: WanTransformer3DModel, base: str) -> Lora:
    """A LoRA of a file in either style of names, checked against the transformer it is for.

    Args:
        base: the transformer's name.

    Raises:
        UnreadableInput: the file is no safetensors file.
        ModelError: it was made for another base, by its name, by the names of its layers or by their shapes.
    """
    tensors, made_for, adapter = _read(path)
    layers, unused = _layers(tensors, adapter.get("alpha_pattern", {}), adapter.get("lora_alpha"))
    if made_for and made_for != base:
        raise ModelError(f"The LoRA {str(path)!r} is for {made_for}, not for {base}; use it with that model.")
    places = {place for place, module in transformer.named_modules() if hasattr(module, "out_features")}
    strange = [place for place in layers if place not in places]
    if len(strange) == len(layers):
        raise ModelError(
            f"No key of the LoRA {str(path)!r} fits {base} ({_some(list(tensors))}); take one that was made for it."
        )
    fitting = {place: layer for place, layer in layers.items() if place in places}
    for place, layer in fitting.items():
        module: Any = transformer.get_submodule(place)
        found, wanted = (layer.up.shape[0], layer.down.shape[1]), (module.out_features, module.in_features)
        if found != wanted:
            raise ModelError(
                f"The LoRA {str(path)!r} is for another base than {base}: {place} is {found[0]}x{found[1]} where "
                f"{wanted[0]}x{wanted[1]} is wanted; take one that was made for it."
            )
    return Lora(fitting, made_for, (*unused, *strange))


def attach_lora(transformer: WanTransformer3DModel, lora: Lora, name: str) -> None:
    """Attach a LoRA through peft; `transformer.set_adapters` weighs it and `delete_adapters` takes it off.

    It goes on before wraps of ours, which peft does not know.
    """
    state = {f"{place}.lora_A.weight": layer.down for place, layer in lora.layers.items()}
    state |= {f"{place}.lora_B.weight": layer.up for place, layer in lora.layers.items()}
    transformer.load_lora_adapter(state, None, adapter_name=name, metadata=_peft_config(lora))  # pyright: ignore


def _read(path: Path) -> tuple[dict[str, Tensor], str | None, dict[str, Any]]:
    """Tensors, name of the base, and peft's configuration."""
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            metadata = file.metadata() or {}
        adapter = dict(json.loads(metadata.get(LORA_ADAPTER_METADATA_KEY, "{}")))
    except (OSError, SafetensorError, ValueError) as error:
        raise UnreadableInput(f"The LoRA {str(path)!r} cannot be read ({error}); choose a safetensors file.") from error
    adapter = {key.removeprefix(PREFIXES["diffusers"]): value for key, value in adapter.items()}
    return tensors, metadata.get("base_model") or None, adapter


def _layers(
    tensors: Mapping[str, Tensor], alphas: Mapping[str, float], alpha: float | None
) -> tuple[dict[str, LoraLayer], list[str]]:
    """Layers by the library's place, and keys that belong to none.

    Args:
        alphas: of single places.
        alpha: of all others that have none beside them; None: the rank, as the library has it.
    """
    parts: dict[str, dict[str, Tensor]] = {}
    keys: dict[str, list[str]] = {}
    unused = []
    for key, value in tensors.items():
        match = _KEY.fullmatch(key)
        if match is None:
            unused.append(key)
            continue
        place = _library_place(match["place"])
        part = {"lora_A": "down", "lora_down": "down", "lora_B": "up", "lora_up": "up"}.get(match["part"], "alpha")
        parts.setdefault(place, {})[part] = value
        keys.setdefault(place, []).append(key)
    layers = {}
    for place, found in parts.items():
        if not _is_layer(found):
            unused += keys[place]
            continue
        given = alphas.get(place, alpha if alpha is not None else len(found["down"]))
        layers[place] = LoraLayer(found["down"], found["up"], float(found.get("alpha", given)))
    return layers, unused


def _is_layer(found: Mapping[str, Tensor]) -> bool:
    if not {"down", "up"} <= found.keys():
        return False
    down, up = found["down"], found["up"]
    return down.dim() == up.dim() == 2 and len(down) == up.shape[1] and found.get("alpha", torch.ones(1)).numel() == 1


def _peft_config(lora: Lora) -> dict[str, Any]:
    """Arguments of peft's `LoraConfig`; what most layers have is said once."""
    ranks = {place: layer.rank for place, layer in lora.layers.items()}
    alphas = {place: layer.alpha for place, layer in lora.layers.items()}
    rank, alpha = _commonest(ranks.values()), _commonest(alphas.values())
    return {
        "r": rank,
        "lora_alpha": alpha,
        "target_modules": sorted(lora.layers),
        "rank_pattern": {place: value for place, value in ranks.items() if value != rank},
        "alpha_pattern": {place: value for place, value in alphas.items() if value != alpha},
    }


def _commonest(values: Iterable[Any]) -> Any:
    values = list(values)
    return max(sorted(set(values)), key=values.count)


def _library_place(place: str) -> str:
    block, inner = _split(place)
    return block + (_IN_BLOCK if block else _OUTSIDE).get(inner, inner)


def _wan_place(place: str) -> str:
    block, inner = _split(place)
    return block + {library: wan for wan, library in (_IN_BLOCK if block else _OUTSIDE).items()}.get(inner, inner)


def _split(place: str) -> tuple[str, str]:
    match = re.fullmatch(r"(blocks\.\d+\.)(.+)", place)
    return (match[1], match[2]) if match else ("", place)


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
