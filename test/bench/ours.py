"""This project's side of a benchmark, as a Go process that answers commands with the seconds they took."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Ours:
    """test/bench/volumes, built and started; its doc lists the commands."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, binary = folder, folder / "volumes"
        subprocess.run(["go", "build", "-o", str(binary), "./test/bench/volumes"], cwd=ROOT, check=True)
        self.process = subprocess.Popen([str(binary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, *command: object) -> float:
        print(*command, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{command[0]}: this project's side ended with status {self.process.wait()}")
        return float(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
