"""Times whole-volume inference beside MONAI: the same weights, windows and two cores, in one run.

    make bench-infer             (or: python test/bench/infer.py)

A phantom thorax is resampled to the spacing and goes through the committed network of width 8, by sliding window with
25 % overlap and Gaussian weights, in this project and by MONAI's sliding_window_inference on PyTorch and on ONNX
Runtime. All contenders take turns. Nothing is read or written while the clock runs, but the engines' own models are
open. Rows named "windows near the lungs" are what `inference.lung_box` does; OpenVINO's rows need `make openvino`.

The run fails at its end where labels by MONAI's settings agree with MONAI's in less than 99.99 % of the voxels, or
those of a faster row with the plain one's in less than 99.9 %. Writes docs/benchmarks/inference.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
from importlib import metadata

import numpy as np
import onnx
import onnxruntime
import torch
from monai.inferers import sliding_window_inference
from onnx_torch import Network
from ours import ROOT, Ours
from timing import machine

MODEL = ROOT / "train" / "models" / "covid_segnet_w8_demo.onnx"
CORES = os.cpu_count()
OVERLAP = 0.25
AIR = -1024
AS_MONAI = "MONAI's settings"

LEGEND = """\
*Agree* is the share of voxels with the label of "every window" on the CPU; MONAI's labels are compared with those of
"MONAI's settings", which take every window and no label away, as MONAI does. *Outside* is the time outside the engine
(cutting windows, blending, finding the body and the lungs, dropping specks) as a share of all processor time that
was spent on the volume.
"""


class Go:
    """Rows of this project: a provider, and which windows."""

    def __init__(self, engine: Ours, how: str) -> None:
        self.engine, self.how = engine, how

    def run(self) -> float:
        return self.engine.seconds("predict", self.how, OVERLAP)

    def finish(self) -> tuple[np.ndarray, dict]:
        file = self.engine.folder / "mask"
        self.engine.seconds("mask", file)
        return np.fromfile(file, np.uint8), json.loads(file.with_name("mask.json").read_text())


class Monai:
    def __init__(self, network, patch: tuple, voxels: np.ndarray) -> None:
        self.network, self.patch = network, patch
        self.image = torch.from_numpy(voxels.astype(np.float32))[None, None]

    def run(self) -> float:
        start = time.perf_counter()
        with torch.inference_mode():
            found = sliding_window_inference(
                self.image,
                self.patch,
                1,
                self.network,
                overlap=OVERLAP,
                mode="gaussian",
                padding_mode="constant",
                cval=AIR,
            )
            self.labels = found[0].argmax(0).to(torch.uint8)
        return time.perf_counter() - start

    def finish(self) -> tuple[np.ndarray, dict]:
        return self.labels.numpy().ravel(), {}


def thorax(engine: Ours, spacing: float) -> np.ndarray:
    """Makes a phantom's chest at a spacing, as int16 [z, y, x], and leaves it loaded in the engine."""
    archive = engine.folder / "archive"
    phantom = [ROOT / "build" / "ctcohort", "phantom", "--out", archive, "--patients", "1", "--seed", "7", "--no-bad"]
    subprocess.run(phantom, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folders = [pathlib.Path(f) for f, _, names in os.walk(archive) if len(names) > 20]
    series = engine.folder / "series"  # without spaces in its name
    series.symlink_to(max(folders, key=lambda f: len(list(f.iterdir()))))
    engine.seconds("series", series)
    file = engine.folder / "hu"
    load(engine, file)
    engine.seconds("resample", "linear", CORES, spacing, spacing, spacing)
    size = load(engine, file)
    return np.fromfile(file, "<i2").reshape(size[::-1])


def load(engine: Ours, file: pathlib.Path) -> list[int]:
    """Saves what the engine made last and loads it again; returns its size."""
    engine.seconds("save", file)
    grid = json.loads(file.with_name(file.name + ".json").read_text())
    engine.seconds("load", file, *grid["Size"], *grid["SpacingMM"])
    return grid["Size"]


def model_at(file: pathlib.Path, spacing: float, patch: tuple) -> onnx.ModelProto:
    """Writes the committed network with another spacing and patch in its metadata, and returns it."""
    model = onnx.load(MODEL)
    settings = {"spacing_mm": ",".join([f"{spacing:g}"] * 3), "patch_size": ",".join(map(str, patch))}
    for entry in model.metadata_props:
        entry.value = settings.get(entry.key.removeprefix("ctcohort."), entry.value)
    onnx.save(model, file)
    return model


def by_onnxruntime(model: onnx.ModelProto):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda windows: torch.from_numpy(session.run(None, {"hu": windows.numpy()})[0])


def section(title: str, contenders: dict, rounds: int, faults: list[str]) -> list[str]:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    results = {}
    for turn in range(rounds):
        for name, contender in contenders.items():
            times[name].append(contender.run())
            results[name] = contender.finish()
            print(f"round {turn + 1}: {name} {times[name][-1]:.1f} s", flush=True)
    monai = statistics.median(times["MONAI + torch"])
    lines = [
        f"## {title}",
        "",
        "| | seconds | of MONAI + torch | windows | outside | agree |",
        "|---|---|---|---|---|---|",
    ]
    for name, (labels, figures) in results.items():
        agree = agreement(name, labels, results, faults)
        outside = ""
        if figures:
            outside = f"{100 * figures['other_seconds'] / (figures['other_seconds'] + figures['engine_seconds']):.1f} %"
        m = statistics.median(times[name])
        spread = f"{m:.3g} [{min(times[name]):.3g}-{max(times[name]):.3g}]"
        cells = [name, spread, f"{m / monai:.2f}", str(figures.get("windows", "")), outside, f"{100 * agree:.3f} %"]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def agreement(name: str, labels: np.ndarray, results: dict, faults: list[str]) -> float:
    """Returns the share of voxels whose label is the reference row's; too small a one is a fault of the run."""
    least, reference = 0.999, "ctcohort, cpu, every window"
    if name.startswith("MONAI") or name.endswith(AS_MONAI):
        least, reference = 0.9999, f"ctcohort, cpu, {AS_MONAI}"
    share = float(np.mean(labels == results[reference][0]))
    if share < least:
        faults.append(f"{name}: {100 * share:.3f} % of the labels are those of {reference}")
    return share


def compare(folder: pathlib.Path, spacing: float, patch: tuple, rounds: int, faults: list[str]) -> list[str]:
    libraries = {"cpu": ROOT / "build" / "onnxruntime", "openvino": ROOT / "build" / "openvino"}
    file, contenders, engines = folder / "model.onnx", {}, []
    model = model_at(file, spacing, patch)
    voxels = None
    for provider, library in libraries.items():
        if not library.is_dir():
            print(f"{provider}: no {library.relative_to(ROOT)}, left out")
            continue
        (folder / provider).mkdir()
        engine = Ours(folder / provider, {"CTCOHORT_ONNXRUNTIME": str(library)})
        engines.append(engine)
        if voxels is None:
            voxels = thorax(engine, spacing)
        else:
            (folder / provider / "hu").write_bytes(voxels.astype("<i2").tobytes())
            engine.seconds("load", folder / provider / "hu", *voxels.shape[::-1], *[spacing] * 3)
        engine.seconds("open", file, provider, CORES, 0)
        rows = {"every window": "plain", "windows in the body": "skip", "windows near the lungs": "box"}
        if provider == "cpu":
            rows = {AS_MONAI: "all"} | rows
        for row, how in rows.items():
            contenders[f"ctcohort, {provider}, {row}"] = Go(engine, how)
    zyx = tuple(reversed(patch))
    contenders["MONAI + ONNX Runtime"] = Monai(by_onnxruntime(model), zyx, voxels)
    contenders["MONAI + torch"] = Monai(Network(model), zyx, voxels)
    size = "x".join(map(str, voxels.shape[::-1]))
    lines = section(f"{size} voxels of {spacing:g} mm, patch {'x'.join(map(str, patch))}", contenders, rounds, faults)
    for engine in engines:
        engine.close()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="leave out the volume of 1 mm, which takes minutes a row")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "inference.md")
    options = parser.parse_args()
    torch.set_num_threads(CORES)
    cases = [(3.0, (64, 64, 48), options.rounds)]
    if not options.small:
        cases.append((1.0, (128, 128, 64), options.rounds))
    names = ("monai", "torch", "onnxruntime", "numpy")
    load_before = os.getloadavg()[0]
    lines = [
        "# Inference: speed",
        "",
        "A phantom thorax through the committed COVID-SegNet of width 8, in memory, by sliding window with 25 % of",
        "overlap and Gaussian weights. All contenders take turns;",
        f"median of {options.rounds} rounds, the range in brackets.",
        f"{machine()}; load {load_before:.1f} before; {datetime.date.today()}; `make bench-infer`.",
        ", ".join(f"{name} {metadata.version(name)}" for name in names) + ".",
        "",
    ]
    faults: list[str] = []
    for spacing, patch, rounds in cases:
        with tempfile.TemporaryDirectory() as folder:
            lines += compare(pathlib.Path(folder), spacing, patch, rounds, faults)
    lines.append(LEGEND)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
