"""Writes one small volume as NIfTI in many ways with nibabel, and WANT.json with what a reader must find."""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np

AFFINE = np.array([[-0.7, 0, 0, 12.5], [0, -0.8, 0, 33.25], [0, 0, 2.5, -410], [0, 0, 0, 1.0]])


def oblique() -> np.ndarray:
    angle = np.deg2rad(12)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    affine = AFFINE.copy()
    affine[:3, :3] = turn @ affine[:3, :3]
    return affine


def main(folder: Path) -> None:
    cases = []
    small = np.arange(3 * 4 * 5, dtype=float).reshape(3, 4, 5, order="F") % 100

    def add(name, image, end=".nii"):
        file = f"{len(cases)}{end}"
        nib.save(image, folder / file)
        loaded = nib.load(folder / file)
        values = np.asanyarray(loaded.dataobj).astype(float)
        cases.append(
            dict(Name=name, File=file, Affine=loaded.affine.ravel().tolist(), Values=values.ravel(order="F").tolist())
        )

    def make(dtype, endian="<", affine=AFFINE, kind=nib.Nifti1Image, header=nib.Nifti1Header):
        signed = np.dtype(dtype).kind != "u"
        data = (small - 50 * signed).astype(dtype)
        return kind(data, affine, header(endianness=endian))

    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "float32", "float64"):
        for endian in "<>":
            add(f"{dtype} {endian}", make(dtype, endian))
    add("gzipped", make("int16"), ".nii.gz")
    add("NIfTI-2", make("int16", kind=nib.Nifti2Image, header=nib.Nifti2Header))
    add("NIfTI-2, big endian", make("float32", ">", kind=nib.Nifti2Image, header=nib.Nifti2Header))
    add("oblique", make("int16", affine=oblique()))

    image = make("int16", affine=oblique())
    image.set_sform(None, 0)
    image.set_qform(oblique(), 1)
    add("qform alone", image)

    image = make("int16")
    image.set_sform(AFFINE, 1)
    image.set_qform(oblique(), 1)
    add("a scanner's sform before another qform", image)

    flipped = AFFINE @ np.diag([-1, 1, 1, 1.0])
    image = make("int16", affine=flipped)
    image.set_sform(None, 0)
    image.set_qform(flipped, 2)
    add("qform alone, left-handed", image)

    image = nib.Nifti1Image(2 * small - 1000, AFFINE)
    image.set_data_dtype("int16")
    image.header.set_slope_inter(2, -1000)
    add("slope and intercept", image)

    image = make("int16")
    image.header["descrip"] = b"DOE^JANE"
    image.header.extensions.append(nib.nifti1.Nifti1Extension(6, b"Patient: DOE^JANE" * 9))
    add("text and an extension", image)

    add("a fourth dimension of one", nib.Nifti1Image(small[..., None].astype("int16"), AFFINE))
    (folder / "WANT.json").write_text(json.dumps(cases))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
