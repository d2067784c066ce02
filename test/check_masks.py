"""Compares the masks of a run with the images that they belong to, as highdicom, SimpleITK and dciodvfy see them.

usage: check_masks.py OUTPUT_ROOT

Of every prediction: the mask on the source's grid has the geometry that SimpleITK gives the de-identified series,
the DICOM SEG holds its voxels on the images that it refers to, and dciodvfy finds no error in it. Prints one JSON
object.
"""

import json
import subprocess
import sys
from pathlib import Path

import highdicom
import numpy as np
import pandas
import pydicom
import SimpleITK


def series_of(root, cohort, uid):
    """The files of a series in the order of position, by the instances table."""
    table = pandas.read_parquet(f"{root}/tables/instances", partitioning=None)
    rows = table[(table.cohort == cohort) & (table.series_uid == uid) & (table.status == "ok")]
    files = [f"{root}/{uri}" for uri in rows.uri]
    return sorted(files, key=lambda f: float(header(f).ImagePositionPatient[2]))


def header(file):
    return pydicom.dcmread(file, stop_before_pixels=True)


def faults(root, prediction):
    """What is wrong with one prediction, in words."""
    mask = SimpleITK.ReadImage(f"{root}/{prediction.source_mask_uri}")
    voxels = SimpleITK.GetArrayFromImage(mask)
    files = series_of(root, prediction.cohort, prediction.series_uid)
    image = SimpleITK.ReadImage(files)
    if mask.GetSize() != image.GetSize():
        yield f"the mask has {mask.GetSize()} voxels, the series {image.GetSize()}"
        return
    for name in ("Spacing", "Origin", "Direction"):
        ours, theirs = (np.array(getattr(i, f"Get{name}")()) for i in (mask, image))
        if not np.allclose(ours, theirs, atol=1e-4):
            yield f"{name} of the mask is {ours}, of the series {theirs}"

    path = f"{root}/{prediction.seg_uri}"
    said = subprocess.run([Path(sys.executable).parent / "dciodvfy", path], capture_output=True, text=True)
    yield from (line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error"))
    seg = highdicom.seg.segread(path)
    headers = [header(f) for f in files]
    if (seg.PatientID, seg.StudyInstanceUID, seg.FrameOfReferenceUID) != (
        headers[0].PatientID,
        headers[0].StudyInstanceUID,
        headers[0].FrameOfReferenceUID,
    ):
        yield "patient, study or frame of reference is not the series'"
    described = [seg.get_segment_description(n) for n in seg.segment_numbers]
    labels = [(d.segment_label, d.segmented_property_type.value, str(d.SegmentAlgorithmType)) for d in described]
    if labels != [("Lung", "39607008", "AUTOMATIC"), ("Infection", "233604007", "AUTOMATIC")]:
        yield f"segments are {labels}"
    if described[0].SegmentationAlgorithmIdentificationSequence[0].AlgorithmName != prediction.model_name:
        yield "the algorithm is not the model"
    drawn = seg.get_pixels_by_source_instance([h.SOPInstanceUID for h in headers], assert_missing_frames_are_empty=True)
    for n, label in enumerate((1, 2)):
        differ = int((drawn[..., n].astype(bool) != (voxels >= label)).sum())
        if differ:
            yield f"segment {n + 1} differs from the mask in {differ} voxels of {(voxels >= label).sum()}"


def main(root):
    compared, wrong = 0, {}
    for _, prediction in pandas.read_parquet(f"{root}/tables/predictions", partitioning=None).iterrows():
        try:
            found = list(faults(root, prediction))
        except pydicom.errors.InvalidDicomError:  # some phantoms' files have no preamble, which highdicom does not read
            continue
        compared += 1
        if found:
            wrong[prediction.seg_uri] = found
    json.dump({"compared": compared, "wrong": wrong}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
