"""Times de-identification side by side with other tools and with `cp -r`, on the same files in one run.

    make bench-deid          (or: python test/bench/deid.py --binary build/ctcohort)

The files are CT slices of 512x512 in explicit VR little endian, made here: no identity, six patients. Every
contender starts as a process of its own, reads from a warm cache and ends with its files on the disk. What is
bound by the disk differs from hour to hour where the disk is shared, so a set is also read and written in memory.
Writes docs/benchmarks/deidentification.md.
"""

import argparse
import base64
import datetime
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata

import numpy
import pydicom
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from timing import Contender, file_system, machine, rounds

DCMANON = """
import pathlib, sys
from dcmanon import Anonymizer
source, out = map(pathlib.Path, sys.argv[1:])
out.mkdir(parents=True)
anonymizer = Anonymizer()
for i, path in enumerate(sorted(p for p in source.rglob("*") if p.is_file())):
    (out / f"{i}.dcm").write_bytes(anonymizer.anonymize(str(path)))
"""

# Its own command line cannot be started in this version: main wants its arguments.
DICOGNITO = """
import pathlib, sys
import pydicom
from dicognito.anonymizer import Anonymizer
source, out = map(pathlib.Path, sys.argv[1:])
out.mkdir(parents=True)
anonymizer = Anonymizer()
for i, path in enumerate(sorted(p for p in source.rglob("*") if p.is_file())):
    with pydicom.dcmread(path) as dataset:
        anonymizer.anonymize(dataset)
        dataset.save_as(out / f"{i}.dcm")
"""


FLOOR = "cp -r, openssl sha256"


