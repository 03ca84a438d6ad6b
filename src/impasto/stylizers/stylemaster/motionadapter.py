"""The motion adapter: a LoRA that knows stillness, to be turned against it (StyleMaster, section 3.4).

`W + alpha A_down A_up` on queries, keys and values. Learned at alpha = 1 on clips that stand still, used at -0.3: away
from stillness, and from the look of real footage. It is a plain LoRA, so that peft attaches it and tools can read it.
"""

from dataclasses import dataclass
from typing import Any

from torch import nn

NAME = "motion"
# The paper adapts temporal attention alone; Wan attends over space and time at once, so all of that is adapted.
PROJECTIONS = r"blocks\.\d+\.attn1\.to_[qkv]"


@dataclass(frozen=True)
class MotionConfig:
    rank: int = 16
    """The paper names none."""
    alpha: float = -0.3
    """In use."""


def attach(transformer: Any, config: MotionConfig) -> None:
    """Wrap the self-attention of a `WanTransformer3DModel`, which changes nothing until it has learnt."""
    from peft import LoraConfig

    lora = LoraConfig(r=config.rank, lora_alpha=config.rank, target_modules=PROJECTIONS, init_lora_weights=True)
    transformer.add_adapter(lora, NAME)
    set_alpha(transformer, config.alpha)


def detach(transformer: Any) -> None:
    """Take the adapter off again, and leave those that others attached."""
    transformer.delete_adapters(NAME)
    if not getattr(transformer, "peft_config", None):
        transformer.unload_lora()


def set_alpha(transformer: nn.Module, alpha: float) -> None:
    """The strength from now on, of either sign: 1 in training; 0 is as if there were no adapter, bit for bit."""
    from peft.tuners.lora import LoraLayer

    for module in transformer.modules():
        if isinstance(module, LoraLayer) and NAME in module.scaling:
            module.set_scale(NAME, alpha)


def parts(transformer: nn.Module) -> dict[str, nn.Module]:
    """What learns, by places without the names of peft: `blocks.0.attn1.to_q.lora_A`."""
    ending = f".{NAME}"
    return {
        place.removesuffix(ending): module
        for place, module in transformer.named_modules()
        if place.endswith(ending) and isinstance(module, nn.Linear)
    }
