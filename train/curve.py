"""Draws a run's loss and validation Dice over its steps as one SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from train import log

WIDTH, HEIGHT = 360, 240  # of a panel's axes
LEFT, TOP, GAP, BOTTOM = 56, 30, 84, 46
COLOURS = ("#1f5fa8", "#c0392b", "#2a8a4a")
POINTS = 200  # of a line at most: means of equal parts of the steps

Line = tuple[str, list[float], list[float]]


def write(run: Path) -> None:
    """Writes RUN/curve.svg from RUN/train.csv and RUN/validation.csv."""
    steps, scores = log.read(run / "train.csv"), log.read(run / "validation.csv")
    losses = [
        (label, *_thinned([float(r["step"]) for r in steps], [float(r[column]) for r in steps]))
        for label, column in (("loss", "loss"), ("Dice loss", "dice_loss"), ("cross-entropy", "cross_entropy"))
    ]
    dice = [
        (name, [float(r["step"]) for r in scores], [float(r[name]) for r in scores])
        for name in (scores[0] if scores else {})
        if name not in ("step", "seconds")
    ]
    last = max((x for _, xs, _ in (*losses, *dice) for x in xs), default=1.0)
    top = max((y for _, _, ys in losses for y in ys if math.isfinite(y)), default=1.0)
    (run / "curve.svg").write_text(
        drawing([("training loss", losses, last, top), ("Dice, held-out training patients", dice, last, 1.0)]),
        encoding="utf-8",
    )


def drawing(panels: Sequence[tuple[str, list[Line], float, float]]) -> str:
    """Returns an SVG of panels side by side, each with its title, lines, largest x and largest y; both begin at 0."""
    width = LEFT + len(panels) * (WIDTH + GAP)
    height = TOP + HEIGHT + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({LEFT + number * (WIDTH + GAP)} {TOP})">{_panel(*panel)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(title: str, lines: list[Line], last: float, top: float) -> str:
    def place(x: float, y: float) -> str:
        return f"{WIDTH * x / last:.1f},{HEIGHT * (1 - y / top):.1f}"

    parts = [f'<text y="-12" font-weight="bold">{title}</text>']
    for tenth in range(0, 11, 2):
        y, x = HEIGHT * (1 - tenth / 10), WIDTH * tenth / 10
        parts.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{top * tenth / 10:.2g}</text>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT + 18}" text-anchor="middle">{last * tenth / 10:.0f}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 36}" text-anchor="middle">step</text>')
    for number, (label, xs, ys) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(place(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        parts.append(f'<text x="{WIDTH + 4}" y="{14 + 16 * number}" fill="{colour}">{label}</text>')
    return "\n".join(parts)


def _thinned(xs: list[float], ys: list[float]) -> tuple[list[float], list[float]]:
    size = max(1, math.ceil(len(xs) / POINTS))
    starts = range(0, len(xs), size)
    means = [sum(ys[i : i + size]) / len(ys[i : i + size]) for i in starts]
    return [xs[min(i + size, len(xs)) - 1] for i in starts], means
