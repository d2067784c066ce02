"""Measures the memory of `ctcohort anonymise --workers 1` on files that are large or have hostile headers.

    make bench-memory          (or: python test/bench/memory.py --binary build/ctcohort)

Writes docs/benchmarks/memory.md. Every case is a run over an archive of one file.
"""

import argparse
import base64
import datetime
import os
import pathlib
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable

import pydicom
from deid import slice_of
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless, generate_uid
from timing import Contender, machine, run

SIDE = 32767  # rows and columns of an image of 2 GiB
PIXELS = 2 * SIDE**2  # its bytes


def header(extra: Callable[[pydicom.Dataset], None] = lambda d: None) -> pydicom.FileDataset:
    """A CT slice of 2x2 with something put into its header."""
    d = slice_of(0, 0, generate_uid(), generate_uid(), generate_uid())
    d.Rows = d.Columns = 2
    d.PixelData = bytes(8)
    extra(d)
    return d


def save(d: pydicom.FileDataset, path: pathlib.Path) -> None:
    d.save_as(path, enforce_file_format=True)


def save_head(path: pathlib.Path, syntax: str, **values: int) -> None:
    """A file that ends where pixel data would begin."""
    d = header()
    del d.PixelData
    for keyword, value in values.items():
        setattr(d, keyword, value)
    save(d, path)
    if syntax == DeflatedExplicitVRLittleEndian:
        plain = path.read_bytes()[144 + meta_length(path) :]
        d.file_meta.TransferSyntaxUID = syntax
        save(d, path)
        path.write_bytes(path.read_bytes()[: 144 + meta_length(path)] + plain)
        return
    d.file_meta.TransferSyntaxUID = syntax
    save(d, path)


def meta_length(path: pathlib.Path) -> int:
    """The group length of the meta information (PS3.10 section 7.1)."""
    return struct.unpack_from("<I", path.read_bytes(), 140)[0]


def native(path: pathlib.Path) -> None:
    """2 GiB of pixel data, a hole in the file."""
    save_head(path, ExplicitVRLittleEndian, Rows=SIDE, Columns=SIDE)
    with path.open("ab") as file:
        file.write(b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", PIXELS))
        file.truncate(file.tell() + PIXELS)


def fragments(path: pathlib.Path) -> None:
    """100,000 fragments of 4 KiB."""
    save_head(path, RLELossless, NumberOfFrames=2)
    with path.open("ab") as file:
        file.write(b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff")
        for _ in range(100_000):
            file.write(b"\xfe\xff\x00\xe0" + struct.pack("<I", 4096) + bytes(4096))
        file.write(b"\xfe\xff\xdd\xe0" + bytes(4))


def deflated(path: pathlib.Path) -> None:
    """2 GiB of pixel data in a deflated file of 2 MiB."""
    save_head(path, DeflatedExplicitVRLittleEndian, Rows=SIDE, Columns=SIDE)
    whole = path.read_bytes()
    start = 144 + meta_length(path)
    packer = zlib.compressobj(wbits=-15)
    with path.open("wb") as file:
        file.write(whole[:start])
        file.write(packer.compress(whole[start:] + b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", PIXELS)))
        for at in range(0, PIXELS, 1 << 24):
            file.write(packer.compress(bytes(min(1 << 24, PIXELS - at))))
        file.write(packer.flush())


def items(n: int, item: Callable[[int], pydicom.Dataset]) -> Callable:
    def put(d: pydicom.Dataset) -> None:
        d.ReferencedImageSequence = [item(i) for i in range(n)]

    return put


def dataset(**elements: str) -> pydicom.Dataset:
    d = pydicom.Dataset()
    for keyword, value in elements.items():
        setattr(d, keyword, value)
    return d


def private(d: pydicom.Dataset) -> None:
    d.private_block(0x0029, "MAKER", create=True).add_new(0x01, "OB", os.urandom(15 << 20))


def palette(d: pydicom.Dataset) -> None:
    d.add_new(0x00281201, "OW", bytes(15 << 20))


def text(d: pydicom.Dataset) -> None:
    d.add_new(0x0040A160, "UT", "lung 12 " * (12 << 17))


CASES = [
    ("a slice of 512x512", lambda path: save(slice_512(), path)),
    ("2 GiB of pixel data", native),
    ("100,000 fragments of 4 KiB", fragments),
    ("2 GiB of pixel data in a deflated file of 2 MiB", deflated),
    ("a private value of 15 MiB", lambda path: save(header(private), path)),
    ("a palette of 15 MiB, which stays", lambda path: save(header(palette), path)),
    ("text of 12 MiB", lambda path: save(header(text), path)),
    ("150,000 empty items", lambda path: save(header(items(150_000, lambda _: pydicom.Dataset())), path)),
    ("50,000 UIDs", lambda path: save(header(items(50_000, uid)), path)),
    ("16,000 names", lambda path: save(header(items(16_000, name)), path)),
    ("100,000 names", lambda path: save(header(items(100_000, name)), path)),
]


def uid(i: int) -> pydicom.Dataset:
    return dataset(ReferencedSOPInstanceUID=f"1.2.276.0.7230010.3.1.2.{100_000 + i}")


def name(i: int) -> pydicom.Dataset:
    return dataset(PatientName=f"M\xf6ier{i}^Annegretha")


def slice_512() -> pydicom.FileDataset:
    d = header()
    d.Rows = d.Columns = 512
    d.PixelData = bytes(2 * 512 * 512)
    return d


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=pathlib.Path("build/ctcohort"))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/benchmarks/memory.md"))
    arguments = parser.parse_args()
    lines = [
        "# De-identification: memory",
        "",
        "The peak of a whole process's anonymous memory, `ctcohort anonymise --workers 1`, on an archive of one file.",
        f"The first row is what the program takes itself. {machine()}; {datetime.date.today()}; `make bench-memory`.",
        "Series that become volumes: [memory-volumes.md](memory-volumes.md).",
        "",
        "| file | size MiB | peak MiB | beyond a slice MiB | seconds | |",
        "|---|---|---|---|---|---|",
    ]
    base = 0.0
    for title, make in CASES:
        with tempfile.TemporaryDirectory(dir=arguments.work, prefix="memory-") as folder:
            work = pathlib.Path(folder)
            source = work / "source"
            source.mkdir()
            make(source / "file.dcm")
            size = (source / "file.dcm").stat().st_size
            key = work / "key"
            key.write_bytes(base64.b64encode(os.urandom(32)))
            key.chmod(0o600)
            command = [str(arguments.binary.resolve()), "anonymise", "--workers", "1", "--in", str(source)]
            c = Contender(title, [*command, "--out", "{out}", "--key-file", str(key)])
            for _ in range(3):
                run(c, work / "out", 0, passing=(0, 3))
            rejected = not list((work / "out").rglob("*.dcm"))
            shutil.rmtree(work / "out", ignore_errors=True)
        if c.failure:
            lines.append(f"| {title} | {size / 2**20:.1f} | - | - | - | {c.failure} |")
            continue
        base = base or c.peak_mib
        figures = f"{size / 2**20:.1f} | {c.peak_mib:.0f} | {max(0, c.peak_mib - base):.0f} | {min(c.seconds):.1f}"
        lines.append(f"| {title} | {figures} | {'rejected' if rejected else ''} |")
        print(lines[-1], flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
