"""Counts of a network: parameters, and multiply-accumulates of a patch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def count_parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def count_macs(network: nn.Module, size_xyz: Sequence[int]) -> int:
    """Returns the multiply-accumulates of all convolutions for one patch of `size_xyz` voxels.

    Sizes come from a pass over PyTorch's meta device, to which the network is moved, in eval mode: nothing is
    computed, whatever the width.
    """
    total = 0

    def add(module: nn.Module, _inputs, output: Tensor) -> None:
        nonlocal total
        taps = module.weight[0, 0].numel()
        if isinstance(module, nn.ConvTranspose3d):
            taps //= module.stride[0] * module.stride[1] * module.stride[2]
        total += output.numel() * taps * module.in_channels

    network = network.to("meta").eval()
    hooks = [m.register_forward_hook(add) for m in network.modules() if isinstance(m, nn.Conv3d | nn.ConvTranspose3d)]
    x, y, z = size_xyz
    network(torch.empty(1, 1, z, y, x, device="meta"))
    for hook in hooks:
        hook.remove()
    return total
