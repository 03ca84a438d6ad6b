"""The recipes of everything that is embedded, by the name that `impasto train` takes.

Each yields its progress as a dataclass and can be run again after it was stopped. They are imported when asked for,
because each brings along what it trains with.
"""

from collections.abc import Callable, Iterator
from typing import Any


def _encoder() -> Iterator[Any]:
    from impasto.training.encoder import EncoderRun, train

    return train(EncoderRun())


def _swift() -> Iterator[Any]:
    from impasto.training.swift import SwiftRun, train

    return train(SwiftRun())


def _text_encoder() -> Iterator[Any]:
    from impasto.training.textencoder import TextEncoderRun, train

    return train(TextEncoderRun())


def _prior() -> Iterator[Any]:
    from impasto.training.prior import PriorRun, train

    return train(PriorRun())


def _clip_material() -> Iterator[Any]:
    from impasto.training.clip import ClipRun, make_material

    return make_material(ClipRun())


def _clip_nano() -> Iterator[Any]:
    from impasto.training.clip import ClipRun, train

    return train(ClipRun())


def _nano_clips() -> Iterator[Any]:
    from impasto.training.nano.clips import ClipsConfig, make_clips

    return make_clips(ClipsConfig())


def _nano_vae() -> Iterator[Any]:
    from impasto.training.nano.vae import train

    return train()


def _nano_decoder() -> Iterator[Any]:
    from impasto.training.nano.vae import DECODER, train

    return train(DECODER)


def _nano_latents() -> Iterator[Any]:
    from impasto.training.nano.latents import make_latents

    return make_latents()


def _nano_base() -> Iterator[Any]:
    from impasto.training.nano.base import train

    return train()


def _stylemaster_illusions() -> Iterator[Any]:
    from impasto.training.stylemaster.illusionpairs import IllusionRun, train

    return train(IllusionRun())


def _stylemaster_projector() -> Iterator[Any]:
    from impasto.training.stylemaster.projector import ProjectorRun, train

    return train(ProjectorRun())


def _stylemaster_style() -> Iterator[Any]:
    from impasto.training.stylemaster.embedding import embedded_parts
    from impasto.training.stylemaster.style import train

    yield from train(start=embedded_parts())


def _stylemaster_motion() -> Iterator[Any]:
    from impasto.training.stylemaster.embedding import embedded_parts
    from impasto.training.stylemaster.motion import train

    yield from train(start=embedded_parts())


def _stylemaster_tile() -> Iterator[Any]:
    from impasto.training.stylemaster.embedding import embedded_parts
    from impasto.training.stylemaster.tile import train

    yield from train(start=embedded_parts())


def _stylemaster_nano() -> Iterator[Any]:
    from impasto.training.stylemaster.embedding import embed

    return embed()


def _dreamstyle_pairs() -> Iterator[Any]:
    from impasto.training.dreamstyle.drawnpairs import PairsConfig, make_pairs

    return make_pairs(PairsConfig())


def _dreamstyle_stills() -> Iterator[Any]:
    from impasto.training.dreamstyle.stillpairs import StillsConfig, make_stills

    return make_stills(StillsConfig())


def _dreamstyle_curated() -> Iterator[Any]:
    from impasto.training.dreamstyle.curated import take_curated

    return take_curated()


def _dreamstyle_nano() -> Iterator[Any]:
    from impasto.training.dreamstyle.recipe import train

    return train()


def _depth_nano() -> Iterator[Any]:
    from impasto.training.depthnano import train

    return train()


def _control_depth() -> Iterator[Any]:
    from impasto.training.control.recipe import train

    return train("depth")


def _control_pose() -> Iterator[Any]:
    from impasto.training.control.recipe import train

    return train("pose")


def _csd_nano() -> Iterator[Any]:
    from impasto.training.csd import CsdRun, train

    return train(CsdRun())


def _styles() -> Iterator[Any]:
    from impasto.training.namedstyles import make_all

    return make_all()


def _pictures() -> Iterator[Any]:
    from impasto.training.contactsheet import make_pictures

    return make_pictures()


RECIPES: dict[str, Callable[[], Iterator[Any]]] = {
    "encoder": _encoder,
    "swift": _swift,
    "text-encoder": _text_encoder,
    "prior": _prior,
    "csd-nano": _csd_nano,
    "clip-material": _clip_material,
    "clip-nano": _clip_nano,
    "nano-clips": _nano_clips,
    "nano-vae": _nano_vae,
    "nano-decoder": _nano_decoder,
    "nano-latents": _nano_latents,
    "nano-base": _nano_base,
    "stylemaster-illusions": _stylemaster_illusions,
    "stylemaster-projector": _stylemaster_projector,
    "stylemaster-style": _stylemaster_style,
    "stylemaster-motion": _stylemaster_motion,
    "stylemaster-tile": _stylemaster_tile,
    "stylemaster-nano": _stylemaster_nano,
    "dreamstyle-pairs": _dreamstyle_pairs,
    "dreamstyle-stills": _dreamstyle_stills,
    "dreamstyle-curated": _dreamstyle_curated,
    "dreamstyle-nano": _dreamstyle_nano,
    "depth-nano": _depth_nano,
    "control-depth": _control_depth,
    "control-pose": _control_pose,
    "styles": _styles,
    "pictures": _pictures,
}
"""In the order in which one needs the other."""