def make_series(folder: pathlib.Path, files: int) -> int:
    """Writes `files` CT slices and returns their size in bytes."""
    noise = numpy.random.default_rng(1)
    folder.mkdir()
    total = 0
    for patient in range(6):
        study, series, frame = generate_uid(), generate_uid(), generate_uid()
        for i in range(patient * files // 6, (patient + 1) * files // 6):
            image = slice_of(patient, i, study, series, frame)
            image.PixelData = noise.integers(-1024, 1024, (512, 512), dtype=numpy.int16).tobytes()
            path = folder / f"IM{i:05d}.dcm"  # dicom-anonymizer does not descend into folders
            image.save_as(path, enforce_file_format=True)
            total += path.stat().st_size
    return total


def slice_of(patient: int, i: int, study: str, series: str, frame: str) -> pydicom.FileDataset:
    """The header of a CT slice with what hospitals write, private and nested elements too."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d = pydicom.FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    d.SpecificCharacterSet = "ISO_IR 100"
    d.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    d.SOPClassUID, d.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    d.StudyDate = d.SeriesDate = d.AcquisitionDate = d.ContentDate = "20200312"
    d.StudyTime = d.SeriesTime = d.AcquisitionTime = d.ContentTime = "101500.00"
    d.AccessionNumber, d.Modality, d.Manufacturer = f"ACC77{patient}2231", "CT", "SIEMENS"
    d.InstitutionName, d.InstitutionAddress = "Klinikum Nordstadt", "Hauptstrasse 5, Musterhausen"
    d.ReferringPhysicianName, d.StationName = "Wagenknechtson^Ottokar", "CTAWP7731"
    d.StudyDescription, d.SeriesDescription = "CT CHEST WO C", "Thorax  1.0  B31f"
    d.ManufacturerModelName = "Sensation 64"
    code = pydicom.Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "CTCHEST", "99LOCAL", "CT of the chest"
    d.ProcedureCodeSequence = [code]
    d.PatientName, d.PatientID = f"Musterfrauenberg{patient}^Annegretha", f"PID90{patient}4471"
    d.PatientBirthDate, d.PatientSex, d.PatientAge, d.PatientWeight = "19610507", "F", "058Y", "71"
    d.BodyPartExamined, d.KVP, d.SliceThickness, d.ProtocolName = "CHEST", "120", "1.0", "ThoraxRoutine"
    d.ConvolutionKernel, d.PatientPosition = "B31f", "HFS"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = study, series, frame
    d.StudyID, d.SeriesNumber, d.InstanceNumber = f"7{patient}31", "2", str(i)
    d.ImagePositionPatient, d.ImageOrientationPatient = ["-180", "-180", str(float(i))], ["1", "0", "0", "0", "1", "0"]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows = d.Columns = 512
    d.PixelSpacing = ["0.7", "0.7"]
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 16, 15, 1
    d.WindowCenter, d.WindowWidth = "40", "400"
    d.RescaleIntercept, d.RescaleSlope, d.RescaleType = "0", "1", "HU"
    private = d.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    private.add_new(0x10, "OB", bytes(range(256)) * 24)
    return d


def contenders(source: pathlib.Path, work: pathlib.Path, binary: pathlib.Path, slow: bool) -> list[Contender]:
    """The tools with their commands; with slow those in Python too."""
    key = work / "key"
    key.write_bytes(base64.b64encode(os.urandom(32)))
    key.chmod(0o600)
    ours = [str(binary), "anonymise", "--in", str(source), "--out", "{out}", "--key-file", str(key)]
    found = [
        Contender("cp -r", ["cp", "-r", str(source), "{out}"], "copies, de-identifies nothing"),
        Contender(
            FLOOR,
            ["sh", "-c", 'cp -r "$0" "$1" && find "$1" -type f -exec openssl dgst -sha256 {} +', str(source), "{out}"],
            "copies and hashes, de-identifies nothing",
        ),
        Contender("ctcohort, research", ours, "all cores"),
        Contender("ctcohort, basic", [*ours, "--profile", "basic"], "all cores"),
        Contender("ctcohort, research, 1 worker", [*ours, "--workers", "1"], "Beam's own work on the other core"),
    ]
    if gdcmanon := shutil.which("gdcmanon"):
        certificate = work / "certificate.pem"
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=bench"]
        request += ["-keyout", str(work / "private.pem"), "-out", str(certificate)]
        subprocess.run(request, check=True, capture_output=True)
        command = [
            gdcmanon,
            "-e",
            "-c",
            str(certificate),
            "--recursive",
            "--continue",
            "-i",
            str(source),
            "-o",
            "{out}",
        ]
        found.append(Contender(f"gdcmanon -e {gdcm_version(gdcmanon)}", command))
    else:
        found.append(Contender("gdcmanon -e", [], failure="not installed (Debian: libgdcm-tools)"))
    if not slow:
        return found
    tool = pathlib.Path(sys.executable).parent / "dicom-anonymizer"
    found += [
        Contender(f"dcmanon {metadata.version('dcmanon')}", [sys.executable, "-c", DCMANON, str(source), "{out}"]),
        Contender(
            f"dicom-anonymizer {metadata.version('dicom-anonymizer')}",
            ["sh", "-c", 'mkdir "$2" && exec "$0" "$1" "$2"', str(tool), str(source), "{out}"],
        ),
        Contender(
            f"dicognito {metadata.version('dicognito')}", [sys.executable, "-c", DICOGNITO, str(source), "{out}"]
        ),
    ]
    return found


def gdcm_version(gdcmanon: str) -> str:
    text = subprocess.run([gdcmanon, "--version"], capture_output=True, text=True).stdout.split()
    return next((word for word in text if word[:1].isdigit()), "")


def report(found: list[Contender], files: int, size: int, repeats: int, place: str) -> list[str]:
    """A section: the table of one set of files in one place."""
    copy = statistics.median(found[0].seconds)
    gdcm = next((statistics.median(c.seconds) for c in found if c.name.startswith("gdcmanon") and c.seconds), None)
    lines = [
        f"## {files:,} files on {place}",
        "",
        f"{size / 2**20:.0f} MiB; median of {repeats} rounds, the range in brackets.",
        "",
        "| tool | files/s | seconds | of cp -r | of gdcmanon | processor ms a file | peak memory MiB | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for c in found:
        if c.failure:
            lines.append(f"| {c.name} | - | - | - | - | - | - | {c.failure} |")
            continue
        m = statistics.median(c.seconds)
        spread = f"{m:.2f} [{min(c.seconds):.2f}-{max(c.seconds):.2f}]"
        of_gdcm = f"{gdcm / m:.2f}" if gdcm else "-"
        cpu = f"{1000 * statistics.median(c.cpu_seconds) / files:.2f}"
        figures = f"{files / m:.0f} | {spread} | {copy / m:.2f} | {of_gdcm} | {cpu} | {c.peak_mib:.0f}"
        lines.append(f"| {c.name} | {figures} | {c.note} |")
    return [*lines, "", *bound(found, files), ""]


def bound(found: list[Contender], files: int) -> list[str]:
    """What a copy and its digest leave room for, whatever else a tool does."""
    floor = next((c for c in found if c.name == FLOOR and c.seconds), None)
    gdcm = next((c for c in found if c.name.startswith("gdcmanon") and c.seconds), None)
    if not floor or not gdcm:
        return []
    floor_ms, gdcm_ms = (1000 * statistics.median(c.cpu_seconds) / files for c in (floor, gdcm))
    cores = os.cpu_count() or 1
    most = cores * gdcm_ms / floor_ms
    return [
        f"To copy a file and to hash it, and nothing else, takes {floor_ms:.2f} ms of a core, gdcmanon {gdcm_ms:.2f}",
        f"of its one: on {cores} cores none that keeps the SHA-256 of each can be more than {most:.1f} times as fast.",
    ]


HEAD = """# De-identification: speed

CT slices of 512x512 in explicit VR little endian; warm cache; every run ends with its files on the disk: `sync` is
part of it, of `cp -r` too. All contenders take turns, each a process of its own as its users start it. gdcmanon works
on one core, replaces the attributes of the Basic Profile with their encrypted originals and writes no table; ctcohort
also searches what it writes, and keeps digests of pixels and files.
{machine}; load {load:.1f} at the start; {date}; `make bench-deid`.

Processor time is that of all cores together, peak memory a whole process's anonymous memory, what is mapped from
files left out. The tools in Python take their turns with the small set only.

Where ctcohort's processor time goes (perf, the large set in memory, 2026-11-24): SHA-256 of what is written 28 %,
writing 18 %, parsing, rules and search 23 %, making, opening and renaming files 7 %, Beam 6 %, reading 6 %, garbage
collection 2 %, the digest of the pixels 2 %, tables 1 %; start and end take 0.05 s.
"""


def measure(
    work: pathlib.Path, binary: pathlib.Path, files: int, repeats: int, place: str, slow: bool = False
) -> list[str]:
    """The section of a set of files that is read and written under one folder."""
    with tempfile.TemporaryDirectory(dir=work, prefix="bench-") as folder:
        here = pathlib.Path(folder)
        size = make_series(here / "source", files)
        found = contenders(here / "source", here, binary, slow)
        rounds(found, here / "out", files, repeats)
    return report(found, files, size, repeats, place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=pathlib.Path("build/ctcohort"))
    parser.add_argument("--files", type=int, default=600, help="of the small set; the large one has 2000")
    parser.add_argument("--repeats", type=int, default=5, help="rounds over each set")
    parser.add_argument(
        "--work", type=pathlib.Path, default=pathlib.Path("build"), help="folder on the disk to measure"
    )
    parser.add_argument("--memory", type=pathlib.Path, default=pathlib.Path("/dev/shm"), help="folder in memory")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/benchmarks/deidentification.md"))
    arguments = parser.parse_args()
    binary, disk = arguments.binary.resolve(), f"the disk ({file_system(arguments.work)})"
    head = HEAD.format(machine=machine(), load=os.getloadavg()[0], date=datetime.date.today())
    lines = [
        head,
        *measure(arguments.work, binary, arguments.files, arguments.repeats, disk, slow=True),
        *measure(arguments.work, binary, 2000, arguments.repeats, disk),
        *measure(arguments.memory, binary, 2000, arguments.repeats, f"memory ({file_system(arguments.memory)})"),
    ]
    text = "\n".join(lines)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
