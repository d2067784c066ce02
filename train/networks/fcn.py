"""A fully convolutional network in 3D, after FCN-8s (Long et al., 2015)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from train.networks.blocks import conv_norm_relu
from train.networks.segmenter import Segmenter


class FCN(Segmenter):
    """VGG's stages of 2, 2, 3 and 3 convolutions, then two more in place of its dense layers; no decoder.

    Scores of the last layer and of the two poolings before it are summed as FCN-8s does, each up-sampled by a
    transposed convolution that begins as linear interpolation. Silent in the paper, and other than FCN-8s: four
    poolings and not five, for the fifth would leave 2 voxels of a crop's 64, so scores are of a 16th, 8th and 4th of
    the resolution; the dense layers are 3x3x3 and 1x1x1 with twice the last stage's channels, for 7x7x7 with 4096
    would hold 0.7 G parameters; batch normalisation takes the place of dropout and of weights from ImageNet.
    """

    size_multiple = 16
    authors_width = 64

    def __init__(self, width: int, window_hu: Sequence[float], classes: int = 3):
        super().__init__(width, window_hu)
        channels = [width << level for level in range(4)]
        inputs = [1, *channels[:-1]]
        self.stages = nn.ModuleList(
            nn.Sequential(conv_norm_relu(i, c), *(conv_norm_relu(c, c) for _ in range(n - 1)))
            for i, c, n in zip(inputs, channels, (2, 2, 3, 3), strict=True)
        )
        self.pool = nn.MaxPool3d(2)
        top = 2 * channels[-1]
        self.dense = nn.Sequential(conv_norm_relu(channels[-1], top), conv_norm_relu(top, top, kernel=1))
        self.scores = nn.ModuleList(nn.Conv3d(c, classes, 1) for c in (top, channels[2], channels[1]))
        self.ups = nn.ModuleList(linear_up(classes, factor) for factor in (2, 2, 4))

    def logits(self, x: Tensor) -> Tensor:
        pooled = []
        for stage in self.stages:
            x = self.pool(stage(x))
            pooled.append(x)
        x = self.ups[0](self.scores[0](self.dense(x)))
        x = self.ups[1](x + self.scores[1](pooled[2]))
        return self.ups[2](x + self.scores[2](pooled[1]))


def linear_up(channels: int, factor: int) -> nn.ConvTranspose3d:
    """Returns a transposed convolution, channel to channel a trilinear interpolation by `factor` (even)."""
    up = nn.ConvTranspose3d(channels, channels, 2 * factor, stride=factor, padding=factor // 2, bias=False)
    line = 1 - (torch.arange(2 * factor) - (factor - 0.5)).abs() / factor
    nn.init.zeros_(up.weight)
    for channel in range(channels):
        up.weight.data[channel, channel] = line[:, None, None] * line[:, None] * line
    return up
