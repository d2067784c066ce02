"""Measures how much memory one worker of `ctcohort resample` takes for a large series.

    make bench-resample          (or: python test/bench/stagememory.py --binary build/ctcohort)

A thorax of 512x512x300 voxels of 0.7x0.7x1 mm, made here, is de-identified once and then resampled in several ways. The
peak is that of the process's anonymous memory, sampled every few milliseconds. Writes
docs/benchmarks/resampling-memory.md.
"""

import argparse
import datetime
import pathlib
import secrets
import subprocess
import tempfile

from ours import ROOT
from series import SIZE, SPACING, write_lossless, write_thorax
from timing import machine, peak_mib

WAYS = [  # syntax, spacing in mm, what else
    ("native", (1, 1, 1), []),
    ("native", (1, 1, 1), ["--interpolation", "bspline"]),
    ("native", (2, 2, 2), ["--prefilter", "gaussian"]),
    ("native", (0.7, 0.7, 0.5), []),
    ("native", (0.7, 0.7, 0.5), ["--interpolation", "bspline"]),
    ("JPEG Lossless", (1, 1, 1), []),
]


def anonymised(binary: pathlib.Path, archive: pathlib.Path, out: pathlib.Path) -> pathlib.Path:
    key = out.parent / "key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex())
    command = [str(binary), "anonymise", "--in", str(archive), "--out", str(out), "--key-file", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return out


def peak(binary: pathlib.Path, root: pathlib.Path, spacing: tuple, extra: list[str], repeats: int) -> float:
    """Returns the highest peak of some runs with one worker."""
    flags = ["--workers", "1", "--spacing", ",".join(map(str, spacing)), *extra]
    return max(peak_mib([str(binary), "resample", "--in", str(root), *flags]) for _ in range(repeats))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "ctcohort")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "resampling-memory.md")
    options = parser.parse_args()
    binary = options.binary.resolve()
    read = 2 * SIZE[0] * SIZE[1] * SIZE[2] / 2**20
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_thorax(folder / "small", slices=3)
        write_thorax(folder / "native")
        write_lossless(folder / "native", folder / "JPEG Lossless")
        roots = {s: anonymised(binary, folder / s, folder / f"{s} out") for s in ("small", "native", "JPEG Lossless")}
        base = peak(binary, roots["small"], (1, 1, 1), [], options.repeats)
        rows = []
        for syntax, spacing, extra in WAYS:
            most = peak(binary, roots[syntax], spacing, extra, options.repeats)
            made = read
            for s, t in zip(SPACING, spacing, strict=True):
                made *= s / t
            how = f"{syntax}, to {'x'.join(map(str, spacing))} mm {' '.join(extra)}".strip()
            figures = [read, made, 2 * max(read, made), most, most - base]
            rows.append(f"| {how} | {' | '.join(f'{f:.0f}' for f in figures)} |")
    lines = [
        "# Resampling: memory",
        "",
        "`ctcohort resample --workers 1` on one series of 512x512x300 voxels; MiB of the process's anonymous memory,",
        f"the highest of {options.repeats} runs. {machine()}; {datetime.date.today()}; `make bench-resample`.",
        "",
        "| series | volume read | volume made | two volumes | peak | beyond the process |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        f"The process itself takes {base:.0f} MiB, with a series of three slices. *Two volumes* is twice the larger",
        "of what is read and what is made. A worker holds both, a window of slices for B-splines, and up to",
        "32 MiB of garbage.",
        "",
    ]
    options.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
