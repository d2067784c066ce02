"""The feature variation block of COVID-SegNet, whole and in the parts that the paper's Table II takes it into.

All begin with F1 = 1x1x1 of the input, gate it, and add a 3x3x3 convolution of the gated features and F1 to the input.
Silent in the paper: the pool is taken of F1; convolutions in front of a sigmoid and F1 itself have a bias and no
normalisation, for normalising a gate would pin its mean to one half; the convolution that is added to the input is
normalised and not rectified, so that it can lower a feature.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.blocks import conv_norm, conv_norm_relu


class FeatureVariation(nn.Module):
    """The FV block: contrast enhancement multiplies F1 by one weight a patch, position sensitivity by a map.

    The weight comes from the mean of F1, the map from two 3x3x3 convolutions of it; both lie in [0, 1].
    With `contrast` or `position` alone it is the ablation's CEB or PSB: the same block without the other gate.
    """

    def __init__(self, channels: int, contrast: bool = True, position: bool = True, contrast_weights: int = 1):
        super().__init__()
        self.features = nn.Conv3d(channels, channels, 1)
        self.contrast = nn.Conv3d(channels, contrast_weights, 1) if contrast else None
        self.position = None
        if position:
            self.position = nn.Sequential(
                conv_norm_relu(channels, channels),
                nn.Conv3d(channels, channels, 3, padding=1),
            )
        self.fuse = conv_norm((1 + contrast + position) * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        f1 = self.features(x)
        gates = []
        if self.contrast is not None:
            gates.append(torch.sigmoid(self.contrast(f1.mean(dim=(2, 3, 4), keepdim=True))))
        if self.position is not None:
            gates.append(torch.sigmoid(self.position(f1)))
        return x + self.fuse(torch.cat((*(gate * f1 for gate in gates), f1), dim=1))


def contrast_enhancement(channels: int) -> FeatureVariation:
    """Returns CEB, the contrast enhancement branch alone."""
    return FeatureVariation(channels, position=False)


def position_sensitive(channels: int) -> FeatureVariation:
    """Returns PSB, the position-sensitive branch alone."""
    return FeatureVariation(channels, contrast=False)


def channel_attention(channels: int) -> FeatureVariation:
    """Returns CAB: channel attention without CEB's global parameter: a weight a channel, not one for all."""
    return FeatureVariation(channels, position=False, contrast_weights=channels)
