"""Exports a checkpoint as ONNX, with the metadata that Go reads and a model card beside it.

    python -m train.export --checkpoint build/demo/model/checkpoint.pt --out train/models/covid_segnet_w8_demo.onnx

Input "hu" [N, 1, Z, Y, X] float32 in HU, output "probabilities" [N, classes, Z, Y, X] float32; N, Z, Y and X are
dynamic, Z, Y and X multiples of 8. The window is inside the graph, and batch normalisations are folded into their
convolutions. Before the file is committed ONNX Runtime must agree with PyTorch on two sizes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from train import checkpoint
from train import config as configs
from train.config import Config
from train.networks.count import count_macs, count_parameters

OPSET = 18
FORMAT = "1"
TOLERANCE = 1e-4
PARITY_SIZES_ZYX = ((16, 24, 32), (48, 64, 64))


class ParityError(RuntimeError):
    """ONNX Runtime does not compute what PyTorch does."""


class Probabilities(nn.Module):
    """The exported function: HU to class probabilities."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, hu: Tensor) -> Tensor:
        return torch.softmax(self.network(hu), dim=1)


def fold(module: nn.Module) -> nn.Module:
    """Folds each batch normalisation into the convolution in front of it, in place; returns `module`."""
    for name, child in module.named_children():
        if isinstance(child, nn.Sequential):
            layers = list(child)
            for i, (first, second) in enumerate(itertools.pairwise(layers)):
                if isinstance(first, nn.Conv3d | nn.ConvTranspose3d) and isinstance(second, nn.BatchNorm3d):
                    transposed = isinstance(first, nn.ConvTranspose3d)
                    layers[i], layers[i + 1] = fuse_conv_bn_eval(first, second, transposed), nn.Identity()
            setattr(module, name, nn.Sequential(*(la for la in layers if not isinstance(la, nn.Identity))))
        fold(getattr(module, name))
    return module


def metadata(config: Config) -> dict[str, str]:
    """Returns what travels with the model: the only contract between training and Go."""

    def join(values: Sequence) -> str:
        return ",".join(v if isinstance(v, str) else f"{v:g}" for v in values)

    return {
        "ctcohort.format": FORMAT,
        "ctcohort.name": config.name,
        "ctcohort.network": config.network,
        "ctcohort.width": str(config.width),
        "ctcohort.spacing_mm": join(config.spacing_mm),
        "ctcohort.window_hu": join(config.window_hu),
        "ctcohort.patch_size": join(config.patch_size),
        "ctcohort.classes": join(config.classes),
    }


def to_onnx(network: nn.Module, config: Config) -> bytes:
    """Returns the ONNX model of a network, which is changed: its normalisations are folded."""
    model = Probabilities(fold(network.eval()))
    dims = {0: torch.export.Dim("N", min=1, max=1024)}
    for axis, name in ((2, "Z"), (3, "Y"), (4, "X")):
        dims[axis] = 8 * torch.export.Dim(f"{name}8", min=1, max=1024)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            (torch.zeros(2, 1, 32, 48, 64),),
            dynamo=True,
            dynamic_shapes=(dims,),
            input_names=["hu"],
            output_names=["probabilities"],
            opset_version=OPSET,
            verbose=False,
        )
    proto = program.model_proto
    _name_dimensions(proto)
    for node in proto.graph.node:  # where the exporter leaves stack traces with this machine's paths
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        value.ClearField("metadata_props")
        value.ClearField("doc_string")
    proto.graph.ClearField("metadata_props")
    proto.graph.ClearField("value_info")
    proto.graph.name = config.name
    proto.ClearField("metadata_props")
    for key, value in metadata(config).items():
        proto.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString(deterministic=True)


def _name_dimensions(proto: onnx.ModelProto) -> None:
    """Names the free dimensions N, Z, Y, X, in place of the exporter's expressions."""
    for value in (*proto.graph.input, *proto.graph.output):
        shape = value.type.tensor_type.shape.dim
        for axis, name in ((0, "N"), (2, "Z"), (3, "Y"), (4, "X")):
            shape[axis].dim_param = name


