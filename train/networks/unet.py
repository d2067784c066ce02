"""3D U-Net (Çiçek et al., 2016)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from train.networks.blocks import double
from train.networks.segmenter import Segmenter


class UNet(Segmenter):
    """Four resolutions of two 3x3x3 convolutions each, skips by concatenation.

    As in the paper channels double before each pooling, so that the first convolution has half of `width`;
    up-convolutions are 2x2x2 and keep their channels, and nothing follows them but the concatenation. Unlike there
    convolutions are padded, so that the output has the input's size.
    """

    size_multiple = 8
    authors_width = 64

    def __init__(self, width: int, window_hu: Sequence[float], classes: int = 3):
        super().__init__(width, window_hu)
        channels = [width << level for level in range(4)]
        self.encoder = nn.ModuleList(
            double(i, max(1, c // 2), c) for i, c in zip([1, *channels[:-1]], channels, strict=True)
        )
        self.pool = nn.MaxPool3d(2)
        self.ups = nn.ModuleList(
            nn.ConvTranspose3d(2 * c, 2 * c, 2, stride=2, bias=False) for c in reversed(channels[:-1])
        )
        self.decoder = nn.ModuleList(double(3 * c, c, c) for c in reversed(channels[:-1]))
        self.head = nn.Conv3d(width, classes, 1)

    def logits(self, x: Tensor) -> Tensor:
        skips = []
        for layer in self.encoder[:-1]:
            skips.append(layer(x))
            x = self.pool(skips[-1])
        x = self.encoder[-1](x)
        for up, layer, skip in zip(self.ups, self.decoder, reversed(skips), strict=True):
            x = layer(torch.cat((skip, up(x)), dim=1))
        return self.head(x)
