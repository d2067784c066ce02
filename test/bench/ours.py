"""This project's side of a benchmark, as a Go process that answers commands with the seconds they took."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def fixture(name: str) -> pathlib.Path | None:
    """Returns a folder of the shared test data, which may lie beside the checkout, above it, or at CTCOHORT_SHARED."""
    places = [pathlib.Path(p) for p in [os.environ.get("CTCOHORT_SHARED")] if p]
    for folder in places or [p / "shared" for p in (ROOT, *ROOT.parents)]:
        if (path := folder / "fixtures" / name).is_dir():
            return path
    print(f"{name}: not there, left out")
    return None


class Ours:
    """test/bench/volumes, built and started; its doc lists the commands."""

    def __init__(self, folder: pathlib.Path, environment: dict[str, str] | None = None) -> None:
        self.folder, binary = folder, folder / "volumes"
        subprocess.run(["go", "build", "-o", str(binary), "./test/bench/volumes"], cwd=ROOT, check=True)
        self.process = subprocess.Popen(
            [str(binary)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def seconds(self, *command: object) -> float:
        print(*command, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{command[0]}: this project's side ended with status {self.process.wait()}")
        return float(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
