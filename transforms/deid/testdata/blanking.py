"""Pixels in many layouts, and whether blanking left all but its regions alone.

blanking.py make FOLDER         files of many sample layouts, made with numpy and pydicom
blanking.py check PAIRS.json    [{"before", "after", "regions", "keep", "tolerance"}]: reads both files of each pair
                                with pydicom, or SimpleITK where that cannot, and prints what differs
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.pixels import pixel_array
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

CT, SC = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.7"


def dataset(rows, columns, frames, samples, bits, stored, signed, photometric, planar, modality, **more):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(CT if modality == "CT" else SC)
    meta.MediaStorageSOPInstanceUID = UID("1.2.276.0.7230010.3.1.4.5")
    ds = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.276.0.7230010.3.1.2.5", "1.2.276.0.7230010.3.1.3.5"
    ds.PatientID, ds.PatientName, ds.Modality = "MRN123456", "Muster^Erika", modality
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = rows, columns, samples, photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, stored, stored - 1, int(signed)
    if frames > 1:
        ds.NumberOfFrames = frames
    if samples > 1:
        ds.PlanarConfiguration = planar
    for key, value in more.items():
        setattr(ds, key, value)
    return ds


def pixels(rng, ds, frames):
    """Random native pixel data in little endian, as bytes."""
    n = frames * ds.Rows * ds.Columns * ds.SamplesPerPixel
    if ds.BitsAllocated == 1:
        return np.packbits(rng.integers(0, 2, n, dtype=np.uint8), bitorder="little").tobytes()
    if ds.PhotometricInterpretation == "YBR_FULL_422":
        return rng.integers(0, 256, n * 2 // 3, dtype=np.uint8).tobytes()
    low, high, kind = 0, 1 << ds.BitsStored, "u"
    if ds.PixelRepresentation:
        low, high, kind = -high // 2, high // 2, "i"
    return rng.integers(low, high, n, dtype=np.int64).astype(f"<{kind}{ds.BitsAllocated // 8}").tobytes()


def save(ds, folder, name, syntax, raw):
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = raw + b"\0" * (len(raw) % 2)
    ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 else "OB"
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(Path(folder) / f"{name}.dcm", ds, implicit_vr=implicit, little_endian=little, force_encoding=True)


def make(folder):
    rng = np.random.default_rng(7)
    grey = [  # bits, stored, signed, photometric, modality, more
        (1, 1, False, "MONOCHROME2", "OT", {}),
        (1, 1, False, "MONOCHROME1", "OT", {}),
        (8, 8, False, "MONOCHROME2", "OT", {}),
        (8, 8, False, "MONOCHROME1", "OT", {}),
        (8, 6, False, "MONOCHROME2", "OT", {}),
        (8, 8, False, "PALETTE COLOR", "OT", {}),
        (16, 16, True, "MONOCHROME2", "CT", {"RescaleSlope": 1, "RescaleIntercept": 0}),
        (16, 12, False, "MONOCHROME2", "CT", {"RescaleSlope": 1, "RescaleIntercept": -1000}),
        (16, 12, True, "MONOCHROME2", "CT", {"RescaleSlope": 2, "RescaleIntercept": -24}),
        (16, 16, True, "MONOCHROME2", "CT", {"RescaleSlope": 1, "RescaleIntercept": 0, "PixelPaddingValue": -2000}),
        (16, 16, True, "MONOCHROME2", "OT", {}),
        (16, 12, False, "MONOCHROME1", "OT", {}),
        (16, 16, False, "MONOCHROME2", "OT", {}),
        (32, 32, False, "MONOCHROME2", "OT", {}),
        (32, 20, True, "MONOCHROME2", "OT", {}),
    ]
    for layout, (rows, columns, frames) in itertools.product(grey, [(13, 17, 1), (9, 11, 5), (16, 8, 2)]):
        bits, stored, signed, photometric, modality, more = layout
        for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless):
            ds = dataset(rows, columns, frames, 1, bits, stored, signed, photometric, 0, modality, **more)
            raw = pixels(rng, ds, frames)
            what = f"{bits}_{stored}_{'s' if signed else 'u'}_{photometric.split()[0]}_{modality}_{len(more)}"
            name = f"grey_{what}_{rows}x{columns}x{frames}_{syntax.split('.')[-1]}"
            write(ds, folder, name, syntax, raw, bits)
    colour = [
        (8, 8, "RGB", 0),
        (8, 8, "RGB", 1),
        (16, 16, "RGB", 0),
        (16, 16, "RGB", 1),
        (8, 8, "YBR_FULL", 0),
        (8, 8, "YBR_FULL", 1),
        (32, 32, "RGB", 0),
        (8, 8, "YBR_FULL_422", 0),
    ]
    for layout, (rows, columns, frames) in itertools.product(colour, [(13, 18, 1), (9, 12, 4), (7, 11, 3)]):
        bits, stored, photometric, planar = layout
        if photometric == "YBR_FULL_422" and columns % 2:
            continue
        for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless):
            ds = dataset(rows, columns, frames, 3, bits, stored, False, photometric, planar, "OT")
            name = f"colour_{bits}_{photometric}_p{planar}_{rows}x{columns}x{frames}_{syntax.split('.')[-1]}"
            write(ds, folder, name, syntax, pixels(rng, ds, frames), bits)


def write(ds, folder, name, syntax, raw, bits):
    if syntax == RLELossless:
        if bits in (1, 32) or ds.PhotometricInterpretation == "YBR_FULL_422":
            return
        save(ds, folder, name, ExplicitVRLittleEndian, raw)
        ds.compress(RLELossless, generate_instance_uid=False)
        ds.save_as(Path(folder) / f"{name}.dcm")
        return
    if syntax == ExplicitVRBigEndian and bits > 8:
        raw = np.frombuffer(raw, f"<u{bits // 8}").astype(f">u{bits // 8}").tobytes()
    save(ds, folder, name, syntax, raw)


def read(path, raw):
    """Pixels as frames, rows, columns, samples."""
    ds = pydicom.dcmread(path, force=True)
    try:
        a = pixel_array(ds, raw=raw)
    except Exception:
        import SimpleITK as sitk

        a = sitk.GetArrayFromImage(sitk.ReadImage(path))
        if ds.get("Modality") in ("CT", "PT"):  # ITK has applied the rescale
            slope, intercept = float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0))
            a = np.round((a.astype(np.float64) - intercept) / slope).astype(np.int64)
    return ds, a.reshape(int(ds.get("NumberOfFrames", 1) or 1), ds.Rows, ds.Columns, ds.SamplesPerPixel)


def covered(rows, columns, regions, keep, paired):
    def one(rectangles):
        m = np.zeros((rows, columns), bool)
        for x, y, width, height in rectangles:
            x, y = x + columns * (x < 0), y + rows * (y < 0)
            m[y : y + height if height else rows, x : x + width if width else columns] = True
        return m

    m = one(regions)
    if keep:
        m |= ~one(keep)
    if paired:  # two pixels share their colour
        m = np.repeat(m[:, ::2] | m[:, 1::2], 2, axis=1)
    return m


def blank(ds):
    photometric, signed, stored = ds.PhotometricInterpretation, ds.PixelRepresentation == 1, ds.BitsStored
    if photometric == "RGB":
        return [0, 0, 0]
    if photometric.startswith("YBR"):
        return [0, 1 << stored - 1, 1 << stored - 1]
    if "PixelPaddingValue" in ds:
        return [ds.PixelPaddingValue]
    if ds.Modality == "CT" and stored > 8:
        low, high = (-(1 << stored - 1), (1 << stored - 1) - 1) if signed else (0, (1 << stored) - 1)
        value = (-1024 - float(ds.get("RescaleIntercept", 0))) / float(ds.get("RescaleSlope", 1))
        return [int(min(high, max(low, np.sign(value) * np.floor(abs(value) + 0.5))))]
    if photometric == "MONOCHROME1":
        return [((1 << stored - 1) if signed else (1 << stored)) - 1]
    return [0]


def check(pair):
    before = pydicom.dcmread(pair["before"], force=True, stop_before_pixels=True)
    after = pydicom.dcmread(pair["after"], stop_before_pixels=True)
    same = before.PhotometricInterpretation == after.PhotometricInterpretation
    _, a = read(pair["before"], raw=same)
    _, b = read(pair["after"], raw=same)
    if a.shape != b.shape:
        return f"shape {a.shape} became {b.shape}"
    after.Modality = before.get("Modality", "")
    paired = same and before.PhotometricInterpretation == "YBR_FULL_422"
    m = covered(before.Rows, before.Columns, pair["regions"] or [], pair["keep"] or [], paired)
    if m.all() or not m.any():
        return "the regions cover all or nothing"
    away = int(np.abs(a[:, ~m].astype(np.int64) - b[:, ~m].astype(np.int64)).max())
    if away > pair["tolerance"]:
        return f"pixels outside the regions differ by {away}"
    if not (b[:, m] == np.array(blank(after))).all():
        found = np.unique(b[:, m].reshape(-1, b.shape[3]), axis=0)[:4]
        return f"blank pixels are {found.tolist()}, not {blank(after)}"
    if not (a[:, m] != b[:, m]).any() and a[:, m].any():
        return "nothing changed"
    if after.get("BurnedInAnnotation") != "NO" or "113101" not in [
        c.CodeValue for c in after.DeidentificationMethodCodeSequence
    ]:
        return "the marks of clean pixel data are missing"
    if after.file_meta.TransferSyntaxUID.is_encapsulated:
        return "still compressed"
    return ""


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        for pair in json.loads(Path(sys.argv[2]).read_text()):
            try:
                fault = check(pair)
            except Exception as e:
                fault = f"{type(e).__name__}: {e}"
            if fault:
                print(Path(pair["before"]).name, fault)
