"""StyleMaster at toy size, on a toy base."""

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.conditions import Conditions
from impasto.stylizers.stylemaster.config import StyleMasterConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.projector import ProjectorConfig
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import StyleFeatures, TokenConfig
from tests.diffusion.toy import LATENT, PICTURE_MODEL, toy_conditions, toy_latents, toy_transformer

EMBEDDING = 8
TOKENS = TokenConfig(
    width=10,
    count=3,
    projector=ProjectorConfig(embedding=EMBEDDING, hidden=12, depth=1, size=6),
    texture=QFormerConfig(embedding=EMBEDDING, queries=2, width=12, depth=2, heads=2),
)
CONFIG = StyleMasterConfig(tokens=TOKENS, motion=MotionConfig(rank=2))
SIGMA = torch.tensor([0.7, 0.2])


def some(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def features(batch: int = 2, patches: int = 40) -> StyleFeatures:
    return StyleFeatures(
        nn.functional.normalize(some(batch, EMBEDDING), dim=1),
        some(batch, patches, EMBEDDING, seed=1),
        some(batch, EMBEDDING, seed=2),
    )


def toy_base(picture: bool = False) -> WanTransformer3DModel:
    return toy_transformer(num_layers=4, **PICTURE_MODEL if picture else {})


def toy_stylemaster(config: StyleMasterConfig = CONFIG, picture: bool = False) -> StyleMaster:
    base = toy_base(picture)
    torch.manual_seed(2)
    return StyleMaster(base, "toy", config).eval()


def conditions(model: StyleMaster, picture: bool = False) -> Conditions:
    """All that the parts of a model take, for the two clips of `toy_latents`."""
    given = toy_conditions(picture=picture, style=False)
    style = model.style_tokens(features()) if model.tokens else None
    control = some(2, LATENT, 2, 4, 4, seed=4) if model.control else None
    return Conditions(text=given.text, picture=given.picture, image=given.image, style=style, control=control)


def velocity(model: StyleMaster, given: Conditions) -> Tensor:
    return model.velocity(toy_latents(), SIGMA, given)


def awaken(module: nn.Module) -> None:
    """Weights everywhere, also where training begins with zeros."""
    torch.manual_seed(1)
    for parameter in module.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter, std=0.2)
