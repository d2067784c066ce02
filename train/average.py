"""The moving average of a network's weights, which scores better than the last weights of a run with a high rate."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class Average:
    """The exponential moving average of a network's weights and of its batch statistics."""

    def __init__(self, network: nn.Module, decay: float):
        self.decay = decay
        self.network = copy.deepcopy(network).requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Follows `network` after `step` (from 0). Early on the average is shorter, so that it forgets the start."""
        decay = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = self.network.state_dict(), network.state_dict()
        floats = [name for name, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[n] for n in floats], [theirs[n] for n in floats], 1 - decay)


@torch.no_grad()
def recalibrate(network: nn.Module, images: Iterator[Tensor]) -> None:
    """Replaces the batch normalisations' running statistics by the plain mean over `images`.

    Averaged weights never ran forward in training: the averaged statistics are of other weights.
    """
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm3d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # cumulative mean
    network.train()
    for image in images:
        network(image)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
