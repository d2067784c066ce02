"""Exports a checkpoint as ONNX, with the metadata that Go reads and a model card beside it.

    python -m train.export --checkpoint RUN/checkpoint.pt --out model.onnx
    python -m train.export --checkpoint RUN/checkpoint.pt --out model_fp16.onnx --precision fp16
    python -m train.export --checkpoint RUN/checkpoint.pt --out model_int8.onnx --precision int8 --data OUT

Before a file is committed, ONNX Runtime must agree with PyTorch on two sizes; an int8 model is scored on the held-out
training patches in place of that.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from train import card, checkpoint, parity
from train import config as configs
from train.dataset import DataError, Patches
from train.graph import finish, to_onnx
from train.parity import Parity, ParityError
from train.quantise import QuantisationError, quantise

PRECISIONS = ("fp32", "fp16", "int8")


def export(path: Path, out: Path, precision: str = "fp32", data: str | None = None) -> list[Parity]:
    """Writes the model and its card; returns the parity figures. Nothing is written where parity fails.

    For int8 `data` is the root of the training patches, and the Dice on those held out takes the place of parity.
    """
    state = checkpoint.load(path)
    metadata = card.metadata(state, precision)
    proto = to_onnx(checkpoint.network_of(state), metadata["ctcohort.name"], metadata, half=precision == "fp16")
    notes = ""
    if precision == "int8":
        config = configs.from_dict(state["config"])
        proto, before, after = quantise(proto, Patches(data, config), config)
        finish(proto, metadata["ctcohort.name"], metadata)
        notes = "".join(
            f"| Dice of {name} on held-out patches, fp32 → int8 | {before[name]:.4f} → {after[name]:.4f} |\n"
            for name in after
        )
    model = proto.SerializeToString(deterministic=True)
    verify = parity.compare if precision == "int8" else partial(parity.check, precision=precision)
    found = verify(checkpoint.network_of(state), model)
    out.parent.mkdir(parents=True, exist_ok=True)
    picture = path.parent / "curve.svg"
    beside = out.with_suffix(".svg") if picture.exists() else None
    _commit(model, out)
    if beside:
        _commit(picture.read_bytes(), beside)
    text = card.markdown(state, model, precision, found, path.parent, beside and beside.name, notes)
    _commit(text.encode(), out.with_suffix(".md"))
    return found


def _commit(content: bytes, path: Path) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.export", description="Exports a checkpoint as ONNX with a model card."
    )
    parser.add_argument("--checkpoint", required=True, type=Path, help="checkpoint.pt that training wrote")
    parser.add_argument("--out", required=True, type=Path, help="ONNX file to write; the card goes beside it as .md")
    parser.add_argument("--precision", choices=PRECISIONS, default="fp32", help="of weights and layers inside")
    parser.add_argument("--data", help="output root of ctcohort with the training patches, for int8")
    options = parser.parse_args(arguments)
    if options.precision == "int8" and not options.data:
        parser.error("--precision int8 needs --data, to calibrate on training patches")
    try:
        found = export(options.checkpoint, options.out, options.precision, options.data)
    except (OSError, ParityError, configs.ConfigError, checkpoint.CheckpointError, DataError, QuantisationError) as e:
        print(f"exporting: {e}", file=sys.stderr)
        return 1
    print(
        f"{options.out}: {options.out.stat().st_size:,} bytes, {options.precision}, parity "
        + ", ".join(f"{p.difference:.1e} at {'x'.join(map(str, p.size_xyz))}" for p in found)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
