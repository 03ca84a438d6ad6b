"""Memory plans follow from numbers: what fits is used, what does not is refused."""

from dataclasses import replace

import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from impasto.diffusion.configs import NANO, WAN_1_3B, WAN_14B_I2V, TransformerConfig
from impasto.diffusion.controlnet import ControlNet
from impasto.diffusion.memory import MemoryPlan, Room, plan_memory, room
from impasto.diffusion.vaelayers import compute_as_pictures
from impasto.errors import ResourceError
from tests.diffusion.toy import LATENT, toy_conditions, toy_latents, toy_transformer

GB = 10**9
WIDE = (832, 480)


def plan(
    config, gigabytes: float, host: float = 200, frames: int = 81, size: tuple[int, int] = WIDE, **more
) -> MemoryPlan:
    return plan_memory(config, size, frames, Room("cuda", int(gigabytes * GB), int(host * GB)), **more)


def test_all_stays_where_there_is_room():
    found = plan(WAN_1_3B, 80)
    assert (found.offload, found.tiled, found.frames, found.host_bytes) == ("none", False, 81, 0)
    weights = 2 * 1_418_996_800 + 4 * 126_892_531 + 2 * 5_680_910_336
    assert weights < found.device_bytes < weights + 12 * GB


def test_less_room_offloads_then_tiles_then_shortens():
    seen = []
    for gigabytes in range(80, 3, -1):
        try:
            found = plan(WAN_14B_I2V, gigabytes)
        except ResourceError:
            break
        assert found.device_bytes <= 0.9 * gigabytes * GB
        if (found.offload, found.frames == 81) not in seen:
            seen.append((found.offload, found.frames == 81))
    assert seen[:3] == [("none", True), ("model", True), ("group", True)]
    assert not seen[3][1]


def test_the_whole_window_is_worth_tiles():
    large, small = (plan(WAN_1_3B, gigabytes, size=(1280, 720)) for gigabytes in (80, 16))
    assert (large.offload, large.tiled) == ("none", False)
    assert (small.offload, small.tiled, small.frames) == ("model", True, 81)
    assert small.device_bytes < large.device_bytes


def test_windows_are_as_long_as_fits_and_4n_plus_1():
    lengths = [plan(WAN_1_3B, 12.7, size=(1920, 1088), frames=frames).frames for frames in (81, 200)]
    assert lengths[0] == lengths[1] < 81
    assert lengths[0] % 4 == 1
    assert plan(WAN_1_3B, 80, frames=30).frames == 33
    assert plan(WAN_1_3B, 80, frames=3).frames == 5


def test_what_is_attached_and_computed_at_once_counts():
    plain = plan(WAN_14B_I2V, 139).device_bytes
    assert plan(WAN_14B_I2V, 139, attached_parameters=10**9).device_bytes == plain + 2 * GB
    assert plan(WAN_14B_I2V, 139, links=3).device_bytes > plain


def test_what_controlnets_hold_for_the_base_counts():
    """As the real ones give it: bfloat16, for half of the blocks; of two there is the sum and one more."""
    base = toy_transformer()
    nets = [ControlNet(base, LATENT) for _ in range(2)]
    led = replace(toy_conditions(style=False), control=toy_latents())
    given = nets[0](toy_latents(), torch.ones(2), led)
    tokens = 2 * 2 * 2  # of one clip: 2 latent frames of 4x4, in patches of 2x2
    assert {tuple(one.shape[1:]) for one in given.values()} == {(tokens, base.proj_out.in_features)}
    config = replace(NANO, transformer=TransformerConfig(
        num_attention_heads=2, attention_head_dim=12, num_layers=3, ffn_dim=32, in_channels=LATENT, text_dim=8
    ))  # fmt: skip
    # At which the transformer takes more than the autoencoder, so that nothing hides what is added.
    needed = [
        plan_memory(config, (32, 32), 5, Room("cuda", GB, GB), links=10_000, controls=count).device_bytes
        for count in range(4)
    ]
    assert [more - needed[0] for more in needed[1:]] == [
        10_000 * 2 * times * len(given) * tokens * base.proj_out.in_features for times in (1, 2, 2)
    ]


class Held(TorchDispatchMode):
    """The most bytes that what is computed within it holds at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.most, self._now = 0, dict[int, tuple[StorageWeakRef, int]]()

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        out = function(*arguments, **(named or {}))
        for tensor in tree_leaves(out):
            storage = tensor.untyped_storage()
            reference = StorageWeakRef(storage)
            self._now.setdefault(reference.cdata, (reference, storage.nbytes()))
        self._now = {key: each for key, each in self._now.items() if not each[0].expired()}
        self.most = max(self.most, sum(size for _, size in self._now.values()))
        return out


@pytest.mark.parametrize("size", [(256, 144), (512, 288)])
@pytest.mark.parametrize("config", [NANO, replace(WAN_1_3B, frames=17)], ids=["nano", "wan"])
def test_what_the_decoder_holds_is_planned_with_some_workspace(config, size: tuple[int, int]):
    with torch.device("meta"):
        coder = config.autoencoder.build().eval()
        latents = torch.empty(1, coder.config.z_dim, 5, size[1] // 8, size[0] // 8)
    if config is NANO:
        compute_as_pictures(coder)  # as it is loaded
    with torch.no_grad(), Held() as held:
        coder.decode(latents)
    sizes = config.parameters
    weights = 4 * sizes.autoencoder + 2 * (sizes.transformer + sizes.text_encoder + sizes.picture_encoder)
    planned = plan(config, 80, frames=17, size=size).device_bytes - weights
    assert 1.1 * held.most < planned < 1.6 * held.most


def test_offload_needs_the_machines_memory():
    assert plan(WAN_14B_I2V, 80, host=1).offload == "none"
    with pytest.raises(ResourceError, match=r"about 45\.\d GB of machine memory and 1\.0 GB are free"):
        plan(WAN_14B_I2V, 30, host=1)


def test_too_little_is_refused_with_what_is_needed_and_there():
    with pytest.raises(ResourceError, match=r"wan-1\.3b at 832x480 needs about 2\.\d GB of cuda memory and 1\.0 GB"):
        plan(WAN_1_3B, 1)


def test_the_cpu_offloads_nothing():
    found = plan_memory(NANO, (256, 144), 17, Room("cpu", 2 * GB, 2 * GB))
    assert (found.offload, found.tiled, found.frames) == ("none", False, 17)
    with pytest.raises(ResourceError, match="cpu memory"):
        plan_memory(WAN_14B_I2V, WIDE, 81, Room("cpu", 20 * GB, 20 * GB))


def test_a_plan_is_told_in_a_sentence():
    (line,) = MemoryPlan("group", True, 49, 9_600_000_000, 40 * GB).lines()
    assert line.startswith("Windows of 49 frames, about 9.6 GB: ")
    assert "block by block" in line
    assert line.endswith("in tiles.")
    (line,) = replace(MemoryPlan("none", False, 81, 1, 0)).lines()
    assert "tiles" not in line


def test_room_of_the_cpu_is_the_machines():
    found = room(torch.device("cpu"))
    assert found.device == "cpu"
    assert found.free == found.host > 0
