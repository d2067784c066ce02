"""Writes NIfTI files with random headers, and WANT.json with what nibabel and SimpleITK find in each."""

import gzip
import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk

TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]
UNITS = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}


def quaternion(rng) -> np.ndarray:
    q = rng.choice(
        [rng.normal(size=4), np.eye(4)[rng.integers(4)], rng.choice([-1, 0, 1], 4) + np.array([1e-9, 0, 0, 0])]
    ).astype(float)
    q /= np.linalg.norm(q)
    return q if q[0] >= 0 else -q


def rotation(q) -> np.ndarray:
    return nib.quaternions.quat2mat(q)


def main(folder: Path, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    want = []
    for number in range(count):
        two, big, zipped = rng.random() < 0.3, rng.random() < 0.5, rng.random() < 0.3
        header = (nib.Nifti2Header if two else nib.Nifti1Header)(endianness=">" if big else "<")
        dtype = np.dtype(rng.choice(TYPES)).newbyteorder(">" if big else "<")
        shape = tuple(int(n) for n in rng.integers(2, 6, 3))
        ones = tuple([1] * int(rng.integers(0, 4)))
        header.set_data_dtype(dtype)
        header.set_data_shape(shape + ones)
        spacing = rng.choice([rng.uniform(0.3, 5, 3), np.array([0.7, 0.7, 1.25])])
        header["pixdim"][1:4] = spacing
        q, qfac = quaternion(rng), rng.choice([-1.0, 1.0, 0.0])
        header["pixdim"][0] = qfac
        offset = rng.uniform(-500, 500, 3)
        header["quatern_b"], header["quatern_c"], header["quatern_d"] = q[1:]
        header["qoffset_x"], header["qoffset_y"], header["qoffset_z"] = offset
        qform = np.eye(4)
        qform[:3, :3] = rotation(q) * spacing * [1, 1, -1 if qfac < 0 else 1]
        qform[:3, 3] = offset
        kind = rng.choice(["same", "near", "other", "sheared"])
        sform = qform.copy()
        if kind == "near":
            sform[:3, 3] += rng.uniform(-2e-5, 2e-5, 3)
        elif kind == "other":
            sform[:3, :3] = rotation(quaternion(rng)) * spacing
            sform[:3, 3] = rng.uniform(-500, 500, 3)
        elif kind == "sheared":
            sform[:3, 1] += 0.3 * sform[:3, 2]
        header["srow_x"], header["srow_y"], header["srow_z"] = sform[:3]
        codes = int(rng.choice([0, 1, 1, 2, 3])), int(rng.choice([0, 1, 1, 2, 4]))
        header["qform_code"], header["sform_code"] = codes
        unit = int(rng.choice([2, 2, 2, 0, 1, 3]))
        header["xyzt_units"] = unit + int(rng.choice([0, 8, 16]))
        scale = [(np.nan, np.nan), (1, 0), (0, 3), (2, -1024), (0.5, 0.25)][rng.integers(5)]
        header["scl_slope"], header["scl_inter"] = scale
        header["descrip"] = b"DOE^JANE"
        header["vox_offset"] = offset_bytes = int(rng.choice([0, 16, 160])) + (544 if two else 352)
        header["magic"] = b"n+2" if two else b"n+1"
        low = 0 if dtype.kind == "u" else -100
        data = rng.integers(low, 120, shape).astype(dtype)
        if dtype.kind == "f":
            data = (data + rng.choice([0, 0.5, 0.25], shape)).astype(dtype)
        head = header.binaryblock
        body = head + bytes(offset_bytes - len(head)) + data.tobytes(order="F")
        if two:  # the eight bytes that tell a file from one that was sent as text
            body = body[:4] + b"n+2\0\r\n\032\n" + body[12:]
        name = f"{number}.nii" + (".gz" if zipped else "")
        if zipped:
            body = gzip.compress(body)
        (folder / name).write_bytes(body)

        image = nib.load(folder / name)
        entry = {
            "File": name,
            "Kind": str(kind),
            "Codes": codes,
            "Unit": UNITS[unit],
            "Values": np.asanyarray(image.dataobj).astype(float).ravel(order="F").tolist(),
            "Affine": image.affine.ravel().tolist(),
            "ITK": None,
        }
        try:
            itk = sitk.ReadImage(folder / name)
        except RuntimeError:
            itk = None
        if itk is not None and not two:
            n = itk.GetDimension()
            direction = np.array(itk.GetDirection()).reshape(n, n)[:3, :3]
            entry["ITK"] = {
                "Size": itk.GetSize()[:3],
                "SpacingMM": itk.GetSpacing()[:3],
                "OriginMM": itk.GetOrigin()[:3],
                "Direction": direction.ravel().tolist(),
            }
        want.append(entry)
    (folder / "WANT.json").write_text(json.dumps(want))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
