"""Makes series for series_test.go and says what SimpleITK makes of them.

series.py references ACCEPTANCE OUT SX,SY,SZ NAME=FOLDER...  what reference_ct.py reads from each folder, OUT/NAME,
                                                             and resamples, OUT/NAME_linear and OUT/NAME_bspline
series.py axial ACCEPTANCE PREFIX SX,SY,SZ                   PREFIX_axial: PREFIX along the patient's axes
series.py encode FROM TO SYNTAX...                           the slices of FROM, in turn in each syntax
series.py damage FILE...                                     compressed pixel data that are none
series.py enhance FROM TO FILES                              the slices of FROM as frames of multi-frame images
"""

import argparse
import importlib.util
import json
import pathlib
import random
import subprocess
import sys

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

GDCM = {"jpeg-lossless": "--jpeg", "jpeg-ls": "--jpegls", "jpeg-2000": "--j2k", "rle": "--rle"}
NATIVE = {
    "deflated": DeflatedExplicitVRLittleEndian,
    "big-endian": ExplicitVRBigEndian,
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
}


def tool(folder: str):
    """The acceptance tool as a module."""
    spec = importlib.util.spec_from_file_location("reference_ct", pathlib.Path(folder) / "reference_ct.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def references(acceptance: str, out: str, spacing: str, *series: str) -> None:
    t = tool(acceptance)
    for item in series:
        name, folder = item.split("=", 1)
        prefix = f"{out}/{name}"
        t.volume(argparse.Namespace(dir=folder, out=prefix, series=None))
        for interp in ("linear", "bspline"):
            args = {
                "prefix": prefix,
                "out": f"{prefix}_{interp}",
                "spacing": spacing.split(","),
                "interp": interp,
                "default": -1024.0,
            }
            t.resample(argparse.Namespace(**args, size="round", keep_origin=False, itk_trunc=False))


def axial(acceptance: str, prefix: str, spacing: str) -> None:
    """One linear interpolation onto the axes of the patient, over the box that holds every voxel centre."""
    image = tool(acceptance).load(prefix)
    step = np.array([float(s) for s in spacing.split(",")])
    last = np.array(image.GetSize()) - 1
    corners = np.array(
        [
            image.TransformContinuousIndexToPhysicalPoint([float(c >> a & 1) * float(last[a]) for a in range(3)])
            for c in range(8)
        ]
    )
    low, high = corners.min(0), corners.max(0)
    size = [int(n) for n in np.ceil((high - low) / step - 1e-6) + 1]
    identity = np.eye(3).ravel().tolist()
    out = sitk.Resample(
        image, size, sitk.Transform(), sitk.sitkLinear, low.tolist(), step.tolist(), identity, -1024.0, sitk.sitkFloat64
    )
    values = sitk.GetArrayFromImage(out)
    np.save(f"{prefix}_axial.npy", np.trunc(values + np.copysign(0.5, values)).astype(np.int16))
    geometry = {"size": size, "spacing": step.tolist(), "origin": low.tolist(), "direction": identity}
    pathlib.Path(f"{prefix}_axial.json").write_text(json.dumps(geometry))


def encode(source: str, target: str, *syntaxes: str) -> None:
    pathlib.Path(target).mkdir(parents=True)
    for k, file in enumerate(sorted(pathlib.Path(source).glob("*.dcm"))):
        syntax, to = syntaxes[k % len(syntaxes)], pathlib.Path(target) / file.name
        if syntax in GDCM:
            subprocess.run(["gdcmconv", GDCM[syntax], str(file), str(to)], check=True)
            continue
        d = pydicom.dcmread(file)
        d.file_meta.TransferSyntaxUID = NATIVE[syntax]
        big = syntax == "big-endian"
        if big:
            d.PixelData = np.frombuffer(d.PixelData, "<u2").astype(">u2").tobytes()
            d["PixelData"].VR = "OW"
        pydicom.dcmwrite(to, d, little_endian=not big, implicit_vr=syntax == "implicit", enforce_file_format=True)


def damage(*files: str) -> None:
    for file in files:
        d = pydicom.dcmread(file)
        d.file_meta.TransferSyntaxUID = RLELossless
        d.PixelData = encapsulate([b"\7" * 100])
        d["PixelData"].VR = "OB"
        d.save_as(file)


def item(**values) -> Sequence:
    d = Dataset()
    for keyword, value in values.items():
        setattr(d, keyword, value)
    return Sequence([d])


def enhance(source: str, target: str, files: str) -> None:
    """Frames in random order, each with its own position, slope and intercept; orientation and measures are shared."""
    slices = [pydicom.dcmread(f) for f in sorted(pathlib.Path(source).glob("*.dcm"))]
    random.Random(1).shuffle(slices)
    pathlib.Path(target).mkdir(parents=True)
    parts = int(files)
    concatenation, per = generate_uid(), -(-len(slices) // parts)
    for part in range(parts):
        frames = slices[part * per : (part + 1) * per]
        d = pydicom.dcmread(next(iter(pathlib.Path(source).glob("*.dcm"))))
        for keyword in (
            "ImagePositionPatient",
            "ImageOrientationPatient",
            "PixelSpacing",
            "SliceThickness",
            "RescaleSlope",
        ):
            delattr(d, keyword)
        del d.RescaleIntercept
        d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
        d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        d.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        d.InstanceNumber, d.NumberOfFrames, d.ContentDate, d.ContentTime = part + 1, len(frames), "20200101", "120000"
        if parts > 1:
            d.ConcatenationUID, d.SOPInstanceUIDOfConcatenationSource = concatenation, generate_uid()
            d.InConcatenationNumber, d.InConcatenationTotalNumber = part + 1, parts
            d.ConcatenationFrameOffsetNumber = part * per
        shared = Dataset()
        first = frames[0]
        shared.PlaneOrientationSequence = item(ImageOrientationPatient=first.ImageOrientationPatient)
        shared.PixelMeasuresSequence = item(PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness)
        shared.CTImageFrameTypeSequence = item(FrameType=d.ImageType)
        d.SharedFunctionalGroupsSequence = Sequence([shared])
        groups, pixels = [], []
        for k, s in enumerate(frames):
            g = Dataset()
            g.PlanePositionSequence = item(ImagePositionPatient=s.ImagePositionPatient)
            shift = k % 5  # the stored values are lower by it, the intercept is higher
            g.PixelValueTransformationSequence = item(
                RescaleSlope="1", RescaleIntercept=str(shift - 1024), RescaleType="HU"
            )
            g.FrameContentSequence = item(FrameAcquisitionNumber=1, StackID="1", InStackPositionNumber=k + 1)
            groups.append(g)
            pixels.append((s.pixel_array.astype(np.int32) - shift).astype(np.int16).tobytes())
        d.PerFrameFunctionalGroupsSequence = Sequence(groups)
        d.PixelRepresentation, d.BitsStored, d.HighBit = 1, 16, 15
        d.PixelData = b"".join(pixels)
        d.save_as(pathlib.Path(target) / f"{part}.dcm", enforce_file_format=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
