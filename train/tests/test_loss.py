"""The loss on cases known by hand."""

import math

import pytest
import torch

from train.loss import SMOOTH, combined_loss, soft_dice_loss


def test_perfect_prediction_costs_nothing():
    labels = torch.tensor([[0, 1, 2, 2]])
    logits = torch.nn.functional.one_hot(labels, 3).permute(0, 2, 1).float() * 100
    loss, dice, cross_entropy = combined_loss(logits, labels)
    assert (loss.item(), dice.item(), cross_entropy.item()) == pytest.approx((0, 0, 0), abs=1e-6)


def test_uniform_prediction():
    """Cross-entropy ln 3. Dice of each foreground class: overlap 1/3, predicted 4/3, true 1."""
    labels = torch.tensor([[0, 0, 1, 2]])
    loss, dice, cross_entropy = combined_loss(torch.zeros(1, 3, 4), labels)
    want = 1 - (2 / 3 + SMOOTH) / (4 / 3 + 1 + SMOOTH)
    assert cross_entropy.item() == pytest.approx(math.log(3))
    assert dice.item() == pytest.approx(want)
    assert loss.item() == pytest.approx(0.5 * want + 0.5 * math.log(3))


def test_weights():
    labels = torch.tensor([[0, 0, 1, 2]])
    loss, dice, cross_entropy = combined_loss(torch.zeros(1, 3, 4), labels, 1.0, 0.0)
    assert loss.item() == pytest.approx(dice.item())
    loss, *_ = combined_loss(torch.zeros(1, 3, 4), labels, 0.0, 1.0)
    assert loss.item() == pytest.approx(cross_entropy.item())


def test_dice_ignores_background():
    """All lung found and no infection anywhere: background does not raise or lower the loss."""
    probabilities = torch.zeros(1, 3, 4)
    probabilities[0, 1] = 1.0
    assert soft_dice_loss(probabilities, torch.ones(1, 4, dtype=torch.long)).item() == pytest.approx(0.0)


def test_dice_sums_over_the_batch():
    """Two crops, infection in one only: as one crop of both."""
    torch.manual_seed(1)
    probabilities = torch.rand(2, 3, 5).softmax(1)
    labels = torch.tensor([[0, 1, 2, 2, 1], [0, 0, 1, 1, 0]])
    together = soft_dice_loss(probabilities.permute(1, 0, 2).reshape(1, 3, 10), labels.reshape(1, 10))
    assert soft_dice_loss(probabilities, labels).item() == pytest.approx(together.item())
