"""Trains a network on the Parquet patches of ctcohort.

    python -m train.train --config configs/train-demo.yaml --data build/demo/out --out build/demo/model

reads DATA/patches/cohort=*/split=train/*.parquet and writes into OUT: checkpoint.pt (replaced as training goes on;
the same command takes it up again), train.csv and validation.csv. Exit status: 0 done, 1 failed, 2 usage or
configuration, 130 interrupted (after writing a checkpoint).
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import csv
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from train import config as configs
from train.config import Config, Optimizer
from train.dataset import Batches, DataError, Patches, Row, centre_crop
from train.loss import combined_loss
from train.networks import build

CHECKPOINT_FORMAT = 1
RECALIBRATION_BATCHES = 32
TRAIN_COLUMNS = ["step", "seconds", "learning_rate", "loss", "dice_loss", "cross_entropy", "waiting"]


class TrainingError(RuntimeError):
    """Training cannot go on, or a checkpoint does not belong to this configuration."""


def learning_rate(o: Optimizer, step: int, progress: float) -> float:
    """Returns the rate of `step` (from 0), when `progress` (0 to 1) of the budget is used up."""
    rate = o.learning_rate / (1 + o.decay * step)
    if o.schedule == "constant":
        return rate
    if progress < o.warm_up:
        return rate * (0.04 + 0.96 * progress / o.warm_up)
    fall = (progress - o.warm_up) / (1 - o.warm_up)
    return rate * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * min(fall, 1.0))))


class Average:
    """The exponential moving average of a network's weights and of its batch statistics."""

    def __init__(self, network: nn.Module, decay: float):
        self.decay = decay
        self.network = copy.deepcopy(network).requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Follows `network` after `step` (from 0). Early on the average is shorter, so that it forgets the start."""
        decay = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = self.network.state_dict(), network.state_dict()
        floats = [name for name, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[n] for n in floats], [theirs[n] for n in floats], 1 - decay)


@torch.no_grad()
def recalibrate(network: nn.Module, images: Iterator[Tensor]) -> None:
    """Replaces the batch normalisations' running statistics by the plain mean over `images`.

    Averaged weights never ran forward in training: the averaged statistics are of other weights.
    """
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm3d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # cumulative mean
    network.train()
    for image in images:
        network(image)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


@torch.no_grad()
def validate(network: nn.Module, patches: Patches, rows: Sequence[Row], config: Config) -> dict[str, float]:
    """Returns Dice over the voxels of all `rows` together, a class each: lung is {1, 2}, the others themselves.

    The centre of each patch is scored. NaN where neither the reference nor the prediction has the class.
    """
    x, y, z = config.patch_size
    device = next(network.parameters()).device
    counts = np.zeros((len(config.classes), 3))  # overlap, predicted, true
    network.eval()
    for row in rows:
        image, label = (centre_crop(a, (z, y, x)) for a in patches.read(row))
        hu = torch.from_numpy(image.astype(np.float32))[None, None].to(device, memory_format=torch.channels_last_3d)
        predicted = network(hu).argmax(dim=1)[0].cpu().numpy()
        for c, name in enumerate(config.classes):
            p, t = (a >= 1 if name == "lung" else a == c for a in (predicted, label))
            counts[c] += (p & t).sum(), p.sum(), t.sum()
    with np.errstate(invalid="ignore"):
        dice = 2 * counts[:, 0] / (counts[:, 1] + counts[:, 2])
    return dict(zip(config.classes[1:], dice[1:].tolist(), strict=True))


class Training:
    """The whole state of a training run: what a checkpoint holds, and what a step changes."""

    def __init__(self, config: Config, patches: Patches, device: torch.device):
        torch.manual_seed(config.seed)
        self.config, self.patches, self.device = config, patches, device
        self.training_rows, held_out = patches.split(config.validation.fraction, config.seed)
        every = max(1, len(held_out) // config.validation.patches)
        self.validation_rows = held_out[::every][: config.validation.patches]
        network = build(config.network, config.width, config.window_hu, len(config.classes))
        self.network = network.to(device, memory_format=torch.channels_last_3d)
        self.average = Average(self.network, config.average_decay) if config.average_decay > 0 else None
        o = config.optimizer
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=o.learning_rate, betas=(o.beta1, o.beta2), eps=o.epsilon
        )
        self.batches = Batches(patches, self.training_rows, config)
        self.step, self.seconds, self.finished = 0, 0.0, False
        self.scores: dict[str, float] = {}

    @property
    def best_network(self) -> nn.Module:
        """The network to validate and export: the average where there is one."""
        return self.average.network if self.average else self.network

    def progress(self) -> float:
        """Returns the part of the budget used up, 0 to 1."""
        used = [0.0]
        if self.config.steps is not None:
            used.append(self.step / self.config.steps)
        if self.config.minutes is not None:
            used.append(self.seconds / 60 / self.config.minutes)
        return min(1.0, max(used))

    def do_step(self, image: Tensor, label: Tensor) -> dict[str, float]:
        rate = learning_rate(self.config.optimizer, self.step, self.progress())
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        image = image.to(self.device, memory_format=torch.channels_last_3d)
        weights = self.config.loss
        loss, dice, cross_entropy = combined_loss(
            self.network(image), label.to(self.device), weights.dice, weights.cross_entropy
        )
        loss.backward()
        self.optimizer.step()
        if self.average:
            self.average.update(self.network, self.step)
        values = {"loss": loss.item(), "dice_loss": dice.item(), "cross_entropy": cross_entropy.item()}
        if not math.isfinite(values["loss"]):
            raise TrainingError(f"the loss is {values['loss']} at step {self.step}: lower the learning rate")
        self.step += 1
        return {"learning_rate": rate, **values}

    def validate(self) -> dict[str, float]:
        self.scores = validate(self.best_network, self.patches, self.validation_rows, self.config)
        return self.scores

    def finish(self) -> None:
        """Gives averaged weights statistics of their own, from the first batches of the training rows."""
        if self.average:
            images = (self.batches.batch(i)[0] for i in range(RECALIBRATION_BATCHES))
            to = {"device": self.device, "memory_format": torch.channels_last_3d}
            recalibrate(self.average.network, (image.to(**to) for image in images))
        self.finished = True

    def state(self) -> dict:
        shards = self.patches.digests() if self.finished else dict.fromkeys(self.patches.shards, "")
        return {
            "format": CHECKPOINT_FORMAT,
            "config": configs.to_dict(self.config),
            "step": self.step,
            "seconds": self.seconds,
            "finished": self.finished,
            "scores": self.scores,
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict() if self.average else None,
            "optimizer": self.optimizer.state_dict(),
            "data": {
                "shards": shards,
                "patients": len(self.patches.rows),
                "training_patches": len(self.training_rows),
                "validation_patches": len(self.validation_rows),
            },
        }

    def restore(self, state: dict) -> None:
        """Takes up `state`. The configuration must be the same but for the budget and what does not change results."""
        free = ("steps", "minutes", "threads", "workers", "cache_mib", "checkpoint_minutes")
        old, new = (
            dict(d) for d in (configs.to_dict(configs.from_dict(state["config"])), configs.to_dict(self.config))
        )
        changed = [key for key in new if key not in free and old[key] != new[key]]
        if changed:
            raise TrainingError(
                f"the checkpoint was made with another {', '.join(changed)}: give another --out, or --restart"
            )
        if list(state["data"]["shards"]) != self.patches.shards:
            raise TrainingError("the checkpoint was made from other shards: give another --out, or --restart")
        self.network.load_state_dict(state["network"])
        if self.average:
            self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds, self.scores = state["step"], state["seconds"], state["scores"]
        self.finished = state["finished"]


def save(state: dict, path: Path) -> None:
    """Replaces `path` in one go: a kill leaves the old checkpoint or the new one, whole."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> dict:
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state.get("format") != CHECKPOINT_FORMAT:
        raise TrainingError(f"{path.name}: checkpoint format {state.get('format')}, want {CHECKPOINT_FORMAT}")
    return state


