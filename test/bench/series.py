"""Times reading series of DICOM files into volumes of HU beside SimpleITK, on the same files in one run.

    make bench-series            (or: python test/bench/series.py)

SimpleITK sorts with GetGDCMSeriesFileNames and reads with ImageSeriesReader; ctcohort reads headers, plans and builds,
as the stage `resample` does. Both take one thread, turns, and files from a warm cache; the first round does not count.
Series: those of the folder `shared/` beside the checkout (or CTCOHORT_SHARED), where there is one, the first of
them once more in JPEG Lossless, and a thorax of 512x512x300 that is made here, native and in JPEG Lossless. The run
fails where a voxel differs, or a corner of the grid by more than 0.01 mm. Writes docs/benchmarks/series.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import tempfile
import time
from importlib import metadata

import imagecodecs
import numpy as np
import pydicom
import SimpleITK as sitk
from ours import ROOT, Ours, fixture
from pydicom.encaps import encapsulate
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEGLosslessSV1, generate_uid
from resample import SIZE, SPACING, thorax
from timing import machine

REAL = {"ct_lungfcp_0001": "chest, 5 mm", "ct_acrin_flt_013": "PET/CT", "cip_ct64_dicom": "small matrix"}


def write_thorax(folder: pathlib.Path) -> None:
    """Writes a thorax that is made here as CT slices in explicit VR little endian."""
    folder.mkdir()
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for i, image in enumerate(thorax()):
        meta = pydicom.dataset.FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        d = pydicom.FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        d.SOPClassUID, d.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = study, series, frame
        d.Modality, d.PatientID, d.ImageType, d.InstanceNumber = "CT", "X", ["ORIGINAL", "PRIMARY", "AXIAL"], i + 1
        d.ImagePositionPatient, d.ImageOrientationPatient = [-180, -180, SPACING[2] * i - 400], [1, 0, 0, 0, 1, 0]
        d.PixelSpacing, d.SliceThickness, d.Rows, d.Columns = list(SPACING[1::-1]), SPACING[2], SIZE[1], SIZE[0]
        d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
        d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
        d.RescaleSlope, d.RescaleIntercept = 1, -1024
        d.PixelData = (image.astype(np.int32) + 1024).clip(0, 4095).astype("<u2").tobytes()
        d.save_as(folder / f"{generate_uid()}.dcm", enforce_file_format=True)  # in no order


def write_lossless(source: pathlib.Path, folder: pathlib.Path) -> None:
    """Writes a series again in JPEG Lossless, first-order prediction."""
    folder.mkdir()
    for path in source.iterdir():
        d = pydicom.dcmread(path)
        words = d.pixel_array.view(np.uint16)
        d.PixelData = encapsulate([imagecodecs.jpeg8_encode(words, lossless=True, predictor=1, bitspersample=16)])
        d["PixelData"].VR, d["PixelData"].is_undefined_length = "OB", True
        d.file_meta.TransferSyntaxUID = JPEGLosslessSV1
        d.save_as(folder / path.name)


def read_itk(folder: pathlib.Path) -> sitk.Image:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def check(name: str, engine: Ours, image: sitk.Image) -> str:
    """Compares the volume that the engine read last with SimpleITK's, and returns its size."""
    file = engine.folder / "out.raw"
    engine.seconds("save", file)
    grid = json.loads(pathlib.Path(f"{file}.json").read_text())
    size, spacing, origin = grid["Size"], grid["SpacingMM"], np.array(grid["OriginMM"])
    image = sitk.DICOMOrient(image, "LPS")  # as ctcohort turns every volume
    direction = np.array(grid["Direction"]).reshape(3, 3)
    if list(image.GetSize()) != size:
        raise SystemExit(f"{name}: the size is {size}, SimpleITK has {image.GetSize()}")
    for corner in np.ndindex(2, 2, 2):
        index = [int(c * (n - 1)) for c, n in zip(corner, size, strict=True)]
        ours = origin + direction @ (np.array(index) * spacing)
        if np.abs(ours - image.TransformIndexToPhysicalPoint(index)).max() > 0.01:
            raise SystemExit(f"{name}: voxel {index} lies at {ours}, in SimpleITK's elsewhere")
    voxels = np.fromfile(file, "<i2").reshape(size[::-1])
    if not np.array_equal(voxels, sitk.GetArrayViewFromImage(image)):
        raise SystemExit(f"{name}: voxels differ from SimpleITK's")
    return "x".join(map(str, size))


def times(name: str, folder: pathlib.Path, engine: Ours, rounds: int) -> str:
    """Returns the row of a series."""
    ours, itk = [], []
    for turn in range(rounds + 1):
        took = engine.seconds("series", folder)
        start = time.perf_counter()
        image = read_itk(folder)
        if turn > 0:
            ours.append(took)
            itk.append(time.perf_counter() - start)
    size = check(name, engine, image)
    ratio = statistics.median(itk) / statistics.median(ours)
    figures = [f"{statistics.median(t):.3f} [{min(t):.3f}-{max(t):.3f}]" for t in (ours, itk)]
    return f"| {name} | {size} | {figures[0]} | {figures[1]} | {ratio:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="that count")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "series.md")
    options = parser.parse_args()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)  # a drift of 0.0007 mm in one series
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        engine = Ours(folder)
        found = {f"{series}: {text}": path for series, text in REAL.items() if (path := fixture(series))}
        if found:
            write_lossless(next(iter(found.values())), folder / "real-lossless")
            found[f"{next(iter(REAL))}, in JPEG Lossless"] = folder / "real-lossless"
        write_thorax(folder / "thorax")
        write_lossless(folder / "thorax", folder / "thorax-lossless")
        found |= {
            "made here: thorax, 1 mm": folder / "thorax",
            "made here, in JPEG Lossless": folder / "thorax-lossless",
        }
        rows = [times(text, path, engine, options.rounds) for text, path in found.items()]
        engine.close()
    lines = [
        "# Reading series: speed",
        "",
        "From DICOM files in a warm cache to a volume of HU, one thread each, in turns; seconds, median of",
        f"{options.rounds} rounds, the range in brackets. {machine()}; load {load:.1f} before;",
        f"SimpleITK {metadata.version('SimpleITK')}; {datetime.date.today()}; `make bench-series`.",
        "",
        "| series | size | ctcohort | SimpleITK | SimpleITK's of ctcohort's |",
        "|---|---|---|---|---|",
        *rows,
        "",
        "Every voxel and the grid of all of them are equal. SimpleITK's time is that of sorting the files and of",
        "reading them, ctcohort's that of the headers, the plan and the pixels.",
        "",
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
