"""Writes random NRRD files of every kind, and WANT.json with what SimpleITK reads."""

import bz2
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk

TYPES = {
    "u1": ["uchar", "unsigned char", "uint8", "uint8_t"],
    "i1": ["signed char", "int8", "int8_t"],
    "u2": ["ushort", "unsigned short", "unsigned short int", "uint16"],
    "i2": ["short", "short int", "signed short", "int16_t"],
    "u4": ["uint", "unsigned int", "uint32"],
    "i4": ["int", "signed int", "int32_t"],
    "u8": ["ulonglong", "unsigned long long int", "uint64"],
    "i8": ["longlong", "long long", "signed long long int", "int64_t"],
    "f4": ["float"],
    "f8": ["double"],
}
ENCODINGS = {
    "raw": ["raw"],
    "gzip": ["gzip", "gz"],
    "bzip2": ["bzip2", "bz2"],
    "text": ["txt", "text", "ascii"],
    "hex": ["hex"],
}
SPACES = [
    "left-posterior-superior",
    "LPS",
    "right-anterior-superior",
    "RAS",
    "left-anterior-superior",
    "LAS",
    "Left-Posterior-Superior",
]


def direction(rng) -> np.ndarray:
    """Returns an orthonormal matrix: any turn, or axes permuted and flipped."""
    if rng.random() < 0.5:
        q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        return q
    return np.eye(3)[rng.permutation(3)] * rng.choice([-1, 1], 3)


def vector(v) -> str:
    return "(" + ",".join(repr(float(x)) for x in v) + ")"


def encoded(data: np.ndarray, kind: str, rng) -> bytes:
    raw = data.tobytes(order="F")
    if kind == "gzip":
        return gzip.compress(raw)
    if kind == "bzip2":
        return bz2.compress(raw)
    if kind == "hex":
        text = raw.hex()
        return "\n".join(text[i : i + 70] for i in range(0, len(text), 70)).encode() + b"\n"
    if kind == "text":
        return rng.choice([" ", "\n", "  \t"]).join(repr(x) for x in data.ravel(order="F").tolist()).encode() + b"\n"
    return raw


def main(folder: Path, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    want = []
    for number in range(count):
        code = str(rng.choice(list(TYPES)))
        encoding = str(rng.choice(list(ENCODINGS)))
        big = rng.random() < 0.5
        shape = tuple(int(n) for n in rng.integers(2, 7, 3))
        dtype = np.dtype(code).newbyteorder(">" if big else "<")
        low = 0 if dtype.kind == "u" else -100
        data = rng.integers(low, 120, shape).astype(dtype)
        if dtype.kind == "f":
            data = (data + rng.choice([0, 0.5, 0.25], shape)).astype(dtype)

        fields = [
            f"type: {rng.choice(TYPES[code])}",
            "dimension: 3",
            "sizes: " + " ".join(map(str, shape)),
            f"encoding: {rng.choice(ENCODINGS[encoding])}",
        ]
        if dtype.itemsize > 1:
            fields.append("endian: " + ("big" if big else "little"))
        spacing = rng.uniform(0.3, 5, 3)
        geometry = str(rng.choice(["space", "dimension", "spacings", "mins"]))
        if geometry in ("space", "dimension"):
            fields.append("space: " + str(rng.choice(SPACES)) if geometry == "space" else "space dimension: 3")
            steps = direction(rng) * spacing
            fields.append("space directions: " + " ".join(vector(steps[:, c]) for c in range(3)))
            if rng.random() < 0.9:
                fields.append("space origin: " + vector(rng.uniform(-500, 500, 3)))
            if rng.random() < 0.5:
                fields.append("kinds: " + rng.choice(["domain domain domain", "space space space"]))
        else:
            fields.append("spacings: " + " ".join(map(repr, spacing.tolist())))
            if geometry == "mins":
                fields.append("axis mins: " + " ".join(map(repr, rng.uniform(-500, 500, 3).tolist())))
        if rng.random() < 0.5:
            centers = rng.choice(["cell cell cell", "node node node", "??? ??? ???"])
            fields.append(f"{rng.choice(['centers', 'centerings'])}: {centers}")
        if rng.random() < 0.3:
            fields.append("content: DOE^JANE: a study")
        if rng.random() < 0.3:
            fields += ["old min: -1024", "old max: 3071"]

        end = str(rng.choice(["\n", "\r\n"]))
        body = encoded(data, encoding, rng)
        detached = str(rng.choice(["", "", "one", "list", "numbered"]))
        if detached in ("list", "numbered") and encoding == "bzip2":
            detached = "one"
        if detached == "one":
            fields.append(f"data file: {rng.choice(['', './'])}{number}.data")
            skip = ""
            if rng.random() < 0.5:
                fields.append("line skip: 2")
                skip = "first line\nsecond line\n"
            if encoding == "raw" and rng.random() < 0.5:
                fields.append("byte skip: " + str(rng.choice([-1, 3])))
                skip += "xyz" * (1 if fields[-1].endswith("3") else 7)
            (folder / f"{number}.data").write_bytes(skip.encode() + body)
        elif detached:
            names = [f"{number}_{z:03d}.data" for z in range(shape[2])]
            for z, name in enumerate(names):
                (folder / name).write_bytes(encoded(data[:, :, z], encoding, rng))
        magic = f"NRRD000{rng.integers(4, 6)}"
        rng.shuffle(fields)
        # Fields of axes come after the dimension, those of space after the space: ITK insists.
        first = [f for f in fields if f.startswith(("dimension", "space dimension", "space: "))]
        fields = first + [f for f in fields if f not in first]
        if rng.random() < 0.3:
            fields.insert(1, "# DOE^JANE")
        if rng.random() < 0.3:
            fields.append("PatientName:=DOE^JANE")
        if detached == "list":
            fields += ["data file: LIST", *names]
        elif detached == "numbered":
            fields.append(f"data file: {number}_%03d.data 0 {shape[2] - 1} 1 2")
        header = end.join([magic, *fields]) + end
        file = f"{number}.nhdr" if detached else f"{number}.nrrd"
        (folder / file).write_bytes(header.encode() + (b"" if detached else end.encode() + body))

        entry = {
            "File": file,
            "Fields": "; ".join(fields),
            "Values": data.astype(float).ravel(order="F").tolist(),
            "ITK": None,
        }
        try:
            image = sitk.ReadImage(folder / file)
        except RuntimeError:
            image = None
        if image is not None:
            entry["ITK"] = {
                "Size": image.GetSize(),
                "SpacingMM": image.GetSpacing(),
                "OriginMM": image.GetOrigin(),
                "Direction": image.GetDirection(),
                "Values": sitk.GetArrayFromImage(image).astype(float).ravel().tolist(),
            }
        want.append(entry)
    (folder / "WANT.json").write_text(json.dumps(want))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
