"""Scores on held-out training patients, and the end that they give to training. Test patients are never read."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from train.config import Config
from train.dataset import Patches, Row, centre_crop, targets


@torch.no_grad()
def validate(network: nn.Module, patches: Patches, rows: Sequence[Row], config: Config) -> dict[str, float]:
    """Returns Dice over the voxels of all `rows` together, a class each: lung is {1, 2}, infection itself.

    The centre of each patch is scored. NaN where neither the reference nor the prediction has the class.
    """
    x, y, z = config.patch_size
    device = next(network.parameters()).device
    counts = np.zeros((len(config.classes), 3))  # overlap, predicted, true
    network.eval()
    for row in rows:
        image, label = (centre_crop(a, (z, y, x)) for a in patches.read(row))
        hu = torch.from_numpy(image.astype(np.float32))[None, None].to(device, memory_format=torch.channels_last_3d)
        predicted, truth = network(hu).argmax(dim=1)[0].cpu().numpy(), targets(label, config.task)
        for c, name in enumerate(config.classes):
            p, t = (a >= 1 if name == "lung" else a == c for a in (predicted, truth))
            counts[c] += (p & t).sum(), p.sum(), t.sum()
    with np.errstate(invalid="ignore"):
        dice = 2 * counts[:, 0] / (counts[:, 1] + counts[:, 2])
    return dict(zip(config.classes[1:], dice[1:].tolist(), strict=True))


class Best:
    """The best weights so far by mean Dice, and how many validations ago they were scored."""

    def __init__(self, patience: int):
        self.patience = patience
        self.since = 0
        self.step = 0
        self.scores: dict[str, float] = {}
        self.weights: dict[str, Tensor] = {}

    @property
    def ended(self) -> bool:
        return 0 < self.patience <= self.since

    def see(self, scores: dict[str, float], network: nn.Module, step: int) -> None:
        if not self.scores or _mean(scores) > _mean(self.scores):
            self.since, self.step, self.scores = 0, step, scores
            self.weights = copy.deepcopy(network.state_dict())
        else:
            self.since += 1


def _mean(scores: dict[str, float]) -> float:
    defined = [s for s in scores.values() if not math.isnan(s)]
    return sum(defined) / len(defined) if defined else -1.0
