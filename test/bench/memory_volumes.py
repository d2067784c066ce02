"""Measures the memory of `ctcohort resample --workers 1` on series of 512x512x600.

    make bench-memory          (or: python test/bench/memory_volumes.py --binary build/ctcohort)

Writes docs/benchmarks/memory-volumes.md.
"""

import argparse
import base64
import datetime
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable

import numpy as np
import pydicom
from deid import slice_of
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedCTImageStorage, generate_uid
from timing import Contender, machine, run

SLICES, SIDE, PIXEL_MM = 600, 512, 0.7
VOLUME_MIB = SLICES * SIDE * SIDE * 2 / 2**20


def pixels(z: int) -> bytes:
    """A round body with a lung in it, with noise."""
    at = np.hypot(*np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j])
    hu = np.where(at > 0.9, -1000, np.where(at > 0.4, 40, -850)) + np.random.default_rng(z).integers(
        -20, 20, (SIDE, SIDE)
    )
    return hu.astype("<i2").tobytes()


def slices() -> list[pydicom.FileDataset]:
    uids = [generate_uid() for _ in range(3)]
    out = []
    for z in range(SLICES):
        d = slice_of(0, z, *uids)
        d.PixelSpacing, d.ImagePositionPatient = [str(PIXEL_MM)] * 2, ["-180", "-180", f"{z * 0.5:.1f}"]
        out.append(d)
    return out


def classic(folder: pathlib.Path, orientation: tuple[str, ...] = ("1", "0", "0", "0", "1", "0")) -> None:
    for z, d in enumerate(slices()):
        d.ImageOrientationPatient = list(orientation)
        d.PixelData = pixels(z)
        d.save_as(folder / f"{z}.dcm", enforce_file_format=True)


def prone(folder: pathlib.Path) -> None:
    classic(folder, ("-1", "0", "0", "0", "-1", "0"))


def tilted(folder: pathlib.Path) -> None:
    """The gantry tilts by 12 degrees, and the table moves along z."""
    classic(folder, ("1", "0", "0", "0", "0.978148", "0.207912"))


def sequence(**values: object) -> pydicom.Sequence:
    d = Dataset()
    for keyword, value in values.items():
        setattr(d, keyword, value)
    return pydicom.Sequence([d])


def enhanced(folder: pathlib.Path) -> None:
    """All slices as frames of one file."""
    d = slices()[0]
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    d.ImageType, d.NumberOfFrames = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], SLICES
    shared = Dataset()
    shared.PlaneOrientationSequence = sequence(ImageOrientationPatient=d.ImageOrientationPatient)
    shared.PixelMeasuresSequence = sequence(PixelSpacing=d.PixelSpacing, SliceThickness="1")
    shared.PixelValueTransformationSequence = sequence(RescaleSlope="1", RescaleIntercept="0", RescaleType="HU")
    d.SharedFunctionalGroupsSequence = pydicom.Sequence([shared])
    groups = []
    for z in range(SLICES):
        g = Dataset()
        g.PlanePositionSequence = sequence(ImagePositionPatient=["-180", "-180", f"{z * 0.5:.1f}"])
        groups.append(g)
    d.PerFrameFunctionalGroupsSequence = pydicom.Sequence(groups)
    d.PixelData = b"".join(pixels(z) for z in range(SLICES))
    d.save_as(folder / "file.dcm", enforce_file_format=True)


CASES: list[tuple[str, Callable, list[str]]] = [
    ("one slice a file", classic, []),
    ("the same, B-splines", classic, ["--interpolation", "bspline"]),
    ("the same, to its own spacing", classic, ["--spacing", "0.7,0.7,0.5"]),
    ("prone: all axes turn but z", prone, []),
    ("gantry tilt, brought to axial", tilted, []),
    ("one multi-frame file", enhanced, []),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=pathlib.Path("build/ctcohort"))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/benchmarks/memory-volumes.md"))
    arguments = parser.parse_args()
    lines = [
        "# Volumes: memory",
        "",
        "The peak of a whole process's anonymous memory, `ctcohort resample --workers 1`, on one de-identified series",
        f"of {SIDE}x{SIDE}x{SLICES}, whose volume takes {VOLUME_MIB:.0f} MiB, to 1x1x1 mm unless it says otherwise.",
        f"Sampled every 5 ms. {machine()}; {datetime.date.today()}; `make bench-memory`.",
        "",
        "| series | peak MiB | in volumes | seconds | |",
        "|---|---|---|---|---|",
    ]
    binary = str(arguments.binary.resolve())
    made: Callable | None = None
    with tempfile.TemporaryDirectory(dir=arguments.work, prefix="memory-") as folder:
        work = pathlib.Path(folder)
        key = work / "key"
        key.write_bytes(base64.b64encode(os.urandom(32)))
        key.chmod(0o600)
        for title, make, flags in CASES:
            if made is not make:
                made = make
                shutil.rmtree(work / "in", ignore_errors=True)
                (work / "source").mkdir()
                make(work / "source")
                command = [
                    binary,
                    "anonymise",
                    "--in",
                    str(work / "source"),
                    "--out",
                    str(work / "in"),
                    "--key-file",
                    str(key),
                ]
                subprocess.run(command, check=True, capture_output=True)
                shutil.rmtree(work / "source")
            c = Contender(
                title, [binary, "resample", "--workers", "1", "--in", str(work / "in"), "--out", "{out}", *flags]
            )
            run(c, work / "out", 1)
            shutil.rmtree(work / "out", ignore_errors=True)
            if c.failure:
                lines.append(f"| {title} | - | - | - | {c.failure} |")
            else:
                lines.append(f"| {title} | {c.peak_mib:.0f} | {c.peak_mib / VOLUME_MIB:.2f} | {min(c.seconds):.1f} | |")
            print(lines[-1], flush=True)
    arguments.out.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
