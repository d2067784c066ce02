"""Scores on held-out training patients, and the end that they give to training. Test patients are never read."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from train.config import Config
from train.dataset import Patches, Row, centre_crop, targets


def score(
    classes_of: Callable[[np.ndarray], np.ndarray], patches: Patches, rows: Sequence[Row], config: Config
) -> dict[str, float]:
    """Returns Dice over the voxels of all `rows` together, a class each: lung is {1, 2}, infection itself.

    `classes_of` takes float32 HU [1, 1, Z, Y, X] and returns the class of each voxel [Z, Y, X]; it gets the centre of
    each patch. NaN where neither the reference nor the prediction has the class.
    """
    x, y, z = config.patch_size
    counts = np.zeros((len(config.classes), 3))  # overlap, predicted, true
    for row in rows:
        image, label = (centre_crop(a, (z, y, x)) for a in patches.read(row))
        predicted, truth = classes_of(image[None, None].astype(np.float32)), targets(label, config.task)
        for c, name in enumerate(config.classes):
            p, t = (a >= 1 if name == "lung" else a == c for a in (predicted, truth))
            counts[c] += (p & t).sum(), p.sum(), t.sum()
    with np.errstate(invalid="ignore"):
        dice = 2 * counts[:, 0] / (counts[:, 1] + counts[:, 2])
    return dict(zip(config.classes[1:], dice[1:].tolist(), strict=True))


@torch.no_grad()
def validate(network: nn.Module, patches: Patches, rows: Sequence[Row], config: Config) -> dict[str, float]:
    """Returns `score` of a network, which is left in eval mode."""
    device = next(network.parameters()).device
    network.eval()

    def classes_of(hu: np.ndarray) -> np.ndarray:
        image = torch.from_numpy(hu).to(device, memory_format=torch.channels_last_3d)
        return network(image).argmax(dim=1)[0].cpu().numpy()

    return score(classes_of, patches, rows, config)


def held_out(patches: Patches, config: Config) -> tuple[list[Row], list[Row]]:
    """Returns the rows to train on, and those to score, which are spread evenly over the held-out patients' patches."""
    training, held = patches.split(config.validation.fraction, config.seed)
    every = max(1, len(held) // config.validation.patches)
    return training, held[::every][: config.validation.patches]


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
        if not self.scores or mean_dice(scores) > mean_dice(self.scores):
            self.since, self.step, self.scores = 0, step, scores
            self.weights = copy.deepcopy(network.state_dict())
        else:
            self.since += 1


def mean_dice(scores: dict[str, float]) -> float:
    """Returns the mean over the classes that are defined, -1 where none is."""
    defined = [s for s in scores.values() if not math.isnan(s)]
    return sum(defined) / len(defined) if defined else -1.0
