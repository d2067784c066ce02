"""COVID-SegNet (Yan et al., 2020): a 3D encoder-decoder with FV blocks and a PASPP.

Tensors are [N, C, Z, Y, X]. The network takes HU and windows them itself, so that a caller never
has to know the window. Where the paper is silent the choice is named at the class that makes it;
`README.md` lists all of them with their reasons.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import torch
from torch import Tensor, nn

DOWNSAMPLING = 8
"""Spatial sizes must be multiples of this: three halvings."""


def conv_norm_relu(inputs: int, outputs: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    """Returns a convolution that keeps the spatial size, its batch normalisation and a ReLU.

    The convolution has no bias: the normalisation's own shift takes its place.
    """
    return nn.Sequential(
        *conv_norm(inputs, outputs, kernel, dilation),
        nn.ReLU(inplace=True),
    )


def conv_norm(inputs: int, outputs: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm3d(outputs),
    )


class Residual(nn.Module):
    """Two 3x3x3 convolutions added to the input, which is projected 1x1x1 where channels change.

    The last ReLU follows the addition, as in ResNet.
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first = conv_norm_relu(inputs, outputs)
        self.second = conv_norm(outputs, outputs)
        self.shortcut = nn.Identity() if inputs == outputs else conv_norm(inputs, outputs, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(self.first(x)) + self.shortcut(x))


