"""Training: it learns, it goes on exactly where it stopped, and it says what is wrong."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from train import train as training
from train.average import Average, recalibrate
from train.checkpoint import load
from train.config import Optimizer
from train.dataset import Patches
from train.processes import Processes
from train.tests.shards import tiny_config, write_shards
from train.train import Training, TrainingError, learning_rate, main
from train.validation import validate


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_shards(root)
    return root


def stopping_after(steps: int):
    calls = iter(range(1, 1000))
    return lambda: next(calls) >= steps


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_real_step_lowers_the_loss(data, precision):
    config = tiny_config(optimizer=Optimizer(learning_rate=1e-3), precision=precision)
    state = Training(config, Patches(data, config), Processes())
    image, label = state.batches.batch(0)
    losses = [state.do_step(image, label)["loss"] for _ in range(4)]
    assert {p.dtype for p in state.network.parameters()} == {torch.float32}
    assert losses[1] < losses[0]
    assert losses[3] < losses[1]


@pytest.mark.parametrize("average_decay", [0.0, 0.9])
def test_resume_is_exact(data, tmp_path, average_decay):
    """Stopped after 4 of 6 steps and taken up again, the weights are those of a run that was not."""
    config = tiny_config(average_decay=average_decay, optimizer=Optimizer(learning_rate=3e-3, schedule="one_cycle"))
    whole = training.train(config, data, tmp_path / "whole")
    first = training.train(config, data, tmp_path / "parts", stop=stopping_after(4))
    assert first.step == 4
    assert not first.finished
    second = training.train(config, data, tmp_path / "parts")
    assert second.step == 6
    for name, want in whole.best_network.state_dict().items():
        assert torch.equal(second.best_network.state_dict()[name], want), name
    logs = [list(csv.DictReader((tmp_path / run / "train.csv").open())) for run in ("whole", "parts")]
    assert [[r["step"], r["loss"]] for r in logs[0]] == [[r["step"], r["loss"]] for r in logs[1]]
    assert second.scores == whole.scores


def test_a_finished_run_is_not_repeated(data, tmp_path):
    config = tiny_config(steps=2)
    training.train(config, data, tmp_path)
    before = (tmp_path / "checkpoint.pt").stat().st_mtime_ns
    assert training.train(config, data, tmp_path).step == 2
    assert (tmp_path / "checkpoint.pt").stat().st_mtime_ns == before


def test_checkpoint_of_another_configuration_is_refused(data, tmp_path):
    training.train(tiny_config(steps=1), data, tmp_path)
    with pytest.raises(TrainingError, match="another width: give another --out, or --restart"):
        training.train(tiny_config(steps=1, width=8), data, tmp_path)
    training.train(tiny_config(steps=1, width=8), data, tmp_path, restart=True)


def test_budget_in_minutes_ends_training(data, tmp_path):
    done = training.train(tiny_config(steps=None, minutes=1e-6), data, tmp_path)
    assert done.step == 1
    assert done.finished


def test_constant_rate_decays_as_in_keras():
    o = Optimizer()
    assert learning_rate(o, 0, 0) == 1e-4
    assert learning_rate(o, 1_000_000, 0.5) == pytest.approx(0.5e-4)


def test_one_cycle_rises_and_falls():
    o = Optimizer(learning_rate=1.0, decay=0, schedule="one_cycle", warm_up=0.2)
    rates = [learning_rate(o, 0, p) for p in (0, 0.1, 0.2, 0.6, 1)]
    assert rates == pytest.approx([0.04, 0.52, 1.0, 0.5005, 0.001])


def test_average_follows_the_network():
    """The first update takes nine tenths of the new weights (decay (1+0)/(10+0)), much later ones 1 - decay."""
    network = nn.BatchNorm3d(1)
    average = Average(network, decay=0.9)
    nn.init.constant_(network.weight, 2.0)
    network.running_mean.fill_(10.0)
    average.update(network, 0)
    assert average.network.weight.item() == pytest.approx(1.9)
    assert average.network.running_mean.item() == pytest.approx(9.0)
    average.update(network, 10_000)
    assert average.network.weight.item() == pytest.approx(1.91)


def test_recalibration_is_the_plain_mean():
    network = nn.Sequential(nn.BatchNorm3d(1))
    recalibrate(network, iter([torch.full((1, 1, 2, 2, 2), v) for v in (1.0, 3.0)]))
    assert network[0].running_mean.item() == pytest.approx(2.0)
    assert network[0].momentum == 0.1


class Oracle(nn.Module):
    """Thresholds HU: finds the ball's lung, and calls everything else lesion or background by value."""

    def __init__(self, lesion: bool):
        super().__init__()
        self.lesion, self.anything = lesion, nn.Parameter(torch.zeros(1))

    def forward(self, hu):
        lesion = (hu > -600) & (hu < -100) if self.lesion else torch.zeros_like(hu, dtype=torch.bool)
        return torch.cat((torch.full_like(hu, 0.5), (hu <= -600).float(), lesion.float()), dim=1)


def test_validation_scores_lung_with_its_lesions(data):
    """Without the lesion, infection scores 0, and lung 2|L|/(|L| + |L| + |I|), for it should hold the lesion."""
    config = tiny_config()
    patches = Patches(data, config)
    rows = patches.split(0.25, 1)[1]
    assert validate(Oracle(True), patches, rows, config) == {"lung": 1.0, "infection": 1.0}
    labels = np.concatenate([patches.read(r)[1][4:12, 2:18, 4:20] for r in rows])
    lung, lesion = (labels == 1).sum(), (labels == 2).sum()
    scores = validate(Oracle(False), patches, rows, config)
    assert scores["infection"] == 0
    assert scores["lung"] == pytest.approx(2 * lung / (2 * lung + lesion))


def test_infinite_loss_stops(data):
    config = tiny_config()
    state = Training(config, Patches(data, config), Processes())
    nn.init.constant_(state.network.head.bias, math.nan)
    with pytest.raises(TrainingError, match="lower the learning rate"):
        state.do_step(*state.batches.batch(0))


CONFIGURATION = """
name: tiny
width: 4
spacing_mm: [3, 3, 3]
patch_size: [16, 16, 8]
steps: 1
threads: 1
validation: {fraction: 0.25}
"""


def test_command(data, tmp_path, capsys):
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    assert main(["--config", f"{tmp_path}/c.yaml", "--data", str(data), "--out", f"{tmp_path}/out"]) == 0
    assert capsys.readouterr().out.startswith("tiny: 1 steps in")
    assert load(tmp_path / "out" / "checkpoint.pt")["finished"]


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        (CONFIGURATION + "witdh: 4\n", 2, "witdh: unknown key"),
        (CONFIGURATION.replace("[3, 3, 3]", "[1, 1, 1]"), 1, "resample and train at one spacing"),
    ],
)
def test_command_says_what_is_wrong(data, tmp_path, capsys, text, status, message):
    (tmp_path / "c.yaml").write_text(text)
    assert main(["--config", f"{tmp_path}/c.yaml", "--data", str(data), "--out", f"{tmp_path}/out"]) == status
    assert message in capsys.readouterr().err


def test_restoring_needs_the_same_shards(data, tmp_path):
    config = tiny_config(steps=1)
    training.train(config, data, tmp_path / "out")
    write_shards(tmp_path / "other", shards=3)
    with pytest.raises(TrainingError, match="other shards"):
        training.train(replace(config, steps=2), tmp_path / "other", tmp_path / "out")
