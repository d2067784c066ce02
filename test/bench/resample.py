"""Times resampling beside SimpleITK, scipy, MONAI and TorchIO: the same voxels, in memory, in one run.

    make bench-resample          (or: python test/bench/resample.py)

A noisy thorax of 512x512x300 voxels int16 of 0.7x0.7x1 mm is resampled to 1 mm, linear and by cubic B-splines, by
every contender in turn, and again; the first, linear round warms up and does not count. No file is read or written
while the clock runs, and conversions that a library asks for (float32, axis order) are done before. Each result is
compared with SimpleITK's in float64 at the same positions; the run fails where ours is not that, rounded, voxel for
voxel (linear) or within 1 HU (B-spline). Writes docs/benchmarks/resampling.md.
"""

import argparse
import datetime
import os
import pathlib
import statistics
import tempfile
import time
import warnings
from importlib import metadata

import numpy as np
import SimpleITK as sitk
import torch
import torchio
from monai.data import MetaTensor
from monai.transforms import Spacing
from ours import ROOT, Ours
from scipy import ndimage
from timing import machine

SIZE, SPACING, TARGET = (512, 512, 300), (0.7, 0.7, 1.0), (1.0, 1.0, 1.0)  # x, y, z
ITK = {"linear": sitk.sitkLinear, "bspline": sitk.sitkBSpline}
AIR = -1024
CORES = os.cpu_count()

LEGEND = """\
The difference is the largest from SimpleITK's interpolation in float64 at the positions of the tool's own grid,
*equal* the share of voxels that have its value rounded half away from zero. SimpleITK and TorchIO give int16, which
cuts off decimals, scipy and MONAI float32. MONAI keeps the centre of the first voxel and so moves the extent;
TorchIO's extent is shorter by up to a voxel.
"""


def thorax() -> np.ndarray:
    """Returns a body with two lungs and vessels in it, with the noise of a CT, as int16 [z, y, x]."""
    random = np.random.default_rng(1)
    z, y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in reversed(SIZE))
    z, y, x = z[:, None, None], y[:, None], x[None]
    hu = np.full(SIZE[::-1], -1000, np.float32)
    hu[np.broadcast_to((x / 0.9) ** 2 + (y / 0.6) ** 2 < 1, hu.shape)] = 40
    lungs = ((abs(x) - 0.42) / 0.3) ** 2 + (y / 0.42) ** 2 + (z / 0.9) ** 2 < 1
    hu[lungs] = -860
    hu[lungs & (np.sin(40 * x) * np.sin(37 * y) * np.sin(31 * z) > 0.7)] = 30
    return (hu + random.standard_normal(hu.shape, np.float32) * 20).astype(np.int16)