def check_parity(network: nn.Module, model: bytes) -> dict[str, float]:
    """Returns the largest |difference of probability| from PyTorch, a size each; raises above TOLERANCE."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    random, found = np.random.default_rng(0), {}
    for size in PARITY_SIZES_ZYX:
        hu = random.uniform(-1100, 400, (2, 1, *size)).astype(np.float32)
        hu[1] = np.where(random.random(size) < 0.5, -850, 40)
        with torch.no_grad():
            want = Probabilities(network)(torch.from_numpy(hu)).numpy()
        got = session.run(["probabilities"], {"hu": hu})[0]
        difference = float(np.abs(got - want).max())
        if got.shape != want.shape or not difference <= TOLERANCE:
            raise ParityError(
                f"at {size} voxels ONNX Runtime and PyTorch differ by {difference:g}, more than {TOLERANCE}"
            )
        found["x".join(map(str, reversed(size)))] = difference
    return found


def model_card(state: dict, model: bytes, parity: dict[str, float], logs: Path) -> str:
    config, data = configs.from_dict(state["config"]), state["data"]
    network = checkpoint.new_network(config)
    parameters, macs = count_parameters(network), count_macs(network, config.patch_size)
    cohorts = sorted({shard.split("/")[1].removeprefix("cohort=") for shard in data["shards"]})
    scores = "\n".join(f"| {name} | {value:.4f} |" for name, value in state["scores"].items())
    shards = "\n".join(
        f"| `{shard}` | `{digest or 'training unfinished'}` |" for shard, digest in data["shards"].items()
    )
    differences = ", ".join(f"{difference:.1e} at {size}" for size, difference in parity.items())
    return f"""# {config.name}

{config.network} of width {config.width}: {parameters:,} parameters, {macs / 1e9:.1f} GMAC a patch of \
{"×".join(map(str, config.patch_size))} voxels. ONNX opset {OPSET}, {len(model):,} bytes, SHA-256
`{hashlib.sha256(model).hexdigest()}`.

| | |
|---|---|
| input | `hu`, float32 [N, 1, Z, Y, X] in HU; Z, Y, X multiples of 8 |
| output | `probabilities`, float32 [N, {len(config.classes)}, Z, Y, X]: {", ".join(config.classes)} |
| spacing | {" × ".join(f"{s:g}" for s in config.spacing_mm)} mm (x, y, z) |
| window | {config.window_hu[0]:g} to {config.window_hu[1]:g} HU, inside the graph |
| patch | {" × ".join(map(str, config.patch_size))} voxels (x, y, z) |
| PyTorch against ONNX Runtime | largest difference of a probability {differences} |

## Intended use and limits

For research: to mark lung and infection in chest CT for cohort statistics and as a start for correction by hand.
Not a medical device; not for diagnosis or for decisions on a patient. It knows what its training cohorts show and
nothing else: a model trained on phantoms (cohorts as below) has never seen a real patient. Fluid in the pleura,
tumours, surgery, children and CT with metal were not in its training unless the cohorts held them. Compare with
references of one's own cohort before use. Licence: Apache-2.0, as the project's.

## Data

Cohorts: {", ".join(cohorts)}. {data["patients"]} labelled training patients; \
{data["training_patches"]} patches trained on, {data["validation_patches"]}
of held-out training patients scored. Test patients were not read.

| shard | SHA-256 |
|---|---|
{shards}

## Scores

Dice over the voxels of the held-out patches together (lung is lung and infection), of the exported weights:

| class | Dice |
|---|---|
{scores or "| | none: validation was off |"}

## Training

{state["step"]} steps in {state["seconds"] / 60:.1f} minutes, PyTorch {torch.__version__.split("+")[0]}.

{_curve(logs / "train.csv")}

Settings:

```yaml
{configs.to_yaml(config)}```
"""


def _curve(path: Path, points: int = 10) -> str:
    """Returns a table of the training curve: means over `points` equal parts of the steps."""
    if not path.exists():
        return "The training curve was not kept."
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = ["| steps | learning rate | loss | Dice loss | cross-entropy |", "|---|---|---|---|---|"]
    for part in np.array_split(np.arange(len(rows)), min(points, len(rows))):
        some = [rows[i] for i in part]
        columns = ("learning_rate", "loss", "dice_loss", "cross_entropy")
        means = [np.mean([float(r[column]) for r in some]) for column in columns]
        lines.append(f"| {some[0]['step']}-{some[-1]['step']} | " + " | ".join(f"{m:.3g}" for m in means) + " |")
    return "\n".join(lines)


def export(path: Path, out: Path) -> dict[str, float]:
    """Writes the model and its card; returns the parity figures. Nothing is written where parity fails."""
    state = checkpoint.load(path)
    config = configs.from_dict(state["config"])
    model = to_onnx(checkpoint.network_of(state), config)
    parity = check_parity(checkpoint.network_of(state), model)
    out.parent.mkdir(parents=True, exist_ok=True)
    _commit(model, out)
    _commit(model_card(state, model, parity, path.parent).encode(), out.with_suffix(".md"))
    return parity


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
    options = parser.parse_args(arguments)
    try:
        parity = export(options.checkpoint, options.out)
    except (OSError, ParityError, checkpoint.CheckpointError) as e:
        print(f"exporting: {e}", file=sys.stderr)
        return 1
    print(
        f"{options.out}: {options.out.stat().st_size:,} bytes, parity "
        + ", ".join(f"{d:.1e} at {s}" for s, d in parity.items())
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
