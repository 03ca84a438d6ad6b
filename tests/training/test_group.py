"""Two processes that train together do what one does, and go on with each other's checkpoints."""

import os
import socket
import time
from pathlib import Path

import pytest
import torch
import torch.multiprocessing as mp
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from impasto.errors import UnsupportedOption
from impasto.training.adamw import AdamW
from impasto.training.checkpoint import restore, snapshot
from impasto.training.group import Group

BATCH = 4
STEPS = 2


def model() -> WanTransformer3DModel:
    torch.manual_seed(0)
    return WanTransformer3DModel(
        num_attention_heads=2, attention_head_dim=12, in_channels=4, out_channels=4, text_dim=8, freq_dim=16,
        ffn_dim=32, num_layers=2,
    )  # fmt: skip


def loss(net: WanTransformer3DModel, step: int, share: slice) -> Tensor:
    # Chance hangs on the step and the place in the batch, not on who computes it.
    torch.manual_seed(step)
    latents, wanted, text = (torch.randn(BATCH, *shape)[share] for shape in ((4, 2, 4, 4), (4, 2, 4, 4), (3, 8)))
    sigmas = torch.rand(BATCH)[share]
    (found,) = net(latents, 1000 * sigmas, text, return_dict=False)
    return (found - wanted).square().mean()


def train(group: Group, start: Path | None, output: Path) -> list[float]:
    """Two steps, from a checkpoint where there is one, to another; gives the losses."""
    net = model()
    group.shard(net, net.blocks, torch.float32)
    parameters = dict(net.named_parameters())
    optimizer = AdamW(parameters.values(), 0.01)
    first = 0
    if start:
        first = STEPS
        restore(load_file(start), parameters, optimizer, first)
    losses = []
    for step in range(first, first + STEPS):
        value = loss(net, step, group.share(BATCH))
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step(1e-2)
        losses.append(group.mean(value.detach()).item())
    state = snapshot(parameters, optimizer)
    if group.rank == 0:
        save_file({name: value.contiguous() for name, value in state.items()}, output)
    return losses


def one_of_two(rank: int, port: int, folder: Path) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ |= {"MASTER_PORT": str(port), "ACCELERATE_USE_CPU": "true"}
    torch.set_num_threads(1)
    group = Group(cpu=True)
    assert (group.rank, group.size) == (rank, 2)
    losses = train(group, None, folder / "by-two") + train(group, folder / "by-one", folder / "by-one-then-two")
    if rank == 0:
        save_file({"losses": torch.tensor(losses)}, folder / "losses")
    with pytest.raises(UnsupportedOption, match="1 cannot be shared by 2"):
        group.share(1)
    rows = torch.arange(15.0).view(5, 3)
    assert torch.equal(group.spread(lambda some: some.cumsum(1), rows), rows.cumsum(1))
    assert torch.equal(group.spread(torch.neg, rows[:1]), -rows[:1])
    for number, name in group.deal(("early", "late")):
        assert number == rank + 1
        time.sleep(0.2 * rank)
        (folder / name).touch()
    assert (folder / "late").exists()  # waited for


def test_two_processes_do_what_one_does_and_go_on_with_its_checkpoint(tmp_path: Path):
    alone = train(Group(cpu=True), None, tmp_path / "by-one")
    assert alone[1] != alone[0]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(one_of_two, (port, tmp_path), nprocs=2)  # pyright: ignore[reportPrivateImportUsage]
    alone += train(Group(cpu=True), tmp_path / "by-two", tmp_path / "by-two-then-one")
    assert load_file(tmp_path / "losses")["losses"].tolist() == pytest.approx(alone, rel=1e-4)
    for name, value in load_file(tmp_path / "by-one-then-two").items():
        torch.testing.assert_close(value, load_file(tmp_path / "by-two-then-one")[name], rtol=1e-3, atol=1e-5)
