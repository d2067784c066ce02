"""An int8 model of a network, by NNCF: calibrated on training patches, and no worse than allowed on held-out ones.

Needs requirements-int8.txt. Convolutions are computed in int8; those that NNCF finds to cost accuracy are turned back,
one after another, until the mean Dice has lost no more than `MAX_DROP`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
import onnx
import onnxruntime

from train.config import Config
from train.dataset import Patches, Row, centre_crop
from train.validation import held_out, mean_dice, score

CALIBRATION_PATCHES = 40
MAX_DROP = 0.005
FLOAT_LAYERS = ["Sub", "Div", "Clip", "Add", "Mul", "Concat", "Sigmoid", "ReduceMean", "Softmax", "MaxPool", "Relu"]
"""What stays in floating point: on the demo's network, 40 calibration patches, infection loses half as much so."""


class QuantisationError(RuntimeError):
    """The int8 model is worse than allowed, or its tool is missing."""


def quantise(
    proto: onnx.ModelProto, patches: Patches, config: Config
) -> tuple[onnx.ModelProto, dict[str, float], dict[str, float]]:
    """Returns `proto` in int8 as far as accuracy allows, and the Dice of both on the held-out patches."""
    os.environ["NNCF_CI"] = "1"  # NNCF reports its use to its makers otherwise; read when it is imported
    try:
        import nncf
    except ImportError as e:
        raise QuantisationError("int8 needs NNCF: pip install --require-hashes -r train/requirements-int8.txt") from e

    training, held = held_out(patches, config)
    if not held:
        raise QuantisationError("int8 needs held-out patches: validation.fraction was 0 in training")

    def dice(model: onnx.ModelProto, rows: Iterable[Row]) -> dict[str, float]:
        providers = ["CPUExecutionProvider"]
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=providers)
        return score(lambda hu: session.run(None, {"hu": hu})[0].argmax(1)[0], patches, list(rows), config)

    every = max(1, len(training) // CALIBRATION_PATCHES)
    quantised = nncf.quantize_with_accuracy_control(
        proto,
        calibration_dataset=nncf.Dataset(
            training[::every][:CALIBRATION_PATCHES], lambda row: {"hu": _hu(patches, row, config)}
        ),
        validation_dataset=nncf.Dataset(held),
        validation_fn=lambda model, rows: (mean_dice(dice(model, rows)), None),
        max_drop=MAX_DROP,
        drop_type=nncf.DropType.ABSOLUTE,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=CALIBRATION_PATCHES,
        ignored_scope=nncf.IgnoredScope(types=FLOAT_LAYERS, validate=False),
    )
    before, after = dice(proto, held), dice(quantised, held)
    if not mean_dice(after) >= mean_dice(before) - MAX_DROP:
        raise QuantisationError(
            f"in int8 the mean Dice falls from {mean_dice(before):.4f} to {mean_dice(after):.4f}, more than {MAX_DROP}"
        )
    return quantised, before, after


def _hu(patches: Patches, row: Row, config: Config) -> np.ndarray:
    x, y, z = config.patch_size
    return centre_crop(patches.read(row)[0], (z, y, x))[None, None].astype(np.float32)
