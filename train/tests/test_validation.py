"""The end by validation: on training patients alone, with the weights that scored best."""

import math

import pytest
import torch
from torch import nn

from train import train as training
from train.checkpoint import load, network_of
from train.config import Optimizer, Validation
from train.tests.shards import tiny_config, write_shards
from train.validation import Best


def weighing(value: float) -> nn.Module:
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, value)
    return network


def test_best_keeps_the_best_and_ends_after_its_patience():
    best = Best(patience=2)
    for step, (lung, infection) in enumerate([(0.5, 0.1), (0.6, 0.4), (0.9, 0.1), (0.6, 0.4)]):
        assert not best.ended
        best.see({"lung": lung, "infection": infection}, weighing(step), step)
    assert best.ended
    assert best.step == 1, "means are 0.3, 0.5, 0.5, 0.5: the first of equals stays"
    assert best.weights["weight"].item() == 1


def test_best_leaves_out_what_is_undefined():
    best = Best(patience=5)
    best.see({"lung": 0.6, "infection": math.nan}, weighing(0), 0)
    best.see({"lung": 0.5, "infection": 0.6}, weighing(1), 1)
    assert best.step == 0


def test_patience_of_none_never_ends():
    best = Best(patience=0)
    best.see({"lung": 0.5}, weighing(0), 0)
    best.see({"lung": 0.4}, weighing(0), 1)
    assert not best.ended


def test_training_ends_early_and_keeps_its_best(tmp_path):
    """A rate of 1e-12 changes nothing, so the first validation stays the best: 2 more and it ends, of 50 steps."""
    write_shards(tmp_path / "data")
    config = tiny_config(
        steps=50,
        optimizer=Optimizer(learning_rate=1e-12),
        validation=Validation(fraction=0.25, every_steps=1, patches=1, patience=2),
    )
    first = training.train(config, tmp_path / "data", tmp_path / "run", stop=lambda: True)
    assert (first.step, first.finished) == (1, False)
    done = training.train(config, tmp_path / "data", tmp_path / "run")
    assert done.finished
    assert done.step < 50
    state = load(tmp_path / "run" / "checkpoint.pt")
    assert state["best"]["step"] == done.step - 2
    assert state["scores"] == state["best"]["scores"]
    assert torch.equal(network_of(state).head.weight, state["best"]["weights"]["head.weight"])
    again = training.train(config, tmp_path / "data", tmp_path / "run")
    assert again.step == done.step, "it is done, and not begun again"


@pytest.mark.parametrize(("task", "classes"), [("lung", ["lung"]), ("infection", ["infection"])])
def test_tasks_are_scored_alone(tmp_path, task, classes):
    write_shards(tmp_path / "data")
    done = training.train(tiny_config(task=task, steps=2), tmp_path / "data", tmp_path / "run")
    assert list(done.scores) == classes
    assert done.network.head.out_channels == 2