class Log:
    """A CSV file of rows with a `step` each, which forgets what lies after the step it is taken up at."""

    def __init__(self, path: Path, columns: Sequence[str], step: int):
        kept = []
        if step and path.exists():
            with path.open(newline="") as file:
                kept = [row for row in csv.DictReader(file) if int(row["step"]) <= step]
        self._file = path.open("w", newline="")
        self._writer = csv.DictWriter(self._file, columns)
        self._writer.writeheader()
        self._writer.writerows(kept)

    def write(self, **row: float) -> None:
        self._writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class Progress:
    """One line on stderr: rewritten every second on a terminal, a new one every half minute elsewhere."""

    def __init__(self, training: Training):
        self._training, self._terminal = training, sys.stderr.isatty()
        self._begin, self._first, self._start = time.monotonic(), training.step, training.progress()
        self._last, self._loss = 0.0, math.nan

    def show(self, loss: float, now: bool = False) -> None:
        t = self._training
        self._loss = loss if math.isnan(self._loss) else 0.95 * self._loss + 0.05 * loss
        clock = time.monotonic()
        if not now and clock - self._last < (1 if self._terminal else 30):
            return
        self._last = clock
        rate = (t.step - self._first) / max(clock - self._begin, 1e-9)
        waiting = t.batches.waited_seconds / max(clock - self._begin, 1e-9)
        left = (clock - self._begin) * (1 - t.progress()) / max(t.progress() - self._start, 1e-9) / 60
        scores = " ".join(f"{name} {value:.3f}" for name, value in t.scores.items())
        line = (
            f"step {t.step}{f'/{t.config.steps}' if t.config.steps else ''}  {60 * rate:.0f} steps/min  "
            f"loss {self._loss:.4f}  waiting for data {100 * waiting:.1f} %  "
            f"{left:.0f} min left{f'  validation Dice {scores}' if scores else ''}"
        )
        print(f"\r{line}\x1b[K" if self._terminal else line, end="" if self._terminal else "\n", file=sys.stderr)

    def close(self) -> None:
        if self._terminal:
            print(file=sys.stderr)


