"""Prints parameters and multiply-accumulates of the networks: `python -m train.networks --width 64`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import torch

from train.networks import NETWORKS, build, kind
from train.networks.count import count_macs, count_parameters


def counts(network: str, width: int, size_xyz: Sequence[int]) -> dict:
    with torch.device("meta"):
        built = build(network, width, (-1250, 250), 3)
    return {
        "network": network,
        "width": width,
        "size_xyz": list(size_xyz),
        "parameters": count_parameters(built),
        "macs": count_macs(built, size_xyz),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m train.networks", description=__doc__)
    parser.add_argument("--network", choices=NETWORKS, help="one alone; all, if left out")
    parser.add_argument("--width", type=int, help="channels of the first layer; the authors' own, if left out")
    parser.add_argument("--size", default="128,128,64", help="patch in voxels, x,y,z")
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    options = parser.parse_args(arguments)
    size = [int(s) for s in options.size.split(",")]
    names = [options.network] if options.network else list(NETWORKS)
    if not options.json:
        print(f"{'network':14} {'width':>5} {'parameters':>12} {'GMAC':>9}   a patch of {'x'.join(map(str, size))}")
    for name in names:
        row = counts(name, options.width or kind(name).authors_width, size)
        if options.json:
            print(json.dumps(row))
        else:
            print(f"{name:14} {row['width']:5} {row['parameters']:12,} {row['macs'] / 1e9:9,.1f}")


if __name__ == "__main__":
    main()
