"""The networks of the paper's Table I and the ablation of its Table II, all 3D, by the name that a configuration gives.

Each takes HU [N, 1, Z, Y, X], windows them itself and returns logits [N, classes, Z, Y, X]. `segmenter.py` holds this
contract; a file each has a network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from train.networks.covid_segnet import ABLATION, CovidSegNet
from train.networks.fcn import FCN
from train.networks.segmenter import Segmenter
from train.networks.unet import UNet
from train.networks.unetpp import UNetPlusPlus
from train.networks.vnet import VNet

NETWORKS: dict[str, Callable[..., Segmenter]] = {
    "covid_segnet": CovidSegNet,
    "fcn": FCN,
    "unet": UNet,
    "vnet": VNet,
    "unetpp": UNetPlusPlus,
    **{
        name: partial(CovidSegNet, attention=attention, pyramid=pyramid)
        for name, (attention, pyramid) in ABLATION.items()
    },
}


def build(network: str, width: int, window_hu: Sequence[float], classes: int) -> Segmenter:
    return NETWORKS[network](width, window_hu, classes)


def kind(network: str) -> type[Segmenter]:
    """Returns the class of a network, which holds its `size_multiple` and its `authors_width`."""
    entry = NETWORKS[network]
    return entry.func if isinstance(entry, partial) else entry
