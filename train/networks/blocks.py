"""Parts that several networks are built of. Tensors are [N, C, Z, Y, X]."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv_norm(inputs: int, outputs: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    """Returns a convolution that keeps the spatial size, and its batch normalisation.

    The convolution has no bias: the normalisation's own shift takes its place.
    """
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm3d(outputs),
    )


def conv_norm_relu(inputs: int, outputs: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(*conv_norm(inputs, outputs, kernel, dilation), nn.ReLU(inplace=True))


def double(inputs: int, middle: int, outputs: int) -> nn.Sequential:
    """Returns two 3x3x3 convolutions, each normalised and rectified."""
    return nn.Sequential(conv_norm_relu(inputs, middle), conv_norm_relu(middle, outputs))


def up_norm_relu(inputs: int, outputs: int) -> nn.Sequential:
    """Returns a transposed convolution that doubles the spatial size: 2x2x2, so that each output voxel gets one tap."""
    return nn.Sequential(
        nn.ConvTranspose3d(inputs, outputs, 2, stride=2, bias=False),
        nn.BatchNorm3d(outputs),
        nn.ReLU(inplace=True),
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
