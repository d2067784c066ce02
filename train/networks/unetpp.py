"""UNet++ (Zhou et al., 2018): a U-Net whose skips are dense chains of convolutions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from train.networks.blocks import double, up_norm_relu
from train.networks.segmenter import Segmenter

LEVELS = 5


class UNetPlusPlus(Segmenter):
    """Node (i, j) of resolution i takes every earlier node of i and the up-sampled node (i + 1, j - 1).

    Silent in the paper: there is no deep supervision, so that loss and settings are those of the other
    networks; the output is of node (0, 4), as in the authors' own comparison without it.
    """

    size_multiple = 16
    authors_width = 32

    def __init__(self, width: int, window_hu: Sequence[float], classes: int = 3):
        super().__init__(width, window_hu)
        channels = [width << level for level in range(LEVELS)]
        self.pool = nn.MaxPool3d(2)
        self.nodes, self.ups = nn.ModuleDict(), nn.ModuleDict()
        for j in range(LEVELS):
            for i in range(LEVELS - j):
                c = channels[i]
                below = 1 if i == 0 else channels[i - 1]
                self.nodes[f"{i}_{j}"] = double(below if j == 0 else (j + 1) * c, c, c)
                if j > 0:
                    self.ups[f"{i}_{j}"] = up_norm_relu(2 * c, c)
        self.head = nn.Conv3d(width, classes, 1)

    def logits(self, x: Tensor) -> Tensor:
        rows: list[list[Tensor]] = []
        for i in range(LEVELS):
            rows.append([self.nodes[f"{i}_0"](self.pool(rows[-1][0]) if rows else x)])
        for j in range(1, LEVELS):
            for i in range(LEVELS - j):
                above = self.ups[f"{i}_{j}"](rows[i + 1][j - 1])
                rows[i].append(self.nodes[f"{i}_{j}"](torch.cat((*rows[i], above), dim=1)))
        return self.head(rows[0][-1])
