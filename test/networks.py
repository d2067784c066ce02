"""Trains networks for one real step each on the shards of a root, exports them, and writes what PyTorch computes.

    python test/networks.py ROOT OUT NETWORK[:TASK]...

For each network OUT gets NETWORK.onnx, and for two inputs NETWORK.hu.N and NETWORK.probabilities.N: float32, raw,
[1, C, Z, Y, X].
"""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from train import checkpoint, export
from train import train as training
from train.config import Config, Optimizer, Validation
from train.graph import Probabilities

SIZES_ZYX = ((32, 32, 32), (16, 48, 32))  # the patch's and another


def main(root: str, out: Path, networks: list[str]) -> None:
    for argument in networks:
        name, _, task = argument.partition(":")
        config = Config(
            name=name,
            network=name,
            task=task or "both",
            width=2,
            spacing_mm=(6.0, 6.0, 6.0),
            patch_size=(32, 32, 32),
            steps=1,
            threads=1,
            optimizer=Optimizer(learning_rate=1e-2),
            validation=Validation(fraction=0),
        )
        training.train(config, root, out / name)
        kept = out / name / "checkpoint.pt"
        export.export(kept, out / f"{name}.onnx")
        reference = Probabilities(checkpoint.network_of(checkpoint.load(kept)))
        random = np.random.default_rng(1)
        for number, size in enumerate(SIZES_ZYX):
            hu = random.uniform(-1100, 400, (1, 1, *size)).astype(np.float32)
            with torch.no_grad():
                probabilities = reference(torch.from_numpy(hu)).numpy()
            hu.tofile(out / f"{name}.hu.{number}")
            probabilities.tofile(out / f"{name}.probabilities.{number}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
