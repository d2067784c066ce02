"""Writes a small CT and labels of it into a folder: labels.py FOLDER [--prone].

ct/*.dcm        12 slices of 48 x 64 pixels
truth.npy       int16 [z, y, x], upright: 0 background, 1 lung, 2 infection
rtss_*.dcm      the same as contours, written with pydicom
seg_*.dcm       the same as segmentations, written with highdicom

Masks and contours are both made from formulas: no contour is traced from a mask.
"""

import sys
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

ROWS, COLUMNS, SLICES = 48, 64, 12
SPACING = (0.9, 0.7)  # between rows, between columns
STEP = 2.5
ORIGIN = np.array([-20.3, -15.7, 101.4])
UIDS = {name: generate_uid() for name in ("study", "series", "frame")}

# Ellipses in pixels: centre x, y, radius x, y at the middle slice; (kind, hole).
LUNGS = [(18.2, 24.3, 12.4, 17.7), (46.1, 23.6, 13.1, 18.2)]
HOLE = (46.1, 23.6, 5.3, 7.2)  # in the second lung: a hilum that no one counts
ISLAND = (46.1, 23.6, 2.2, 2.6)  # and lung within it
LESION = (14.7, 30.2, 4.6, 3.9)


def axes(prone):
    sign = -1.0 if prone else 1.0
    return np.array([sign, 0, 0]), np.array([0, sign, 0]), np.array([0, 0, 1.0])


def position(k, prone):
    normal = axes(prone)[2]
    start = ORIGIN if not prone else ORIGIN + np.array([SPACING[1] * (COLUMNS - 1), SPACING[0] * (ROWS - 1), 0])
    return start + normal * STEP * k


def shape(e, k):
    """An ellipse on slice k; none on the first and the last."""
    grow = 1 - ((k - (SLICES - 1) / 2) / (SLICES / 2 - 0.4)) ** 2
    return None if grow <= 0.05 else (e[0], e[1], e[2] * grow**0.5, e[3] * grow**0.5)


def filled(e, k):
    s = shape(e, k)
    if s is None:
        return np.zeros((ROWS, COLUMNS), bool)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return ((x - s[0]) / s[2]) ** 2 + ((y - s[1]) / s[3]) ** 2 <= 1


def masks():
    first, second, hole, island, lesion = (
        np.stack([filled(e, k) for k in range(SLICES)]) for e in (*LUNGS, HOLE, ISLAND, LESION)
    )
    return first | second & ~hole | island, lesion


def polygon(e, k, points=180):
    s = shape(e, k)
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return None if s is None else np.stack([s[0] + s[2] * np.cos(a), s[1] + s[3] * np.sin(a)], 1)


def keyhole(outer, inner):
    """One line: around the outside, through a channel to the inside, around it backwards, and back."""
    return np.concatenate([outer, outer[:1], inner[:1], inner[::-1]])


def header(sop_class, uid, modality, series):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    d.SOPClassUID, d.SOPInstanceUID, d.Modality, d.SeriesInstanceUID = sop_class, uid, modality, series
    d.StudyInstanceUID, d.FrameOfReferenceUID = UIDS["study"], UIDS["frame"]
    d.PatientID, d.PatientName, d.PatientBirthDate, d.PatientSex = "P", "Test^P", "", ""
    d.StudyDate, d.StudyTime, d.StudyID, d.AccessionNumber, d.ReferringPhysicianName = "20200101", "120000", "1", "", ""
    d.ContentDate, d.ContentTime, d.SeriesNumber, d.InstanceNumber, d.Manufacturer = "20200101", "120000", 1, 1, "test"
    return d


def slices(prone):
    row, column, _ = axes(prone)
    for k in range(SLICES):
        d = header("1.2.840.10008.5.1.4.1.1.2", generate_uid(), "CT", UIDS["series"])
        d.ImageType, d.InstanceNumber, d.AcquisitionNumber = ["ORIGINAL", "PRIMARY", "AXIAL"], SLICES - k, 1
        d.ImagePositionPatient = [float(v) for v in position(k, prone)]
        d.ImageOrientationPatient = [*row, *column]
        d.PixelSpacing, d.SliceThickness = list(SPACING), STEP
        d.Rows, d.Columns, d.SamplesPerPixel, d.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
        d.BitsAllocated = d.BitsStored = 16
        d.HighBit, d.PixelRepresentation, d.RescaleSlope, d.RescaleIntercept = 15, 1, 1, 0
        d.PixelData = np.random.default_rng(k).integers(-1000, 400, (ROWS, COLUMNS), "<i2").tobytes()
        yield d