class FeatureVariation(nn.Module):
    """The FV block: contrast enhancement and position-sensitive attention of F1 = 1x1x1 of the input.

    Contrast enhancement multiplies F1 by one weight a patch, the position-sensitive branch by a map
    of F1's size, both in [0, 1]. The output is the input plus a 3x3x3 convolution of both and F1.
    Silent in the paper: the pool is taken of F1; convolutions in front of a sigmoid and F1 itself have a
    bias and no normalisation, for normalising a gate would pin its mean to one half; the
    convolution that is added to the input is normalised and not rectified, so that it can lower a feature.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.features = nn.Conv3d(channels, channels, 1)
        self.contrast = nn.Conv3d(channels, 1, 1)
        self.position = nn.Sequential(
            conv_norm_relu(channels, channels),
            nn.Conv3d(channels, channels, 3, padding=1),
        )
        self.fuse = conv_norm(3 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        f1 = self.features(x)
        weight = torch.sigmoid(self.contrast(f1.mean(dim=(2, 3, 4), keepdim=True)))
        attention = torch.sigmoid(self.position(f1))
        return x + self.fuse(torch.cat((weight * f1, attention * f1, f1), dim=1))


class PASPP(nn.Module):
    """Progressive atrous spatial pyramid pooling: four quarters, dilated 1, 2, 4 and 8, fused by pairs.

    Adjacent means (1, 2) and (4, 8), the pairs that are fused. Atrous convolutions and fusions are
    normalised and rectified like every other; the sums are added after the ReLU.
    """

    DILATIONS = (1, 2, 4, 8)

    def __init__(self, channels: int):
        super().__init__()
        quarter = channels // len(self.DILATIONS)
        self.reduce = nn.ModuleList(conv_norm_relu(channels, quarter, kernel=1) for _ in self.DILATIONS)
        self.atrous = nn.ModuleList(conv_norm_relu(quarter, quarter, dilation=d) for d in self.DILATIONS)
        self.pairs = nn.ModuleList(conv_norm_relu(2 * quarter, 2 * quarter, kernel=1) for _ in range(2))
        self.fuse = conv_norm_relu(4 * quarter, channels, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        inputs = [reduce(x) for reduce in self.reduce]
        outputs = [atrous(i) for atrous, i in zip(self.atrous, inputs, strict=True)]
        fused = []
        for first, pair in zip((0, 2), self.pairs, strict=True):
            shared = inputs[first] + inputs[first + 1]
            fused.append(pair(torch.cat((outputs[first] + shared, outputs[first + 1] + shared), dim=1)))
        return self.fuse(torch.cat(fused, dim=1))


class Up(nn.Module):
    """A decoder layer: transposed convolution 2x2x2 of stride 2, concatenated skip, residual block."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.up = nn.Sequential(
            nn.ConvTranspose3d(inputs, outputs, 2, stride=2, bias=False),
            nn.BatchNorm3d(outputs),
            nn.ReLU(inplace=True),
        )
        self.block = Residual(2 * outputs, outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.block(torch.cat((self.up(x), skip), dim=1))


class CovidSegNet(nn.Module):
    """HU [N, 1, Z, Y, X] to logits [N, classes, Z, Y, X]; Z, Y and X are multiples of 8.

    `width` is the number of channels of E1 and D1: 64 in the paper. Down-sampling is a 2x2x2
    maximum, which has no parameters, as in the 3D UNet that the paper builds on.
    """

    def __init__(self, width: int, window_hu: Sequence[float], classes: int = 3):
        super().__init__()
        if width < 1:
            raise ValueError(f"width {width}: want at least 1")
        if window_hu[0] >= window_hu[1]:
            raise ValueError(f"window {tuple(window_hu)} HU: want the low end first")
        self.low_hu, self.high_hu = float(window_hu[0]), float(window_hu[1])
        channels = [width << level for level in range(4)]
        inputs = [1, *channels[:-1]]
        self.encoder = nn.ModuleList(
            nn.Sequential(Residual(i, c), FeatureVariation(c)) for i, c in zip(inputs[:-1], channels[:-1], strict=True)
        )
        self.pool = nn.MaxPool3d(2)
        self.bottom = nn.Sequential(Residual(channels[2], channels[3]), PASPP(channels[3]))
        self.decoder = nn.ModuleList(Up(2 * c, c) for c in reversed(channels[:-1]))
        self.head = nn.Conv3d(width, classes, 1)

    def forward(self, hu: Tensor) -> Tensor:
        x = ((hu - self.low_hu) / (self.high_hu - self.low_hu)).clamp(0.0, 1.0)
        skips = []
        for layer in self.encoder:
            x = layer(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for layer, skip in zip(self.decoder, reversed(skips), strict=True):
            x = layer(x, skip)
        return self.head(x)


NETWORKS = {"covid_segnet": CovidSegNet}


def count_parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def count_macs(network: nn.Module, size_xyz: Sequence[int]) -> int:
    """Returns the multiply-accumulates of all convolutions for one patch of `size_xyz` voxels.

    Sizes come from a pass over PyTorch's meta device: nothing is computed, whatever the width.
    """
    total = 0

    def add(module: nn.Module, _inputs, output: Tensor) -> None:
        nonlocal total
        taps = module.weight[0, 0].numel()
        if isinstance(module, nn.ConvTranspose3d):
            taps //= module.stride[0] * module.stride[1] * module.stride[2]
        total += output.numel() * taps * module.in_channels

    network = network.to("meta")
    hooks = [m.register_forward_hook(add) for m in network.modules() if isinstance(m, nn.Conv3d | nn.ConvTranspose3d)]
    x, y, z = size_xyz
    network(torch.empty(1, 1, z, y, x, device="meta"))
    for hook in hooks:
        hook.remove()
    return total


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints parameters and multiply-accumulates: `python -m train.model --width 64`."""
    parser = argparse.ArgumentParser(prog="python -m train.model", description=main.__doc__)
    parser.add_argument("--network", default="covid_segnet", choices=sorted(NETWORKS))
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--size", default="128,128,64", help="patch in voxels, x,y,z")
    options = parser.parse_args(arguments)
    size = [int(s) for s in options.size.split(",")]
    network = NETWORKS[options.network](options.width, (-1250, 250))
    print(
        json.dumps(
            {
                "network": options.network,
                "width": options.width,
                "size_xyz": size,
                "parameters": count_parameters(network),
                "macs": count_macs(network, size),
            }
        )
    )


if __name__ == "__main__":
    main()
