"""DreamStyle led by depth and pose: the video alone, whatever else is given; as a stylizer, frame by frame."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from impasto.diffusion.attachments import RESIDUALS
from impasto.diffusion.controls import ControlledBase, Controls, load_controls
from impasto.guidance import Guidance, Style
from impasto.perception.control.pictures import CONTROLS, DepthPictures
from impasto.stylizers.dreamstyle.controlling import Controlling
from impasto.stylizers.dreamstyle.given import permuted
from impasto.stylizers.dreamstyle.model import DreamStyle
from tests.diffusion.toy import LATENT, PICTURE_MODEL, toy_transformer
from tests.stylizers.dreamstyle.test_stylizer import engine, painted, seen, written  # noqa: F401
from tests.stylizers.dreamstyle.toy import EACH, FRAMES, given, some, toy_dreamstyle, velocity


def led(tmp_path: Path, *kinds, awake: bool = True) -> tuple[DreamStyle, Controls]:
    """A DreamStyle, with ControlNets that have weights everywhere if they are awake, attached to what it is on."""
    model, files = toy_dreamstyle(), {}
    for seed, kind in enumerate(kinds):
        learned = ControlledBase(toy_transformer(**PICTURE_MODEL), "toy", [kind])
        torch.manual_seed(seed)
        for parameter in learned.learns().parameters() if awake else ():
            nn.init.normal_(parameter, std=0.3)
        files[kind] = tmp_path / f"{kind}.safetensors"
        learned.format.write(files[kind], learned.adapters(), as_bytes=False)
    controls = load_controls(model.transformer, "toy", files)
    model.control_by(controls)
    return model, controls


def control(kinds: int = 1, seed: int = 5) -> torch.Tensor:
    return some(2, kinds * LATENT, FRAMES, 4, 4, seed=seed)


@pytest.mark.parametrize(("first", "styles"), [(False, 0), (True, 2)])
@pytest.mark.parametrize("kinds", [("depth",), ("depth", "pose")])
def test_what_has_learned_nothing_changes_nothing_and_what_has_learned_leads(tmp_path, kinds, first, styles):
    plain = velocity(toy_dreamstyle(), given(first, styles))
    leading = given(first, styles, control=control(len(kinds)))
    # Its own weights are in float16.
    torch.testing.assert_close(velocity(led(tmp_path, *kinds, awake=False)[0], leading), plain, rtol=0, atol=0)
    model, _ = led(tmp_path, *kinds)
    assert not torch.allclose(velocity(model, leading), plain)
    other = replace(leading, control=control(len(kinds), seed=6))
    assert not torch.allclose(velocity(model, leading), velocity(model, other))
    assert torch.equal(velocity(model, given(first, styles)), plain)


def test_it_is_added_at_the_tokens_of_the_video_alone(tmp_path: Path):
    model, _ = led(tmp_path, "depth")
    velocity(model, given(first=True, styles=2, control=control()))
    for residual in model._context.residuals.values():
        assert residual.shape[1] == EACH * (1 + FRAMES + 2)
        assert residual[:, EACH : EACH * (1 + FRAMES)].any()
        assert not residual[:, :EACH].any()
        assert not residual[:, EACH * (1 + FRAMES) :].any()


def test_what_a_branch_says_hangs_on_no_extra_frame(tmp_path: Path):
    model, controls = led(tmp_path, "depth")
    found = []
    controls.register_forward_hook(lambda module, inputs, output: found.append(output))
    velocity(model, given(control=control()))
    velocity(model, given(first=True, styles=2, control=control()))
    assert all(torch.equal(value, found[1][place]) for place, value in found[0].items())


def test_without_control_again_and_detached_it_is_as_it_was(tmp_path: Path):
    model, controls = led(tmp_path, "depth")
    leading = given(control=control())
    before = velocity(model, leading)
    model.control_by(None)
    assert torch.equal(velocity(model, leading), velocity(toy_dreamstyle(), leading))
    model.control_by(controls)
    assert torch.equal(velocity(model, leading), before)
    model.detach()
    hooks = getattr(model.transformer.blocks[0], "_diffusers_hook", None)
    assert hooks is None or RESIDUALS not in hooks.hooks


def test_a_video_in_disorder_is_led_by_nothing():
    assert permuted(given(control=control()), torch.Generator()).control is None


# The stylizer


def nearness(frame: np.ndarray) -> np.ndarray:
    return frame.mean(2)


def controlling(model: DreamStyle, tmp_path: Path, kinds) -> Controlling:
    files = {}
    for kind in kinds:
        learned = ControlledBase(toy_transformer(**PICTURE_MODEL), "toy", [kind])
        for parameter in learned.learns().parameters():
            nn.init.normal_(parameter, std=0.3)
        files[kind] = tmp_path / f"{kind}.safetensors"
        learned.format.write(files[kind], learned.adapters(), as_bytes=False)
    estimators = tuple(DepthPictures(nearness if kind == "depth" else lambda frame: -nearness(frame)) for kind in kinds)
    return Controlling(load_controls(model.transformer, "toy", files), estimators)


def test_a_clip_is_led_in_every_window_by_the_pictures_of_its_own_frames(engine, seen, tmp_path: Path):  # noqa: F811
    asked = []

    def load(kinds):
        asked.append(kinds)
        return controlling(engine.model, tmp_path, kinds)

    led_engine = replace(engine, control=load)
    style = (Style(image=written(tmp_path / "style.png", 1)),)
    out = {}
    for names in ((), ("depth",), ("pose", "depth")):
        seen.clear()
        out[names] = painted(led_engine, Guidance(styles=style, control=names), count=13)
        if not names:
            assert {one.control for one in seen} == {None}
            continue
        controls = [one.control for one in seen]
        assert {one.shape[1] for one in controls} == {len(names) * LATENT}
        assert {(one.control.shape[2], one.raw.shape[2]) for one in seen} <= {(3, 3), (2, 2)}
        assert not torch.equal(controls[0], controls[-1])
    assert asked == [("depth",), CONTROLS]
    assert not np.allclose(out[()], out["depth",])
    assert not np.allclose(out["depth",], out["pose", "depth"])
    # What led the last run does not lead the next.
    assert np.array_equal(painted(led_engine, Guidance(styles=style), count=13), out[()])


def test_depth_has_one_scale_for_a_whole_shot(engine, seen, tmp_path: Path):  # noqa: F811
    estimates = []

    class Watched(DepthPictures):
        def fit(self, frames):
            frames = list(frames)
            estimates.append(len(frames))
            super().fit(frames)

    def load(kinds):
        made = controlling(engine.model, tmp_path, kinds)
        return replace(made, estimators=(Watched(nearness),))

    painted(replace(engine, control=load), Guidance(prompt="a mosaic", control=("depth",)), count=20)
    assert estimates == [8]