def itk_image(voxels: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(SPACING)
    return image


def itk_resample(image: sitk.Image, how: str, size: tuple, origin: tuple, kind: int, threads: int) -> sitk.Image:
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
    direction = image.GetDirection()
    return sitk.Resample(image, size, sitk.Transform(), ITK[how], origin, TARGET, direction, AIR, kind)


class Contender:
    """A way to resample; `out` is the last result, [z, y, x], and `origin` the centre of its first voxel in mm."""

    # The grid that keeps the extent, as this project has it; some have their own.
    size = tuple(int(n * s / t + 0.5) for n, s, t in zip(SIZE, SPACING, TARGET, strict=True))
    origin = tuple((t - s) / 2 for s, t in zip(SPACING, TARGET, strict=True))
    out: np.ndarray

    def seconds(self, how: str) -> float:
        start = time.perf_counter()
        self.run(how)
        return time.perf_counter() - start

    def finish(self) -> None:
        """Brings the last result into the form of `out`."""


class Go(Contender):
    def __init__(self, engine: Ours, workers: int) -> None:
        self.engine, self.workers = engine, workers

    def seconds(self, how: str) -> float:
        return self.engine.seconds("resample", how, self.workers, *TARGET)

    def finish(self) -> None:
        file = self.engine.folder / "out.raw"
        self.engine.seconds("save", file)
        self.out = np.fromfile(file, "<i2").reshape(self.size[::-1])


class SimpleITK(Contender):
    def __init__(self, voxels: np.ndarray, threads: int) -> None:
        self.image, self.threads = itk_image(voxels), threads

    def run(self, how: str) -> None:
        self.result = itk_resample(self.image, how, self.size, self.origin, sitk.sitkInt16, self.threads)

    def finish(self) -> None:
        self.out = sitk.GetArrayFromImage(self.result)


class Scipy(Contender):
    def __init__(self, voxels: np.ndarray) -> None:
        self.voxels = voxels

    def run(self, how: str) -> None:
        ratio = [t / s for s, t in zip(SPACING, TARGET, strict=True)][::-1]
        shift = [(r - 1) / 2 for r in ratio]
        order, beyond = {"linear": (1, "nearest"), "bspline": (3, "mirror")}[how]
        shape = self.size[::-1]
        self.out = ndimage.affine_transform(self.voxels, ratio, shift, shape, np.float32, order, beyond)


class Monai(Contender):
    def __init__(self, voxels: np.ndarray) -> None:
        voxels = voxels.transpose(2, 1, 0).astype(np.float32)[None]
        self.image = MetaTensor(torch.from_numpy(voxels), affine=np.diag([*SPACING, 1.0]))

    def run(self, how: str) -> None:
        mode, padding = {"linear": ("bilinear", "border"), "bspline": (3, "mirror")}[how]
        self.result = Spacing(TARGET, mode=mode, padding_mode=padding)(self.image)

    def finish(self) -> None:
        self.out = self.result[0].numpy().transpose(2, 1, 0)
        self.origin = tuple(float(v) for v in self.result.affine[:3, 3])


class TorchIO(Contender):
    def __init__(self, voxels: np.ndarray) -> None:
        voxels = voxels.transpose(2, 1, 0).copy()[None]
        self.image = torchio.ScalarImage(tensor=torch.from_numpy(voxels), affine=np.diag([*SPACING, 1.0]))

    def run(self, how: str) -> None:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(CORES)  # which it resamples with
        self.result = torchio.Resample(TARGET, image_interpolation=how)(self.image)

    def finish(self) -> None:
        self.out = self.result.data[0].numpy().transpose(2, 1, 0)
        self.origin = tuple(float(v) for v in self.result.affine[:3, 3])


def agreement(contender: Contender, image: sitk.Image, how: str) -> tuple[float, float]:
    """Returns the largest difference from SimpleITK in float64, in HU, and the share that is equal to it, rounded."""
    size = contender.out.shape[::-1]
    want = sitk.GetArrayFromImage(itk_resample(image, how, size, contender.origin, sitk.sitkFloat64, CORES))
    rounded = np.trunc(want + np.copysign(0.5, want))
    equal = float(np.mean(np.trunc(contender.out + np.copysign(0.5, contender.out)) == rounded))
    return float(np.max(np.abs(contender.out - want))), equal


def section(title: str, contenders: dict[str, Contender], image: sitk.Image, how: str, turns: range) -> list[str]:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in turns:
        for name, contender in contenders.items():
            took = contender.seconds(how)
            if turn > 0:
                times[name].append(took)
    best = statistics.median(times[f"ctcohort, {CORES} workers"])
    alone = statistics.median(times["ctcohort, 1 worker"])
    lines = [
        f"## {title}",
        "",
        f"| tool | seconds | of ctcohort's, {CORES} workers | of its, 1 worker | size | difference, HU | equal |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, contender in contenders.items():
        contender.finish()
        difference, equal = agreement(contender, image, how)
        if isinstance(contender, Go) and (equal < 1 if how == "linear" else difference > 1):
            raise SystemExit(f"{name}, {how}: {difference} HU from SimpleITK in float64, {equal} of the voxels equal")
        m = statistics.median(times[name])
        spread = f"{m:.3g} [{min(times[name]):.3g}-{max(times[name]):.3g}]"
        size = "x".join(map(str, contender.out.shape[::-1]))
        figures = f"{spread} | {m / best:.1f} | {m / alone:.1f} | {size} | {difference:.2g} | {100 * equal:.3f} %"
        lines.append(f"| {name} | {figures} |")
    return [*lines, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="that count, of linear")
    parser.add_argument("--bspline-rounds", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "resampling.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    names = ("SimpleITK", "scipy", "monai", "torchio", "torch", "numpy")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        voxels = thorax()
        image = itk_image(voxels)
        engine = Ours(pathlib.Path(folder))
        voxels.astype("<i2").tofile(engine.folder / "in.raw")
        engine.seconds("load", engine.folder / "in.raw", *SIZE, *SPACING)
        contenders = {
            "ctcohort, 1 worker": Go(engine, 1),
            f"ctcohort, {CORES} workers": Go(engine, CORES),
            "SimpleITK, 1 thread": SimpleITK(voxels, 1),
            f"SimpleITK, {CORES} threads": SimpleITK(voxels, CORES),
            "scipy": Scipy(voxels),
            "MONAI": Monai(voxels),
            "TorchIO": TorchIO(voxels),
        }
        lines = [
            "# Resampling: speed",
            "",
            "512x512x300 voxels int16 of 0.7x0.7x1 mm to 1 mm, in memory, warm. All contenders take turns; median of",
            f"{options.rounds} rounds (linear) and {options.bspline_rounds} (B-spline), the range in brackets.",
            f"{machine()}; load {load:.1f} before; {datetime.date.today()}; `make bench-resample`.",
            ", ".join(f"{name} {metadata.version(name)}" for name in names) + ".",
            "",
            *section("Linear", contenders, image, "linear", range(options.rounds + 1)),
            *section("Cubic B-spline", contenders, image, "bspline", range(1, options.bspline_rounds + 1)),
            LEGEND,
        ]
        engine.close()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
