"""Measures how busy each stage keeps the cores: processor time / time / cores, as one process a stage.

    make bench-cores          (or: python test/bench/cores.py --binary build/ctcohort)

Writes docs/benchmarks/cores.md.
"""

import argparse
import datetime
import os
import pathlib
import resource
import subprocess
import tempfile
import time

from timing import machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAVY = ("anonymise", "resample", "tile", "infer")
WANTED = 0.85


def measured(command: list[str], passing: tuple[int, ...]) -> tuple[float, float]:
    """Seconds and processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if done.returncode not in passing:
        raise SystemExit(f"{command[1]} ended with status {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def stages(binary: str, folder: pathlib.Path, model: str, patients: int) -> dict[str, list[str]]:
    key, out = folder / "key", ["--in", str(folder / "out")]
    key.touch(mode=0o600)
    key.write_text("a key for a benchmark of phantoms\n")
    test = max(1, patients // 4)
    return {
        "anonymise": ["--in", str(folder / "archive"), "--out", out[1], "--key-file", str(key), "--cohort", "china"],
        "resample": [*out, "--spacing", "3,3,3"],
        "split": [*out, "--train", str(patients - test), "--test", str(test)],
        "tile": [*out, "--size", "64,64,48", "--patches", "64", "--shard-mib", "16"],
        "infer": [*out, "--model", model],
        "report": out,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / "build/ctcohort"))
    parser.add_argument("--model", default=str(ROOT / "train/models/covid_segnet_w8_demo.onnx"))
    parser.add_argument("--patients", type=int, default=12)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--max-slices", type=int, default=160)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/benchmarks/cores.md")
    a = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        phantom = [
            "--patients",
            str(a.patients),
            "--size",
            str(a.size),
            "--max-slices",
            str(a.max_slices),
            "--seed",
            "5",
        ]
        subprocess.run([a.binary, "phantom", "--out", str(folder / "archive"), "--no-bad", *phantom], check=True)
        for stage, flags in stages(a.binary, folder, a.model, a.patients).items():
            subprocess.run(["sync"], check=True)
            load = os.getloadavg()[0]
            seconds, cpu = measured([a.binary, stage, *flags], (0, 3))
            busy = cpu / seconds / cores
            rows.append((stage, seconds, cpu, busy, load))
            print(f"{stage:10} {seconds:7.1f} s {cpu:7.1f} s of processor {busy:5.0%} busy", flush=True)
    lines = [
        "# How busy the cores are",
        "",
        "Each stage as a process of its own, its start and its tables at the end included,",
        f"on {machine()}, {datetime.date.today()}.",
        f"Archive: a phantom of {a.patients} patients, {a.size} pixels wide, at most {a.max_slices} images a series.",
        f"`make bench-cores`. Of the heavy stages {WANTED:.0%} is wanted.",
        "The load is that of the machine before the stage: where it is much above 0, others took the cores.",
        "",
        "| stage | s | processor s | busy | load before |",
        "|---|---:|---:|---:|---:|",
    ]
    for stage, seconds, cpu, busy, load in rows:
        mark = "" if stage not in HEAVY or busy >= WANTED else " (below)"
        lines.append(f"| {stage} | {seconds:.1f} | {cpu:.1f} | {busy:.0%}{mark} | {load:.1f} |")
    a.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
