"""Writes Tables I and II of the paper, as they come out, from the reports of two runs of `ctcohort`.

    python -m train.tables --one OUT MODEL.onnx... --two OUT MODEL.onnx... --out docs/tables.md

Each OUT holds report/cohorts.csv and report/comparisons.csv. The first model of each table is the one that the others
are compared with; rows stand in the order of the models.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import pandas as pd

TITLES = {
    "covid_segnet": "COVID-SegNet",
    "fcn": "FCN",
    "unet": "U-Net",
    "vnet": "V-Net",
    "unetpp": "UNet++",
    "unet4": "UNet4",
    "unet4_cab": "UNet4 + CAB",
    "unet4_ceb": "UNet4 + CEB",
    "unet4_psb": "UNet4 + PSB",
    "unet4_fv": "UNet4 + FV",
    "unet4_aspp": "UNet4 + ASPP",
    "unet4_resaspp": "UNet4 + ResASPP",
    "unet4_paspp": "UNet4 + PASPP",
}
LABELS = ("lung", "infection")
MEASURES = {"dice": "Dice", "sensitivity": "Sensitivity", "precision": "Precision"}


class TableError(RuntimeError):
    """A report does not hold what a table needs."""


@dataclass(frozen=True)
class Row:
    """A model of a table: `sha256` is how reports name it, `card` holds the facts of its model card."""

    title: str
    width: int
    parameters: int
    card: dict
    sha256: str


def rows(models: Sequence[Path]) -> list[Row]:
    return [_row(path) for path in models]


def _row(path: Path) -> Row:
    content = path.read_bytes()
    facts = {p.key: p.value for p in onnx.load_from_string(content).metadata_props}
    try:
        network, card = facts["ctcohort.network"], json.loads(facts["ctcohort.card"])
        width, parameters = int(facts["ctcohort.width"]), int(facts["ctcohort.parameters"])
    except KeyError as e:
        raise TableError(f"{path.name} has no {e} in its metadata: export it again") from e
    return Row(TITLES.get(network, network), width, parameters, card, hashlib.sha256(content).hexdigest())


def table(out: Path, models: Sequence[Row], test: str) -> str:
    """Returns a section a cohort: measures of its test patients a model, then intervals and paired tests of Dice."""
    summaries = _read(out / "report" / "cohorts.csv")
    comparisons = _read(out / "report" / "comparisons.csv")
    summaries, comparisons = (frame[frame.split == "test"] for frame in (summaries, comparisons))
    sections = []
    for cohort, of in summaries.groupby("cohort"):
        tests = _tests(of, comparisons[comparisons.cohort == cohort], models, test)
        sections.append(f"### {cohort}, {of.patients.max()} patients\n\n{_measures(of, models)}\n{tests}")
    return "\n".join(sections)


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except FileNotFoundError as e:
        raise TableError(f"{path} is missing: run `ctcohort report` on its root first") from e


def _measures(summaries: pd.DataFrame, models: Sequence[Row]) -> str:
    found = summaries.set_index(["model_sha256", "label", "metric"])
    heads = [f"{label}: {title}" for label in LABELS for title in MEASURES.values()]
    lines = [
        f"| network | width | parameters | {' | '.join(heads)} | infection missed |",
        "|---|---:|---:|" + "---:|" * (len(heads) + 1),
    ]
    best = {
        (label, measure): pd.Series([_cell(found, model, label, measure)["mean"] for model in models]).max()
        for label in LABELS
        for measure in MEASURES
    }
    for model in models:
        cells = []
        for (label, measure), top in best.items():
            cell = _cell(found, model, label, measure)
            text = "-" if pd.isna(cell["mean"]) else f"{cell['mean']:.3f} ± {cell['sd']:.3f}"
            cells.append(f"**{text}**" if cell["mean"] == top else text)
        dice = _cell(found, model, "infection", "dice")
        cells.append(f"{dice['failed']:.0f} of {dice['n']:.0f}")
        lines.append(f"| {model.title} | {model.width} | {model.parameters:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(found: pd.DataFrame, model: Row, label: str, measure: str) -> pd.Series:
    try:
        return found.loc[(model.sha256, label, measure)]
    except KeyError as e:
        raise TableError(f"the report has no {measure} of {label} by {model.title}: was it given to the run?") from e


def _tests(summaries: pd.DataFrame, comparisons: pd.DataFrame, models: Sequence[Row], test: str) -> str:
    found = summaries.set_index(["model_sha256", "label", "metric"])
    first = models[0]
    heads = [f"{label}: {head}" for label in LABELS for head in ("95 % interval", f"less {test}", "p (Holm)")]
    lines = [f"| Dice of | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for model in models:
        cells = []
        for label in LABELS:
            cell = _cell(found, model, label, "dice")
            cells.append(f"{cell['ci95_low']:.3f} to {cell['ci95_high']:.3f}")
            cells += ["", ""] if model is first else _difference(comparisons, label, model, first)
        lines.append(f"| {model.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _difference(comparisons: pd.DataFrame, label: str, model: Row, other: Row) -> list[str]:
    """Returns the median difference of Dice, and its p after Holm's correction."""
    dice = comparisons[(comparisons.label == label) & (comparisons.metric == "dice")]
    for sign, a, b in ((1, model, other), (-1, other, model)):
        pair = dice[(dice.model_sha256 == a.sha256) & (dice.other_sha256 == b.sha256)]
        if len(pair) == 1:
            p = pair.p_holm.item()
            return [f"{sign * pair.median_difference.item():+.3f}", "< 0.001" if p < 0.001 else f"{p:.3f}"]
    raise TableError(f"the report does not compare {model.title} with {other.title}")


