"""Two processes train as documented: a part of the rows each, gradients averaged, the loss their mean."""

import os
import subprocess
import sys
from pathlib import Path

import torch

from train import checkpoint
from train.config import Config, parse
from train.dataset import Batches, Patches
from train.log import read
from train.loss import combined_loss
from train.tests.shards import write_shards

CONFIGURATION = """
name: tiny
network: unet4_aspp
width: 2
spacing_mm: [3, 3, 3]
patch_size: [16, 16, 8]
batch_size: 1
steps: 2
threads: 1
validation: {fraction: 0.25, every_steps: 2, patches: 1}
optimizer: {learning_rate: 1e-3, decay: 0}
"""


def alone(config: Config, data: Path) -> tuple[list[float], dict]:
    """Returns the losses and weights of the documented step, computed in one process without DistributedDataParallel.

    Each process has batch statistics of its own, so each is a copy of the network; gradients are averaged by hand.
    """
    patches = Patches(data, config)
    rows = patches.split(config.validation.fraction, config.seed)[0]
    torch.manual_seed(config.seed)
    first = checkpoint.new_network(config)
    second = checkpoint.new_network(config)
    second.load_state_dict(first.state_dict())
    parts = [Batches(patches, rows, config, part, 2) for part in range(2)]
    optimizers = [torch.optim.Adam(n.parameters(), lr=1e-3) for n in (first, second)]
    losses = []
    for step in range(config.steps):
        both = []
        for network, batches in zip((first, second), parts, strict=True):
            network.zero_grad()
            image, label = batches.batch(step)
            loss = combined_loss(network.train()(image), label)[0]
            loss.backward()
            both.append(loss.item())
        losses.append(sum(both) / 2)
        for p, q in zip(first.parameters(), second.parameters(), strict=True):
            p.grad = q.grad = (p.grad + q.grad) / 2
        for optimizer in optimizers:
            optimizer.step()
    return losses, first.state_dict()


def test_two_processes(tmp_path):
    write_shards(tmp_path / "data")
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "train.train"]
    arguments = ["--config", "c.yaml", "--data", "data", "--out", "run"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *command, *arguments], cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().count("tiny: 2 steps") == 1, "one process speaks"

    losses, weights = alone(parse(CONFIGURATION), tmp_path / "data")
    got = [float(row["loss"]) for row in read(tmp_path / "run" / "train.csv")]
    torch.testing.assert_close(torch.tensor(got), torch.tensor(losses), rtol=1e-5, atol=1e-5)
    state = checkpoint.load(tmp_path / "run" / "checkpoint.pt")
    assert (state["processes"], state["finished"]) == (2, True)
    for name, value in weights.items():
        torch.testing.assert_close(state["network"][name], value, rtol=1e-4, atol=1e-5, msg=name)

    one = [sys.executable, "-m", "train.train", *arguments]
    refused = subprocess.run(one, cwd=tmp_path, env=environment, capture_output=True)
    assert refused.returncode == 1
    assert b"made by 2 process(es), these are 1" in refused.stderr