def structure_set(images, regions, prone):
    """regions: name → list of (slice, kind, polygon in pixels)."""
    d = header("1.2.840.10008.5.1.4.1.1.481.3", generate_uid(), "RTSTRUCT", generate_uid())
    del d.FrameOfReferenceUID
    d.StructureSetLabel, d.StructureSetDate, d.StructureSetTime = "S", "20200102", "080000"
    series, study, frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID, series.ContourImageSequence = UIDS["series"], [reference(i) for i in images]
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", UIDS["study"]
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = UIDS["frame"], [study]
    d.ReferencedFrameOfReferenceSequence = [frame]
    d.StructureSetROISequence, d.ROIContourSequence, d.RTROIObservationsSequence = [], [], []
    row, column, _ = axes(prone)
    for n, (name, lines) in enumerate(regions.items(), 1):
        roi, drawn, seen = Dataset(), Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ROIGenerationAlgorithm = n, name, "MANUAL"
        roi.ReferencedFrameOfReferenceUID = UIDS["frame"]
        drawn.ReferencedROINumber, drawn.ContourSequence = n, []
        seen.ObservationNumber, seen.ReferencedROINumber = n, n
        seen.RTROIInterpretedType, seen.ROIInterpreter = "ORGAN", ""
        for k, kind, line in lines:
            c = Dataset()
            mm = position(k, prone) + line[:, :1] * SPACING[1] * row + line[:, 1:] * SPACING[0] * column
            c.ContourGeometricType, c.NumberOfContourPoints = kind, len(mm)
            c.ContourData = [f"{v:.2f}" for v in mm.ravel()]  # as planning systems round
            c.ContourImageSequence = [reference(images[k])]
            drawn.ContourSequence.append(c)
        d.StructureSetROISequence.append(roi)
        d.ROIContourSequence.append(drawn)
        d.RTROIObservationsSequence.append(seen)
    return d


def reference(image):
    r = Dataset()
    r.ReferencedSOPClassUID, r.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    return r


def structure_sets(images, prone):
    closed, xor = "CLOSED_PLANAR", "CLOSEDPLANAR_XOR"
    lesion = [(k, closed, polygon(LESION, k)) for k in range(SLICES) if shape(LESION, k)]
    drawn = [k for k in range(SLICES) if shape(LUNGS[0], k)]
    both = [*LUNGS, HOLE, ISLAND]
    nested = [(k, closed, polygon(e, k)) for k in drawn for e in both]
    xored = [(k, xor, polygon(e, k)) for k in drawn for e in reversed(both)]
    narrow = [(k, closed, keyhole(polygon(LUNGS[1], k), polygon(HOLE, k))) for k in drawn]
    narrow += [(k, closed, polygon(e, k)) for k in drawn for e in (LUNGS[0], ISLAND)]
    yield "rtss_nested", structure_set(images, {"Heart": lesion[:2], "Lt Lung": nested, "COVID lesion": lesion}, prone)
    yield "rtss_xor", structure_set(images, {"Lungs": xored, "GGO": lesion}, prone)
    yield "rtss_keyhole", structure_set(images, {"lung_total": narrow, "Consolidation": lesion}, prone)


def segmentations(images, prone):
    import highdicom as hd

    lung, lesion = masks()
    pneumonia = hd.sr.CodedConcept("233604007", "SCT", "Pneumonia")
    described = [
        hd.seg.SegmentDescription(
            n, label, codes.SCT.AnatomicalStructure, code, hd.seg.SegmentAlgorithmTypeValues.MANUAL
        )
        for n, label, code in ((1, "Lung", codes.SCT.Lung), (2, "Segment 2", pneumonia))
    ]
    whole = lung | lesion

    def write(name, pixels, kind, use=slice(None), **more):
        about = {"manufacturer": "test", "manufacturer_model_name": "test", "software_versions": "1"}
        if len(pixels) == SLICES:
            pixels = pixels[use]
        s = hd.seg.Segmentation(
            images[use], pixels, kind, described, generate_uid(), 9, generate_uid(), 1,
            device_serial_number="1", content_label="LABELS", **about, **more,
        )
        return f"seg_{name}", s

    both = np.stack([whole, lesion], -1).astype(np.uint8)
    kinds = hd.seg.SegmentationTypeValues
    yield write("binary", both, kinds.BINARY)
    yield write("whole", both, kinds.BINARY, omit_empty_frames=False)
    yield write("part", both, kinds.BINARY, slice(3, 8))
    yield write("labelmap", np.where(lesion, 2, whole.astype(np.uint8)).astype(np.uint8), kinds.LABELMAP)
    shares = np.stack([np.where(whole, 0.6, 0.4), np.where(lesion, 1.0, 0.0)], -1)
    yield write("fractional", shares, kinds.FRACTIONAL, max_fractional_value=200)
    yield write("fractional_rle", shares, kinds.FRACTIONAL, max_fractional_value=200, transfer_syntax_uid=RLELossless)

    # Of half the spacing along every axis: two planes, rows and columns for each.
    row, column, normal = axes(prone)
    fine = [
        hd.PlanePositionSequence("PATIENT", list(position(k, prone) + corner + normal * STEP * half))
        for corner in [-row * SPACING[1] / 4 - column * SPACING[0] / 4]
        for k in range(SLICES)
        for half in (-0.25, 0.25)
    ]
    yield write(
        "fine", both.repeat(2, 0).repeat(2, 1).repeat(2, 2), kinds.BINARY, plane_positions=fine,
        pixel_measures=hd.PixelMeasuresSequence([v / 2 for v in SPACING], STEP / 2),
        plane_orientation=hd.PlaneOrientationSequence("PATIENT", [*row, *column]),
    )


def main(folder, prone):
    folder = Path(folder)
    (folder / "ct").mkdir(parents=True)
    images = list(slices(prone))
    for k, d in enumerate(images):
        d.save_as(folder / "ct" / f"{k:02}.dcm", enforce_file_format=True)
    lung, lesion = masks()
    truth = np.where(lesion, 2, lung).astype("<i2")
    np.save(folder / "truth.npy", np.ascontiguousarray(truth[:, ::-1, ::-1]) if prone else truth)
    for name, d in [*structure_sets(images, prone), *segmentations(images, prone)]:
        d.save_as(folder / f"{name}.dcm", enforce_file_format=True)


if __name__ == "__main__":
    main(sys.argv[1], "--prone" in sys.argv)
