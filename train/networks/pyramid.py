"""Atrous pyramids for the deepest features: PASPP, and the two plainer ones that the paper's Table II compares it with.

Four branches reduce the features to a quarter of the channels each and are dilated 1, 2, 4 and 8; what they give is
joined and fused 1x1x1. All convolutions are normalised and rectified; sums are added after the ReLU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.blocks import conv_norm_relu


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: the branches' outputs side by side."""

    DILATIONS = (1, 2, 4, 8)
    PAIRS = 0  # that are fused before all are

    def __init__(self, channels: int):
        super().__init__()
        quarter = channels // len(self.DILATIONS)
        self.reduce = nn.ModuleList(conv_norm_relu(channels, quarter, kernel=1) for _ in self.DILATIONS)
        self.atrous = nn.ModuleList(conv_norm_relu(quarter, quarter, dilation=d) for d in self.DILATIONS)
        self.pairs = nn.ModuleList(conv_norm_relu(2 * quarter, 2 * quarter, kernel=1) for _ in range(self.PAIRS))
        self.fuse = conv_norm_relu(4 * quarter, channels, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        inputs = [reduce(x) for reduce in self.reduce]
        outputs = [atrous(i) for atrous, i in zip(self.atrous, inputs, strict=True)]
        return self.fuse(torch.cat(self.join(inputs, outputs), dim=1))

    def join(self, inputs: list[Tensor], outputs: list[Tensor]) -> list[Tensor]:
        return outputs


class ResASPP(ASPP):
    """ASPP whose branches each add their input to their output; nothing is concatenated before the end."""

    def join(self, inputs: list[Tensor], outputs: list[Tensor]) -> list[Tensor]:
        return [o + i for o, i in zip(outputs, inputs, strict=True)]


class PASPP(ASPP):
    """Progressive ASPP: adjacent branches add the sum of their inputs, and are fused by pairs before all are.

    Adjacent means (1, 2) and (4, 8), the pairs that are fused.
    """

    PAIRS = 2

    def join(self, inputs: list[Tensor], outputs: list[Tensor]) -> list[Tensor]:
        fused = []
        for first, pair in zip((0, 2), self.pairs, strict=True):
            shared = inputs[first] + inputs[first + 1]
            fused.append(pair(torch.cat((outputs[first] + shared, outputs[first + 1] + shared), dim=1)))
        return fused
