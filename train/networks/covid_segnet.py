"""COVID-SegNet (Yan et al., 2020): a 3D encoder-decoder with FV blocks and a PASPP; and its ablation, Table II.

Where the paper is silent the choice is named at the class that makes it; `train/README.md` lists all with reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from train.networks.attention import FeatureVariation, channel_attention, contrast_enhancement, position_sensitive
from train.networks.blocks import Residual, up_norm_relu
from train.networks.pyramid import ASPP, PASPP, ResASPP
from train.networks.segmenter import Segmenter

Block = Callable[[int], nn.Module]


class Up(nn.Module):
    """A decoder layer: transposed convolution of stride 2, concatenated skip, residual block."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.up = up_norm_relu(inputs, outputs)
        self.block = Residual(2 * outputs, outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.block(torch.cat((self.up(x), skip), dim=1))


class CovidSegNet(Segmenter):
    """Encoder E1-E4 and decoder D3-D1 of residual blocks, `attention` after E1-E3, `pyramid` after E4.

    `width` is the number of channels of E1 and D1. Down-sampling is a 2x2x2 maximum, which has no parameters, as in
    the 3D UNet that the paper builds on. Without attention and pyramid it is UNet4, the base of the ablation.
    """

    size_multiple = 8
    authors_width = 64

    def __init__(
        self,
        width: int,
        window_hu: Sequence[float],
        classes: int = 3,
        attention: Block | None = FeatureVariation,
        pyramid: Block | None = PASPP,
    ):
        super().__init__(width, window_hu)
        channels = [width << level for level in range(4)]
        inputs = [1, *channels[:-1]]
        self.encoder = nn.ModuleList(
            _chain(Residual(i, c), attention, c) for i, c in zip(inputs[:-1], channels[:-1], strict=True)
        )
        self.pool = nn.MaxPool3d(2)
        self.bottom = _chain(Residual(channels[2], channels[3]), pyramid, channels[3])
        self.decoder = nn.ModuleList(Up(2 * c, c) for c in reversed(channels[:-1]))
        self.head = nn.Conv3d(width, classes, 1)

    def logits(self, x: Tensor) -> Tensor:
        skips = []
        for layer in self.encoder:
            x = layer(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for layer, skip in zip(self.decoder, reversed(skips), strict=True):
            x = layer(x, skip)
        return self.head(x)


def _chain(first: nn.Module, block: Block | None, channels: int) -> nn.Sequential:
    return nn.Sequential(first, *([block(channels)] if block else []))


ABLATION: dict[str, tuple[Block | None, Block | None]] = {
    "unet4": (None, None),
    "unet4_cab": (channel_attention, None),
    "unet4_ceb": (contrast_enhancement, None),
    "unet4_psb": (position_sensitive, None),
    "unet4_fv": (FeatureVariation, None),
    "unet4_aspp": (None, ASPP),
    "unet4_resaspp": (None, ResASPP),
    "unet4_paspp": (None, PASPP),
}
"""Attention and pyramid of each row of Table II but the last, which is the whole network."""
