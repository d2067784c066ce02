"""The model card: what a model is, was trained on and is for; as Markdown, and its facts as JSON in the metadata."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from train import checkpoint, log
from train import config as configs
from train.graph import OPSET
from train.networks.count import count_macs, count_parameters
from train.parity import Parity

LICENCE = "Apache-2.0"
FORMAT = "1"


def metadata(state: dict, precision: str) -> dict[str, str]:
    """Returns what travels with a model: the contract between training and Go, and the card's facts."""
    config = configs.from_dict(state["config"])
    network = checkpoint.new_network(config)

    def join(values: Sequence) -> str:
        return ",".join(v if isinstance(v, str) else f"{v:g}" for v in values)

    return {
        "ctcohort.format": FORMAT,
        "ctcohort.name": config.name if precision == "fp32" else f"{config.name}_{precision}",
        "ctcohort.network": config.network,
        "ctcohort.width": str(config.width),
        "ctcohort.spacing_mm": join(config.spacing_mm),
        "ctcohort.window_hu": join(config.window_hu),
        "ctcohort.size_multiple": str(network.size_multiple),
        "ctcohort.patch_size": join(config.patch_size),
        "ctcohort.classes": join(config.classes),
        "ctcohort.precision": precision,
        "ctcohort.parameters": str(count_parameters(network)),
        "ctcohort.card": json.dumps(_facts(state, config), sort_keys=True),
    }


def _facts(state: dict, config: configs.Config) -> dict:
    data = state["data"]
    lines = "".join(f"{digest}  {shard}\n" for shard, digest in sorted(data["shards"].items()))
    return {
        "licence": LICENCE,
        "cohorts": cohorts(data["shards"]),
        "patients": data["patients"],
        "split_sha256": data["split"],
        "shards": len(data["shards"]),
        "shards_sha256": hashlib.sha256(lines.encode()).hexdigest() if state["finished"] else None,
        "training_patches": data["training_patches"],
        "validation_patches": data["validation_patches"],
        "validation_dice": {name: _rounded(value) for name, value in state["scores"].items()},
        "steps": state["step"],
        "processes": state["processes"],
        "finished": state["finished"],
        "settings": configs.to_dict(config),
    }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def cohorts(shards: Sequence[str]) -> list[str]:
    return sorted({shard.split("/")[1].removeprefix("cohort=") for shard in shards})


def markdown(
    state: dict, model: bytes, precision: str, parity: list[Parity], run: Path, picture: str | None, notes: str = ""
) -> str:
    """Returns the card of `model`; `run` has the training's logs, `picture` is the curve's file beside the card."""
    config, data = configs.from_dict(state["config"]), state["data"]
    network = checkpoint.new_network(config)
    parameters, macs = count_parameters(network), count_macs(network, config.patch_size)
    scores = "\n".join(f"| {name} | {value:.4f} |" for name, value in state["scores"].items())
    shards = "\n".join(
        f"| `{shard}` | `{digest or 'training unfinished'}` |" for shard, digest in data["shards"].items()
    )
    differences = "; ".join(
        f"{p.difference:.1e} at {'×'.join(map(str, p.size_xyz))}, {100 * p.same_labels:.3f} % of labels equal"
        for p in parity
    )
    title = config.name if precision == "fp32" else f"{config.name}_{precision}"
    m = network.size_multiple
    curve_shown = f"![training loss and Dice of held-out training patients]({picture})\n\n" if picture else ""
    rows = log.read(run / "train.csv")
    return f"""# {title}

{config.network} of width {config.width}: {parameters:,} parameters, {macs / 1e9:.1f} GMAC a patch of \
{"×".join(map(str, config.patch_size))} voxels. ONNX opset {OPSET}, {precision}, {len(model):,} bytes, SHA-256
`{hashlib.sha256(model).hexdigest()}`.

| | |
|---|---|
| input | `hu`, float32 [N, 1, Z, Y, X] in HU; Z, Y, X multiples of {m} |
| output | `probabilities`, float32 [N, {len(config.classes)}, Z, Y, X]: {", ".join(config.classes)} |
| spacing | {" × ".join(f"{s:g}" for s in config.spacing_mm)} mm (x, y, z) |
| window | {config.window_hu[0]:g} to {config.window_hu[1]:g} HU, inside the graph |
| patch | {" × ".join(map(str, config.patch_size))} voxels (x, y, z) |
| weights and layers inside | {precision} |
| ONNX Runtime against PyTorch in fp32 | largest difference of a probability {differences} |
{notes}
## Intended use and limits

For research: to mark {" and ".join(config.classes[1:])} in chest CT for cohort statistics and as a start for \
correction by hand.
Not a medical device; not for diagnosis or for decisions on a patient. It knows what its training cohorts show and
nothing else: a model trained on phantoms (cohorts as below) has never seen a real patient. Fluid in the pleura,
tumours, surgery, children and CT with metal were not in its training unless the cohorts held them. Compare with
references of one's own cohort before use. Licence: {LICENCE}, as the project's.

## Data

Cohorts: {", ".join(cohorts(data["shards"]))}. {data["patients"]} labelled training patients; \
{data["training_patches"]} patches trained on, {data["validation_patches"]}
of held-out training patients scored. Test patients were not read. SHA-256 of the split (training patients' pseudonyms,
those held out marked): `{data["split"]}`.

| shard | SHA-256 |
|---|---|
{shards}

## Scores

Dice over the voxels of the held-out patches together (lung is lung and infection), in PyTorch in fp32:

| class | Dice |
|---|---|
{scores or "| | none: validation was off |"}

## Training

{state["step"]} steps in {state["seconds"] / 60:.1f} minutes by {state["processes"]} process(es), \
{100 * log.waiting_share(rows):.1f} % of them waiting for data{"" if state["finished"] else "; not finished"}.
PyTorch {torch.__version__.split("+")[0]}.

{curve_shown}{_curve(rows)}

Settings:

```yaml
{configs.to_yaml(config)}```
"""


def _curve(rows: list[dict[str, str]], points: int = 10) -> str:
    """Returns a table of the training curve: means over `points` equal parts of the steps."""
    if not rows:
        return "The training curve was not kept."
    lines = ["| steps | learning rate | loss | Dice loss | cross-entropy |", "|---|---|---|---|---|"]
    for part in np.array_split(np.arange(len(rows)), min(points, len(rows))):
        some = [rows[i] for i in part]
        columns = ("learning_rate", "loss", "dice_loss", "cross_entropy")
        means = [np.mean([float(r[column]) for r in some]) for column in columns]
        lines.append(f"| {some[0]['step']}-{some[-1]['step']} | " + " | ".join(f"{m:.3g}" for m in means) + " |")
    return "\n".join(lines)
