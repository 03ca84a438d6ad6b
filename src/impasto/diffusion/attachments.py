"""What is attached to the library's transformer from outside, and how it is taken off again.

* `attach_attention` gives every cross-attention separate spans for text, picture and style tokens;
* `wrap` puts modules of ours around linear layers;
* `attach_residuals` adds what a control branch gives to the outputs of blocks.

What has weights is returned as a dictionary by the place in the transformer; `own_parameters`, `own_state` and
`load_own_state` speak of these weights alone, never of the transformer's.

Legend: B clips, L tokens, N picture tokens, S style tokens, H heads, D channels.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import torch
from diffusers.hooks.hooks import HookRegistry, ModelHook
from diffusers.models.attention_dispatch import dispatch_attention_fn
from diffusers.models.transformers.transformer_wan import WanAttention, WanTransformer3DModel
from torch import Tensor, nn

from impasto.errors import ModelError

SHOWN = 3
"""Names that a message gives of those that do not fit."""
RESIDUALS = "impasto_residuals"

Part = TypeVar("Part", bound=nn.Module)


@dataclass
class Context:
    """What the attachments of one transformer see in the next pass, and in the backward pass after it.

    It stays set until the next pass, so that gradient checkpointing, which computes blocks again, sees the same.
    """

    text_tokens: int = 512
    """Tokens at the end that are text, in a transformer that takes picture tokens before them."""
    picture_bias: Tensor | None = None
    """[1, 1, 1, N], added to the attention's scores of the picture tokens; None: all count alike."""
    style: Tensor | None = None
    """[B, S, D]; None: the style span is left out."""
    residuals: Mapping[int, Tensor] = field(default_factory=dict)
    """[B, L, D] by the number of the block whose output it is added to."""


