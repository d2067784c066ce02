"""What ONNX Runtime computes of an exported model, against PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch

from train.graph import Probabilities
from train.networks import Segmenter


@dataclass(frozen=True)
class Parity:
    """At one size: the largest |difference of a probability| and the part of the voxels with the same label."""

    size_xyz: tuple[int, int, int]
    difference: float
    same_labels: float


TOLERANCE = {"fp32": (1e-4, 0.9999), "fp16": (0.1, 0.99)}
"""The largest difference and the smallest part of equal labels that a precision may have."""


class ParityError(RuntimeError):
    """ONNX Runtime does not compute what PyTorch does."""


def sizes_zyx(multiple: int) -> list[tuple[int, int, int]]:
    """Returns two sizes, in one of which the axes differ."""
    return [(2 * multiple, 3 * multiple, 4 * multiple), (48, 64, 64)]


def compare(network: Segmenter, model: bytes) -> list[Parity]:
    """Returns how ONNX Runtime's CPU provider and PyTorch in fp32 differ on random and on two-valued HU."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    random, found = np.random.default_rng(0), []
    for size in sizes_zyx(network.size_multiple):
        hu = random.uniform(-1100, 400, (2, 1, *size)).astype(np.float32)
        hu[1] = np.where(random.random(size) < 0.5, -850, 40)
        with torch.no_grad():
            want = Probabilities(network)(torch.from_numpy(hu)).numpy()
        got = session.run(["probabilities"], {"hu": hu})[0]
        if got.shape != want.shape:
            raise ParityError(f"at {size} voxels ONNX Runtime returns {got.shape} and PyTorch {want.shape}")
        same = float((got.argmax(1) == want.argmax(1)).mean())
        found.append(Parity(tuple(reversed(size)), float(np.abs(got - want).max()), same))
    return found


def check(network: Segmenter, model: bytes, precision: str) -> list[Parity]:
    """Returns `compare`; raises ParityError beyond the precision's TOLERANCE."""
    largest, least = TOLERANCE[precision]
    found = compare(network, model)
    for p in found:
        if not (p.difference <= largest and p.same_labels >= least):
            raise ParityError(
                f"at {p.size_xyz} voxels ONNX Runtime and PyTorch differ by {p.difference:g} and agree in "
                f"{100 * p.same_labels:.3f} % of labels; {precision} may by {largest}, and in {100 * least:g} %"
            )
    return found
