"""V-Net (Milletari et al., 2016)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from train.networks.segmenter import Segmenter


def conv(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv3d(inputs, outputs, 5, padding=2, bias=False), nn.BatchNorm3d(outputs))


class Stage(nn.Module):
    """Convolutions 5x5x5, each with a PReLU; the last PReLU follows the addition of `residual`."""

    def __init__(self, inputs: int, channels: int, convolutions: int):
        super().__init__()
        sizes = [inputs, *[channels] * (convolutions - 1)]
        self.first = nn.Sequential(*(nn.Sequential(*conv(s, channels), nn.PReLU(channels)) for s in sizes[:-1]))
        self.last = conv(sizes[-1], channels)
        self.activation = nn.PReLU(channels)

    def forward(self, x: Tensor, residual: Tensor) -> Tensor:
        return self.activation(self.last(self.first(x)) + residual)


class VNet(Segmenter):
    """Five resolutions of 1, 2, 3, 3, 3 convolutions down and 3, 3, 2, 1 up; 2x2x2 convolutions lead down and up.

    The residual of a stage is its input, the input image for the first, and up the transposed convolution joined with
    its skip. Silent in the paper, and other than Milletari's: batch normalisation follows each convolution, as in all
    networks here; his had none and was trained otherwise.
    """

    size_multiple = 16
    authors_width = 16

    def __init__(self, width: int, window_hu: Sequence[float], classes: int = 3):
        super().__init__(width, window_hu)
        channels = [width << level for level in range(5)]
        self.downs = nn.ModuleList(_change(nn.Conv3d(c, 2 * c, 2, stride=2, bias=False), 2 * c) for c in channels[:-1])
        self.encoder = nn.ModuleList(
            Stage(1 if n == 0 else c, c, convolutions)
            for n, (c, convolutions) in enumerate(zip(channels, (1, 2, 3, 3, 3), strict=True))
        )
        above = [channels[4], *(2 * c for c in reversed(channels[1:-1]))]
        self.ups = nn.ModuleList(
            _change(nn.ConvTranspose3d(i, c, 2, stride=2, bias=False), c)
            for i, c in zip(above, reversed(channels[:-1]), strict=True)
        )
        self.decoder = nn.ModuleList(
            Stage(2 * c, 2 * c, convolutions)
            for c, convolutions in zip(reversed(channels[:-1]), (3, 3, 2, 1), strict=True)
        )
        self.head = nn.Conv3d(2 * width, classes, 1)

    def logits(self, x: Tensor) -> Tensor:
        x = self.encoder[0](x, x)
        skips = [x]
        for down, stage in zip(self.downs, self.encoder[1:], strict=True):
            x = down(x)
            x = stage(x, x)
            skips.append(x)
        for up, stage, skip in zip(self.ups, self.decoder, reversed(skips[:-1]), strict=True):
            x = torch.cat((up(x), skip), dim=1)
            x = stage(x, x)
        return self.head(x)


def _change(convolution: nn.Module, channels: int) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm3d(channels), nn.PReLU(channels))
