"""Times the measures of a segmentation beside MONAI's: the same label maps, in memory, in one run.

    make bench-metrics          (or: python test/bench/metrics.py)

Two label maps of 320x320x300 voxels of 1 mm, a thorax with two lungs and infection in them, are compared: the
prediction is the reference with its borders moved by a smooth field. MONAI computes Dice, HD95, ASSD and surface
Dice at 1 mm of both labels; this project all of its measures. Contenders take turns; the first turn warms up and does
not count. The run fails where a measure that both have differs. Writes docs/benchmarks/metrics.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import tempfile
import time
import warnings
from importlib import metadata

import numpy as np
import torch
from monai.metrics import (
    compute_average_surface_distance,
    compute_dice,
    compute_hausdorff_distance,
    compute_surface_dice,
)
from ours import ROOT, Ours
from scipy import ndimage
from timing import machine

SIZE, SPACING = (320, 320, 300), (1.0, 1.0, 1.0)  # x, y, z
LABELS = ("lung", "infection")
TOLERANCE = {"dice": 1e-6, "hd95": 1e-3, "assd": 1e-3, "surface_dice_1mm": 1e-6}
CORES = os.cpu_count()


def smooth(random: np.random.Generator, coarse: int, size: float) -> np.ndarray:
    """Returns a smooth field of about the given size, [z, y, x]."""
    field = random.standard_normal((coarse,) * 3).astype(np.float32)
    zoom = [n / coarse for n in reversed(SIZE)]
    return size * ndimage.zoom(field, zoom, order=1)


def thorax() -> tuple[np.ndarray, np.ndarray]:
    """Returns prediction and reference, [z, y, x]: 0 background, 1 lung, 2 infection."""
    random = np.random.default_rng(7)
    z, y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in reversed(SIZE))
    z, y, x = z[:, None, None], y[:, None], x[None]
    lungs = 1 - (((abs(x) - 0.45) / 0.34) ** 2 + (y / 0.55) ** 2 + (z / 0.92) ** 2) + smooth(random, 14, 0.08)
    lesions = smooth(random, 11, 1.0) + 0.8 * y - 1.3
    maps = []
    for moved in (smooth(random, 20, 0.03), np.float32(0)):
        labels = (lungs + moved > 0).astype(np.uint8)
        labels[(labels > 0) & (lesions + 4 * moved > 0)] = 2
        maps.append(labels)
    return maps[0], maps[1]


class Go:
    def __init__(self, engine: Ours, workers: int) -> None:
        self.engine, self.workers = engine, workers

    def seconds(self) -> dict[str, float]:
        return {"all": self.engine.seconds("measure", self.workers)}

    def values(self) -> dict[tuple[str, str], float]:
        file = self.engine.folder / "rows.json"
        self.engine.seconds("rows", file)
        return {(r["label"], r["metric"]): r["value"] for r in json.loads(file.read_text())}


class Monai:
    def __init__(self, prediction: np.ndarray, reference: np.ndarray) -> None:
        self.maps = [
            torch.from_numpy(np.stack([m > 0, m == 2])[None].astype(np.float32)) for m in (prediction, reference)
        ]

    def seconds(self) -> dict[str, float]:
        spacing = SPACING[::-1]
        measures = {
            "dice": lambda p, r: compute_dice(p, r),
            "hd95": lambda p, r: compute_hausdorff_distance(p, r, True, percentile=95, spacing=spacing),
            "assd": lambda p, r: compute_average_surface_distance(p, r, True, symmetric=True, spacing=spacing),
            "surface_dice_1mm": lambda p, r: compute_surface_dice(p, r, [1.0, 1.0], True, spacing=spacing),
        }
        took, self.found = {}, {}
        for name, measure in measures.items():
            start = time.perf_counter()
            found = measure(*self.maps)
            took[name] = time.perf_counter() - start
            self.found |= {(label, name): float(v) for label, v in zip(LABELS, found[0], strict=True)}
        return took

    def values(self) -> dict[tuple[str, str], float]:
        return self.found


def check(ours: dict, theirs: dict) -> list[str]:
    """Returns a line a measure that both have; ends the run where they differ."""
    lines = []
    for (label, name), want in theirs.items():
        got = ours[label, name]
        if abs(got - want) > TOLERANCE[name]:
            raise SystemExit(f"{name} of {label} is {got}, by MONAI {want}")
        lines.append(f"| {label} | {name} | {got:.6f} | {abs(got - want):.1g} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="that count")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "metrics.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        prediction, reference = thorax()
        engine = Ours(pathlib.Path(folder))
        for name, labels in {"prediction": prediction, "reference": reference}.items():
            labels.tofile(engine.folder / name)
        engine.seconds("labels", engine.folder / "prediction", engine.folder / "reference", *SIZE, *SPACING)
        contenders = {
            "ctcohort, 1 worker": Go(engine, 1),
            f"ctcohort, {CORES} workers": Go(engine, CORES),
            "MONAI": Monai(prediction, reference),
        }
        turns: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
        for turn in range(options.rounds + 1):
            for name, contender in contenders.items():
                took = contender.seconds()
                if turn > 0:
                    turns[name].append(took)
        agreement = check(contenders[f"ctcohort, {CORES} workers"].values(), contenders["MONAI"].values())
        engine.close()
    share = {
        label: 100 * float(mask.mean()) for label, mask in (("lung", reference > 0), ("infection", reference == 2))
    }
    lines = [
        "# Measures: speed",
        "",
        "Label maps of 320x320x300 voxels of 1 mm, both labels, in memory, warm: "
        + ", ".join(f"{s:.1f} % {label}" for label, s in share.items())
        + f". Contenders take turns; median of {options.rounds} rounds, the range in brackets.",
        f"{machine()}; load {load:.1f} before; {datetime.date.today()}; `make bench-metrics`.",
        ", ".join(f"{name} {metadata.version(name)}" for name in ("monai", "torch", "scipy", "numpy")) + ".",
        "",
        "| tool | measures | seconds | of ctcohort's |",
        "|---|---|---|---|",
    ]
    best = statistics.median(sum(t.values()) for t in turns[f"ctcohort, {CORES} workers"])
    for name, rounds in turns.items():
        parts = {part: [t[part] for t in rounds] for part in rounds[0]}
        if len(parts) > 1:
            parts["all of these"] = [sum(t.values()) for t in rounds]
        for part, times in parts.items():
            middle = statistics.median(times)
            figures = f"{middle:.3g} [{min(times):.3g}-{max(times):.3g}] | {middle / best:.1f}"
            lines.append(f"| {name} | {part} | {figures} |")
    lines += ["", "## Agreement with MONAI", "", "| label | measure | value | difference |", "|---|---|---|---|"]
    lines += [*agreement, ""]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
