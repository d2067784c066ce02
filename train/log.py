"""What a run writes while it goes on: CSV files, and a line for whoever watches."""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path


class Log:
    """A CSV file of rows with a `step` each, which forgets what lies after the step it is taken up at."""

    def __init__(self, path: Path, columns: Sequence[str], step: int):
        kept = [row for row in read(path) if int(row["step"]) <= step] if step else []
        self._file = path.open("w", newline="")
        self._writer = csv.DictWriter(self._file, columns)
        self._writer.writeheader()
        self._writer.writerows(kept)

    def write(self, **row: float) -> None:
        self._writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[dict[str, str]]:
    """Returns the whole rows of a CSV log; none where there is no file. A kill may leave the last one cut."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if None not in row.values() and None not in row]


def waiting_share(rows: Sequence[dict[str, str]]) -> float:
    """Returns the part of a run's time in which it waited for data, from its log; the first step is left out.

    That one waits for the first batch, which nothing could prepare ahead.
    """
    if len(rows) < 2:
        return 0.0
    seconds = float(rows[-1]["seconds"]) - float(rows[0]["seconds"])
    return sum(float(row["waiting"]) for row in rows[1:]) / max(seconds, 1e-9)


class Progress:
    """One line on stderr: rewritten every second on a terminal, a new one every half minute elsewhere."""

    def __init__(self, step: int, part_done: float, steps: int | None):
        self._terminal = sys.stderr.isatty()
        self._begin, self._first, self._start, self._steps = time.monotonic(), step, part_done, steps
        self._last, self._loss = 0.0, math.nan

    def show(
        self, step: int, part_done: float, loss: float, waited: float, scores: dict[str, float], now: bool = False
    ) -> None:
        """Shows where training stands; `waited` are seconds waited for data since the start, `part_done` is 0 to 1."""
        self._loss = loss if math.isnan(self._loss) else 0.95 * self._loss + 0.05 * loss
        clock = time.monotonic()
        if not now and clock - self._last < (1 if self._terminal else 30):
            return
        self._last = clock
        past = max(clock - self._begin, 1e-9)
        left = past * (1 - part_done) / max(part_done - self._start, 1e-9) / 60
        dice = " ".join(f"{name} {value:.3f}" for name, value in scores.items())
        line = (
            f"step {step}{f'/{self._steps}' if self._steps else ''}  {60 * (step - self._first) / past:.0f} steps/min  "
            f"loss {self._loss:.4f}  waiting for data {100 * waited / past:.1f} %  "
            f"{left:.0f} min left{f'  validation Dice {dice}' if dice else ''}"
        )
        print(f"\r{line}\x1b[K" if self._terminal else line, end="" if self._terminal else "\n", file=sys.stderr)

    def close(self) -> None:
        if self._terminal:
            print(file=sys.stderr)
