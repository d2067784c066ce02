"""The training loss: a weighted sum of soft Dice and cross-entropy."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SMOOTH = 1.0
"""Voxels added to both sides of the Dice fraction, so that a class that is absent and not predicted costs nothing."""


def soft_dice_loss(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Returns 1 - soft Dice, the mean over every class but background.

    `probabilities` is [N, C, ...], `labels` [N, ...]. Sums run over the whole batch: a crop without
    infection would else make the infection term all or nothing. Sums, not squares, as in Dice itself.
    """
    losses = []
    for label in range(1, probabilities.shape[1]):
        truth = (labels == label).to(probabilities.dtype)
        predicted = probabilities[:, label]
        overlap = (predicted * truth).sum()
        losses.append(1 - (2 * overlap + SMOOTH) / (predicted.sum() + truth.sum() + SMOOTH))
    return torch.stack(losses).mean()


def combined_loss(
    logits: Tensor, labels: Tensor, dice_weight: float = 0.5, cross_entropy_weight: float = 0.5
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the weighted sum, then its two parts detached: soft Dice loss and cross-entropy."""
    log_probabilities = F.log_softmax(logits, dim=1)
    cross_entropy = F.nll_loss(log_probabilities, labels)
    dice = soft_dice_loss(log_probabilities.exp(), labels)
    total = dice_weight * dice + cross_entropy_weight * cross_entropy
    return total, dice.detach(), cross_entropy.detach()