class StyleSpan(nn.Module):
    """Keys, values and output of the style tokens in one cross-attention; the queries are the text's.

    The output begins at zero and nothing else does, so that an untrained span changes nothing and all of it can learn.
    Without biases, tokens of zeros add exactly nothing.

    Args:
        width: channels of the style tokens.
        bias: of keys and values.
    """

    def __init__(self, attention: WanAttention, width: int, bias: bool = False) -> None:
        super().__init__()
        inner = attention.inner_dim
        self.to_k, self.to_v = nn.Linear(width, inner, bias), nn.Linear(width, inner, bias)
        self.norm_k = nn.RMSNorm(inner, eps=attention.norm_k.eps)
        self.to_out = nn.Linear(inner, cast(nn.Linear, attention.to_out[0]).out_features, bias=False)
        nn.init.zeros_(self.to_out.weight)

    def forward(self, style_BSD: Tensor, attend: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """What the style adds to the attention's output; `attend` mixes values by keys of unsplit heads."""
        style_BSD = style_BSD.to(self.to_k.weight.dtype)
        mixed_BLD = attend(self.norm_k(self.to_k(style_BSD)), self.to_v(style_BSD))
        return self.to_out(mixed_BLD.to(self.to_out.weight.dtype)).type_as(mixed_BLD)


class CrossAttention(nn.Module):
    """A processor of `WanAttention` with spans of any length: picture tokens, then text, and style from the context.

    Without style and with 512 text tokens it is the library's `WanAttnProcessor`, bit for bit.
    """

    _attention_backend = None  # set by `transformer.set_attention_backend`
    _parallel_config = None  # read there; cross-attention is never split among devices

    def __init__(self, context: Context, replaced: Any, style: StyleSpan | None = None) -> None:
        super().__init__()
        self.context = context
        self.replaced = replaced
        self.style = style

    def forward(
        self,
        attention: WanAttention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        rotary_emb: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        query_BLHD = attention.norm_q(attention.to_q(hidden_states)).unflatten(2, (attention.heads, -1))

        def attend(key_BLD: Tensor, value_BLD: Tensor, bias: Tensor | None = None) -> Tensor:
            key, value = (x.unflatten(2, (attention.heads, -1)).type_as(query_BLHD) for x in (key_BLD, value_BLD))
            mask = None if bias is None else bias.type_as(query_BLHD)
            mixed = dispatch_attention_fn(query_BLHD, key, value, attn_mask=mask, backend=self._attention_backend)
            return mixed.flatten(2, 3)

        takes_pictures = attention.add_k_proj is not None
        pictures = encoder_hidden_states.shape[1] - self.context.text_tokens if takes_pictures else 0
        text_BLD = encoder_hidden_states[:, pictures:]
        mixed_BLD = attend(attention.norm_k(attention.to_k(text_BLD)), attention.to_v(text_BLD))
        if pictures:
            picture_BLD = encoder_hidden_states[:, :pictures]
            key_BLD = attention.norm_added_k(attention.add_k_proj(picture_BLD))  # pyright: ignore[reportOptionalCall]
            value_BLD = attention.add_v_proj(picture_BLD)  # pyright: ignore[reportOptionalCall]
            mixed_BLD = mixed_BLD + attend(key_BLD, value_BLD, self.context.picture_bias)
        out_BLD = attention.to_out[1](attention.to_out[0](mixed_BLD))
        if self.style is not None and self.context.style is not None:
            out_BLD = out_BLD + self.style(self.context.style, attend)
        return out_BLD


def attach_attention(
    transformer: WanTransformer3DModel, context: Context, style: Callable[[WanAttention], StyleSpan] | None = None
) -> dict[str, StyleSpan]:
    """Replace the processors of all cross-attentions; returns their style spans by place, where `style` makes them."""
    spans = {}
    for number, attention in enumerate(_cross_attentions(transformer)):
        span = style(attention).to(next(attention.parameters()).device) if style else None
        attention.set_processor(cast(Any, CrossAttention(context, attention.processor, span)))
        if span is not None:
            spans[f"blocks.{number}.attn2.style"] = span
    return spans


def detach_attention(transformer: WanTransformer3DModel) -> None:
    """Put back the processors that `attach_attention` replaced."""
    for attention in _cross_attentions(transformer):
        attention.set_processor(cast(CrossAttention, attention.processor).replaced)


def _cross_attentions(transformer: WanTransformer3DModel) -> list[WanAttention]:
    return [cast(WanAttention, block.attn2) for block in transformer.blocks]


class Wrap(nn.Module):
    """A linear layer with something around it; subclasses say what."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.in_features, self.out_features = base.in_features, base.out_features


WrapKind = TypeVar("WrapKind", bound=Wrap)


def wrap(model: nn.Module, names: Collection[str], make: Callable[[nn.Linear], WrapKind]) -> dict[str, WrapKind]:
    """Put wraps in the place of linear layers; returns them by place.

    Args:
        names: ends of the places: `attn1.to_q` is that of every block.
        make: the wrap of a linear layer, or of a layer that is wrapped already.

    Raises:
        ValueError: the model has no place of a name.
    """
    places = [place for place, _ in model.named_modules() if any(f".{place}".endswith(f".{name}") for name in names)]
    for name in names:
        if not any(f".{place}".endswith(f".{name}") for place in places):
            raise ValueError(f"The model has no layer {name!r}.")
    wraps = {}
    for place in places:
        wraps[place] = make(model.get_submodule(place))  # pyright: ignore[reportArgumentType]
        _replace(model, place, wraps[place])
    return wraps


def unwrap(model: nn.Module, wraps: Iterable[Wrap]) -> None:
    """Take off wraps, in any order; what other wraps are around or inside stays."""
    gone = set(wraps)
    for place, module in reversed(list(model.named_modules())):
        if module in gone:
            assert isinstance(module, Wrap)
            _replace(model, place, module.base)


def _replace(model: nn.Module, place: str, module: nn.Module) -> None:
    parent, _, name = place.rpartition(".")
    setattr(model.get_submodule(parent), name, module)


class _AddResidual(ModelHook):
    """A hook of the library's own kind: caches that are enabled after it count the residual as part of the block."""

    def __init__(self, context: Context, number: int) -> None:
        super().__init__()
        self._context, self._number = context, number

    def post_forward(self, module: nn.Module, output: Tensor) -> Tensor:
        residual = self._context.residuals.get(self._number)
        return output if residual is None else output + residual.type_as(output)


def attach_residuals(transformer: WanTransformer3DModel, context: Context) -> None:
    """Add `context.residuals` to the outputs of blocks. Copy blocks before this, and enable caches after it.

    Raises:
        ValueError: a cache is enabled.
    """
    _refuse_cache(transformer)
    for number, block in enumerate(transformer.blocks):
        HookRegistry.check_if_exists_or_initialize(block).register_hook(_AddResidual(context, number), RESIDUALS)


def detach_residuals(transformer: WanTransformer3DModel) -> None:
    """Undo `attach_residuals`; raises `ValueError` where a cache is enabled."""
    _refuse_cache(transformer)
    for block in transformer.blocks:
        HookRegistry.check_if_exists_or_initialize(block).remove_hook(RESIDUALS, recurse=False)


def _refuse_cache(transformer: WanTransformer3DModel) -> None:
    if transformer.is_cache_enabled:
        raise ValueError("Residuals are attached and detached while no cache is enabled; call disable_cache first.")


def own_parameters(parts: Mapping[str, nn.Module]) -> list[nn.Parameter]:
    """Parameters of what was attached, for an optimizer."""
    return [value for part in parts.values() for name, value in part.named_parameters() if not _inside(name)]


def own_state(parts: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """Weights of what was attached, as `PLACE.NAME`."""
    return {
        f"{place}.{name}": value
        for place, part in parts.items()
        for name, value in part.state_dict().items()
        if not _inside(name)
    }


def load_own_state(parts: Mapping[str, nn.Module], state: Mapping[str, Tensor], source: str) -> None:
    """Put weights back that `own_state` gave.

    Args:
        source: where they come from, for messages.

    Raises:
        ModelError: names or shapes are those of another base or of other parts (says the first few).
    """
    wanted = own_state(parts)
    wrong = [f"{name} is missing" for name in wanted if name not in state]
    wrong += [f"{name} has no place" for name in state if name not in wanted]
    for name in wanted.keys() & state.keys():
        if wanted[name].shape != state[name].shape:
            wrong.append(f"{name} is {list(state[name].shape)} where {list(wanted[name].shape)} is wanted")
    if wrong:
        some = "; ".join(sorted(wrong)[:SHOWN]) + ("; ..." if len(wrong) > SHOWN else "")
        raise ModelError(f"The weights in {source!r} do not fit this base ({some}); take those made for it.")
    with torch.no_grad():
        for name, value in wanted.items():
            value.copy_(state[name])


def _inside(name: str) -> bool:
    """Whether a weight of a wrap is not its own but that of the layer in it."""
    return name.startswith("base.")
