"""`impasto train`: the recipes of everything that is embedded."""

from impasto.errors import UnsupportedOption
from impasto.job.plain import plain


def train(recipe: str) -> None:
    """Train a model by one of the project's recipes; run it again to go on after a stop.

    Parameters
    ----------
    recipe
        encoder, swift, styles, text-encoder, prior, csd-nano, clip-material, clip-nano, nano-clips, nano-vae,
        nano-decoder, nano-latents, nano-base, stylemaster-illusions, stylemaster-projector, stylemaster-style,
        stylemaster-motion, stylemaster-tile, stylemaster-nano, dreamstyle-pairs, dreamstyle-stills, dreamstyle-curated,
        dreamstyle-nano, depth-nano, control-depth, control-pose or pictures.
    """
    from impasto.training.recipes import RECIPES

    if recipe not in RECIPES:
        raise UnsupportedOption(f"Unknown recipe {recipe!r}; known recipes: {', '.join(RECIPES)}.")
    for progress in RECIPES[recipe]():
        print(*(f"{name} {value}" for name, value in plain(progress).items()), flush=True)