HEAD = """# Tables I and II on phantoms

`make tables` writes this page. The networks of a table were trained from one seed with one set of settings on the same
phantoms, and segment test phantoms through the same `ctcohort infer` and `metrics`. Test phantoms have other seeds; no
network was trained on them and nothing was tuned on them. Mean ± SD over volumes, the best mean in bold. "Missed": one
of the two masks of infection is empty, a Dice of 0 that is averaged. Interval: of the mean, by a bootstrap over
patients. Difference: median over patients, with Wilcoxon's signed-rank test and Holm's correction over all pairs of the
table. These are small networks after short trainings on synthetic CT, one seed each: they show what the pipeline does,
not which network is best for patients. A row whose infection is near 0 had not begun to learn it when its steps ended.
The paper's own tables are of patients and of full width.
"""


def page(one: tuple[Path, Sequence[Row]], two: tuple[Path, Sequence[Row]]) -> str:
    return "\n".join(
        [
            HEAD,
            f"## Table I: the networks\n\n{_training(one[1])}\n",
            table(*one, TITLES["covid_segnet"]),
            f"## Table II: the ablation\n\n{_training(two[1])}\n",
            table(*two, TITLES["unet4"]),
        ]
    )


def _training(models: Sequence[Row]) -> str:
    """Says how the networks of a table were trained, which must be the same for all."""
    told = {
        f"{c['steps']:,} steps of {c['settings']['batch_size']} crops of "
        f"{'x'.join(map(str, c['settings']['patch_size']))} voxels at "
        f"{'x'.join(f'{s:g}' for s in c['settings']['spacing_mm'])} mm, from {c['training_patches']:,} patches of "
        f"{c['patients']} phantoms."
        for c in (model.card for model in models)
    }
    if len(told) > 1:
        raise TableError(f"the networks of a table were trained in several ways: {' '.join(sorted(told))}")
    return told.pop()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.tables", description=__doc__.partition("\n")[0])
    for name in ("--one", "--two"):
        parser.add_argument(
            name, required=True, nargs="+", type=Path, metavar=("OUT", "MODEL"), help="output root of a run, its models"
        )
    parser.add_argument("--out", required=True, type=Path, help="Markdown file to write")
    options = parser.parse_args(arguments)
    try:
        text = page(*((root, rows(models)) for root, *models in (options.one, options.two)))
    except (OSError, TableError) as e:
        print(f"making the tables: {e}", file=sys.stderr)
        return 1
    options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