def train(config: Config, data: str | Path, out: Path, restart: bool = False, stop: Callable[[], bool] = lambda: False):
    """Trains until the budget is used up or `stop` says so; returns the Training. Takes up OUT/checkpoint.pt."""
    torch.set_num_threads(config.threads or os.cpu_count() or 1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    training = Training(config, Patches(data, config), device)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists() and not restart:
        training.restore(load(checkpoint))
    if training.finished and training.progress() >= 1:
        return training
    training.finished = False
    log = Log(out / "train.csv", TRAIN_COLUMNS, training.step)
    scores = Log(out / "validation.csv", ["step", "seconds", *config.classes[1:]], training.step)
    progress = Progress(training)
    with (
        contextlib.closing(log),
        contextlib.closing(scores),
        contextlib.closing(progress),
        contextlib.closing(training.batches.from_step(training.step)) as batches,
    ):
        before = training.seconds
        begin = saved = time.monotonic()
        waited = 0.0
        for image, label in batches:
            values = training.do_step(image, label)
            now = time.monotonic()
            training.seconds = before + now - begin
            waiting, waited = training.batches.waited_seconds - waited, training.batches.waited_seconds
            log.write(step=training.step, seconds=training.seconds, waiting=waiting, **values)
            done, stopped = training.progress() >= 1, stop()
            if done:
                training.finish()
            if training.validation_rows and (done or training.step % config.validation.every_steps == 0):
                scores.write(step=training.step, seconds=training.seconds, **training.validate())
            progress.show(values["loss"], now=done or stopped)
            if done or stopped or now - saved > 60 * config.checkpoint_minutes:
                save(training.state(), checkpoint)
                saved = now
            if done or stopped:
                return training
    raise AssertionError("unreachable: batches come for ever")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.train",
        description="Trains a network on the patches that `ctcohort tile` wrote.",
        epilog="Exit status: 0 done, 1 failed, 2 usage or configuration, 130 interrupted, with a checkpoint.",
    )
    parser.add_argument("--config", required=True, help="YAML training configuration")
    parser.add_argument("--data", required=True, help="output root of ctcohort, a folder or a gs:// URI")
    parser.add_argument("--out", required=True, type=Path, help="folder of checkpoint.pt, train.csv, validation.csv")
    parser.add_argument("--restart", action="store_true", help="begin anew even where OUT has a checkpoint")
    options = parser.parse_args(arguments)
    try:
        config = configs.load(options.config)
    except (configs.ConfigError, OSError) as e:
        print(f"reading the configuration:\n{e}", file=sys.stderr)
        return 2
    interrupted = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.append(True))
    try:
        training = train(config, options.data, options.out, options.restart, stop=lambda: bool(interrupted))
    except (DataError, TrainingError) as e:
        print(f"training {config.name}: {e}", file=sys.stderr)
        return 1
    scores = ", ".join(f"{name} {value:.4f}" for name, value in training.scores.items())
    print(
        f"{config.name}: {training.step} steps in {training.seconds / 60:.1f} minutes"
        f"{f'; Dice on held-out training patients: {scores}' if scores else ''}; {options.out / 'checkpoint.pt'}"
    )
    return 0 if training.finished else 130


if __name__ == "__main__":
    sys.exit(main())
