"""Takes phantoms of more and more patients through the whole pipeline: time and memory as they grow.

    make bench-scale          (or: python test/bench/scale.py --patients 50 200 861)

Writes the measured part of docs/scale.md, and docs/scale.svg.
"""

import argparse
import dataclasses
import datetime
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time

from timing import machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGES = ("anonymise", "resample", "split", "tile", "infer", "report")
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


@dataclasses.dataclass
class Growth:
    patients: int
    files: int
    seconds: dict[str, float]
    peak_mib: dict[str, float]  # anonymous memory of the process during the stage

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def configuration(folder: pathlib.Path, model: str, test: int, train: int) -> str:
    return f"""name: scale
output: {folder}/out
deidentification: {{key: "file:{folder}/key"}}
cohorts: [{{name: china, archive: {folder}/archive}}]
volume: {{spacing_mm: [3, 3, 3]}}
split: {{train: {train}, test: {test}}}
tile: {{size_voxels: [64, 64, 48], patches: 2}}
inference: {{models: [{model}], overlap: 0}}
report: {{figures: 4}}
"""


def grow(binary: str, model: str, patients: int, size: int, slices: int) -> Growth:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        test = max(1, round(patients * 130 / 861))
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_text("a key for a benchmark of phantoms\n")
        (folder / "run.yaml").write_text(configuration(folder, model, test, patients - test))
        phantom = [
            "--patients",
            str(patients),
            "--size",
            str(size),
            "--max-slices",
            str(slices),
            "--seed",
            "9",
            "--no-bad",
        ]
        subprocess.run(
            [binary, "phantom", "--out", str(folder / "archive"), *phantom], check=True, stdout=subprocess.DEVNULL
        )
        files = sum(1 for p in (folder / "archive").rglob("*") if p.is_file())
        growth = Growth(patients, files, {}, {})
        process = subprocess.Popen(
            [binary, "run", "--config", str(folder / "run.yaml")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        peak = [0.0]
        watch = threading.Thread(target=watched, args=(process, peak))
        watch.start()
        said = []
        for line in process.stderr:
            said.append(line)
            if m := re.match(r"(\w+) +done in (\S+):", line):
                growth.seconds[m[1]], growth.peak_mib[m[1]], peak[0] = duration(m[2]), peak[0], 0.0
        watch.join()
        if process.wait() not in (0, 3) or set(growth.seconds) != set(STAGES):
            raise SystemExit(f"the run of {patients} patients ended with status {process.returncode}: {said[-1:]}")
        shutil.rmtree(folder / "out")
        return growth


def duration(text: str) -> float:
    """Seconds of a duration as Go prints it: 1h2m3.5s, 600ms."""
    units = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "µs": 1e-6}
    return sum(float(n) * units[u] for n, u in re.findall(r"([\d.]+)(ms|µs|h|m|s)", text))


def watched(process: subprocess.Popen, peak: list[float]) -> None:
    while process.poll() is None:
        try:
            for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    peak[0] = max(peak[0], int(line.split()[1]) / 1024)
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.02)


COLOURS = ("#4269d0", "#efb118", "#6cc5b0", "#a463f2", "#ff725c", "#9c6b4e", "#000000")


def draw(all_of: list[Growth], path: pathlib.Path) -> None:
    """Two panels, time and memory over patients, as SVG."""
    n = [g.patients for g in all_of]
    time_of = {s: [g.seconds[s] for g in all_of] for s in STAGES} | {"all": [g.total for g in all_of]}
    memory_of = {s: [g.peak_mib[s] for g in all_of] for s in STAGES}
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 320" font-family="sans-serif" font-size="12">',
        '<rect width="900" height="320" fill="white"/>',
        *panel(60, "seconds", n, time_of),
        *panel(460, "MiB at the most", n, memory_of),
    ]
    for i, name in enumerate(time_of):
        y = 40 + 20 * i
        parts.append(
            f'<rect x="800" y="{y - 9}" width="14" height="10" fill="{COLOURS[i]}"/><text x="820" y="{y}">{name}</text>'
        )
    path.write_text("\n".join([*parts, "</svg>"]) + "\n")


def panel(left: float, title: str, n: list[int], lines: dict[str, list[float]]) -> list[str]:
    width, height, top, bottom = 300, 240, 30, 270
    high = max(max(values) for values in lines.values()) or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        return left + width * x / max(n), bottom - height * y / high

    parts = [
        f'<path d="M{left} {top}V{bottom}H{left + width}" fill="none" stroke="#888"/>',
        f'<text x="{left}" y="20">{title}</text><text x="{left + width}" y="310" text-anchor="end">patients</text>',
    ]
    for x in n:
        parts.append(f'<text x="{at(x, 0)[0]:.1f}" y="290" text-anchor="middle">{x}</text>')
    for share in (0.5, 1.0):
        y = at(0, high * share)[1]
        parts.append(f'<path d="M{left} {y:.1f}h{width}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{high * share:.0f}</text>')
    for colour, values in zip(COLOURS, lines.values(), strict=False):
        points = [at(x, y) for x, y in zip(n, values, strict=True)]
        track = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{track}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return parts


def table(all_of: list[Growth], a: argparse.Namespace) -> str:
    lines = [
        f"Measured on {machine()}, {datetime.date.today()}: phantoms {a.size} pixels wide",
        f"with at most {a.max_slices} images a series, and the network `{pathlib.Path(a.model).name}`.",
        "Seconds, and MiB of anonymous memory of the one process at the most, by stage.",
        "",
        "![time and memory as patients grow](scale.svg)",
        "",
        "| patients | files | " + " | ".join(STAGES) + " | all | s a patient |",
        "|---:|---:|" + "---:|" * (len(STAGES) + 2),
    ]
    for g in all_of:
        cells = [f"{g.seconds[s]:.1f} s, {g.peak_mib[s]:.0f} MiB" for s in STAGES]
        lines.append(
            f"| {g.patients} | {g.files} | " + " | ".join(cells) + f" | {g.total:.1f} s | {g.total / g.patients:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / "build/ctcohort"))
    parser.add_argument("--model", default=str(ROOT / "model/onnx/testdata/tiny.onnx"))
    parser.add_argument("--patients", type=int, nargs="+", default=[50, 200, 861])
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--max-slices", type=int, default=24)
    parser.add_argument("--docs", type=pathlib.Path, default=ROOT / "docs")
    a = parser.parse_args()
    all_of = []
    for n in a.patients:
        all_of.append(grow(a.binary, a.model, n, a.size, a.max_slices))
        print(f"{n} patients: {all_of[-1].total:.1f} s, {max(all_of[-1].peak_mib.values()):.0f} MiB", flush=True)
    draw(all_of, a.docs / "scale.svg")
    page = a.docs / "scale.md"
    head, rest = page.read_text().split(BEGIN)
    page.write_text(head + BEGIN + "\n" + table(all_of, a) + "\n" + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
