"""Makes pairs of label maps from real CT in shared/fixtures, for the comparison with reference_ct.py.

usage: real_pairs.py FIXTURES OUT

Writes OUT/NAME.prediction and OUT/NAME.reference, raw uint8, x fastest: 0 background, 1 lung, 2 what stands for
infection. Prints a JSON list of name, size (x, y, z) and spacing. References are the fixtures' own labels, with air in
the body as lung where they have none; predictions are thresholds of the attenuation, as a bad network would give them.
"""

import json
import pathlib
import sys
import tarfile
import tempfile

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

fixtures, out = map(pathlib.Path, sys.argv[1:])
cases = []


def read(pattern):
    (file,) = fixtures.glob(pattern)
    image = sitk.ReadImage(str(file))
    return sitk.GetArrayFromImage(image), image.GetSpacing()


def series(folder):
    """Returns planes of a DICOM folder by their z, in HU, and the spacing."""
    planes = {}
    for file in sorted(pathlib.Path(folder).rglob("*.dcm")):
        image = sitk.ReadImage(str(file))
        planes[round(image.GetOrigin()[2], 2)] = sitk.GetArrayFromImage(image)[0]
    steps = np.diff(sorted(planes))
    return planes, (*image.GetSpacing()[:2], float(np.median(steps)))


def add(name, spacing, prediction, reference):
    for side, labels in (("prediction", prediction), ("reference", reference)):
        (out / f"{name}.{side}").write_bytes(labels.astype(np.uint8).tobytes())
    cases.append({"name": name, "size": reference.shape[::-1], "spacing": spacing})


# A nodule, drawn by hand, in the lung around it.
hu, spacing = read("vol_pyradiomics_lung1/**/*image.nrrd")
nodule, _ = read("vol_pyradiomics_lung1/**/*label.nrrd")
around = tuple(slice(max(0, s.start - 50), s.stop + 50) for s in ndimage.find_objects((nodule > 0).astype(int))[0])
hu, nodule = hu[around].astype(float), nodule[around] > 0
dense = (ndimage.gaussian_filter(hu, 1) > -200) & ndimage.binary_dilation(nodule, iterations=4)
add("nodule", spacing, np.where(dense, 2, ndimage.gaussian_filter(hu, 2) < -500), np.where(nodule, 2, hu < -500))

# Lungs as another network saw them: its 2 and 3 are right and left.
hu, spacing = read("cip_crop2_lungmask/**/crop_ct_2slices.nrrd")
lungs, _ = read("cip_crop2_lungmask/**/*Labelmap.nrrd")
add("lungs", spacing, hu < -600, np.isin(lungs, (2, 3)))

# Vessels, drawn by hand, against all that is dense within the lung.
with tempfile.TemporaryDirectory() as folder:
    (archive,) = fixtures.glob("mask_lungfcp_0001_vessels/**/*.tar.gz")
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    drawn, _ = series(folder)
planes, spacing = series(fixtures / "ct_lungfcp_0001")
heights = [z for z in sorted(planes) if z in drawn]
hu = np.stack([planes[z] for z in heights])
vessels = np.stack([drawn[z] for z in heights]) > 0
around = ndimage.find_objects(vessels.astype(int))[0]
hu, vessels = hu[around].astype(float), vessels[around]
lung = ndimage.binary_closing(hu < -500, iterations=3)
add("vessels", spacing, np.where(lung & (hu > -400), 2, lung), np.where(vessels, 2, lung | vessels))

print(json.dumps(cases))
