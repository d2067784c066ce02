"""Trains a network on the patches of ctcohort.

    python -m train.train --config configs/train-demo.yaml --data build/demo/out --out build/demo/model
    torchrun --nproc-per-node 6 -m train.train --config configs/train-paper.yaml --data OUT --out RUN

reads DATA/patches/cohort=*/split=train/* and writes into OUT: checkpoint.pt (replaced as training goes on; the same
command takes it up again), train.csv, validation.csv and curve.svg. Exit status: 0 done, 1 failed, 2 usage or
configuration, 130 interrupted (after writing a checkpoint).
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from train import checkpoint, curve
from train import config as configs
from train.average import Average, recalibrate
from train.config import Config, Optimizer
from train.dataset import Batches, DataError, Patches
from train.log import Log, Progress, read, waiting_share
from train.loss import combined_loss
from train.processes import Processes
from train.validation import Best, held_out, validate

RECALIBRATION_BATCHES = 32
TRAIN_COLUMNS = ["step", "seconds", "learning_rate", "loss", "dice_loss", "cross_entropy", "waiting"]
AUTOCAST = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}
FREE_KEYS = ("steps", "minutes", "threads", "workers", "cache_mib", "checkpoint_minutes")
"""What may change between a checkpoint and the run that takes it up: the budget and what does not change results."""


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


class Training:
    """The whole state of a training run: what a checkpoint holds, and what a step changes."""

    def __init__(self, config: Config, patches: Patches, processes: Processes):
        torch.manual_seed(config.seed)
        self.config, self.patches, self.processes, self.device = config, patches, processes, processes.device
        self.training_rows, self.validation_rows = held_out(patches, config)
        self.network = checkpoint.new_network(config).to(self.device, memory_format=torch.channels_last_3d)
        self.parallel = processes.parallel(self.network)
        self.average = Average(self.network, config.average_decay) if config.average_decay > 0 else None
        o = config.optimizer
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=o.learning_rate, betas=(o.beta1, o.beta2), eps=o.epsilon
        )
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=config.precision == "fp16")
        self.batches = Batches(patches, self.training_rows, config, processes.rank, processes.count)
        self.best = Best(config.validation.patience)
        self.step, self.seconds, self.finished = 0, 0.0, False
        self.scores: dict[str, float] = {}

    @property
    def best_network(self) -> nn.Module:
        """The network to validate: the average where there is one."""
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
        """Takes one step; returns the rate, and the loss and its parts as means over the processes."""
        rate = learning_rate(self.config.optimizer, self.step, self.progress())
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        image = image.to(self.device, memory_format=torch.channels_last_3d)
        dtype, weights = AUTOCAST[self.config.precision], self.config.loss
        with torch.autocast(self.device.type, dtype, enabled=dtype is not None):
            logits = self.parallel(image)
        loss, dice, cross_entropy = combined_loss(
            logits.float(), label.to(self.device), weights.dice, weights.cross_entropy
        )
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.average:
            self.average.update(self.network, self.step)
        values = self.processes.mean(
            {"loss": loss.item(), "dice_loss": dice.item(), "cross_entropy": cross_entropy.item()}
        )
        if not math.isfinite(values["loss"]):
            raise TrainingError(f"the loss is {values['loss']} at step {self.step}: lower the learning rate")
        self.step += 1
        return {"learning_rate": rate, **values}

    def validate(self) -> dict[str, float]:
        self.scores = validate(self.best_network, self.patches, self.validation_rows, self.config)
        if self.config.validation.patience:
            self.best.see(self.scores, self.best_network, self.step)
        return self.scores

    def finish(self) -> None:
        """Gives averaged weights statistics of their own, from the first batches of the training rows."""
        if self.average:
            images = (self.batches.batch(i)[0] for i in range(RECALIBRATION_BATCHES))
            to = {"device": self.device, "memory_format": torch.channels_last_3d}
            recalibrate(self.average.network, (image.to(**to) for image in images))

    def state(self) -> dict:
        shards = self.patches.digests() if self.finished else dict.fromkeys(self.patches.shards, "")
        return {
            "config": configs.to_dict(self.config),
            "processes": self.processes.count,
            "step": self.step,
            "seconds": self.seconds,
            "finished": self.finished,
            "scores": self.best.scores or self.scores,
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict() if self.average else None,
            "best": vars(self.best),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "data": {
                "shards": shards,
                "split": self.patches.split_digest(self.config.validation.fraction, self.config.seed),
                "patients": len(self.patches.rows),
                "training_patches": len(self.training_rows),
                "validation_patches": len(self.validation_rows),
            },
        }

    def restore(self, state: dict) -> None:
        """Takes up `state`, of the same configuration but for FREE_KEYS, the same shards and as many processes."""
        old, new = (
            dict(d) for d in (configs.to_dict(configs.from_dict(state["config"])), configs.to_dict(self.config))
        )
        changed = [key for key in new if key not in FREE_KEYS and old[key] != new[key]]
        if changed:
            raise TrainingError(
                f"the checkpoint was made with another {', '.join(changed)}: give another --out, or --restart"
            )
        if list(state["data"]["shards"]) != self.patches.shards:
            raise TrainingError("the checkpoint was made from other shards: give another --out, or --restart")
        if state["processes"] != self.processes.count:
            raise TrainingError(
                f"the checkpoint was made by {state['processes']} process(es), these are {self.processes.count}: "
                "start as many, or give another --out or --restart"
            )
        self.network.load_state_dict(state["network"])
        if self.average:
            self.average.network.load_state_dict(state["average"])
        vars(self.best).update(state["best"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.step, self.seconds, self.scores = state["step"], state["seconds"], state["scores"]
        self.finished = state["finished"]


def train(
    config: Config,
    data: str | Path,
    out: Path,
    restart: bool = False,
    stop: Callable[[], bool] = lambda: False,
    processes: Processes | None = None,
) -> Training:
    """Trains until the budget is used up, validation ends it or `stop` says so. Takes up OUT/checkpoint.pt."""
    processes = processes or Processes()
    torch.set_num_threads(config.threads or max(1, (os.cpu_count() or 1) // processes.count))
    training = Training(config, Patches(data, config), processes)
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "checkpoint.pt"
    if kept.exists() and not restart:
        training.restore(checkpoint.load(kept))
    if training.finished and (training.progress() >= 1 or training.best.ended):
        return training
    training.finished = False
    with contextlib.ExitStack() as stack:
        log = scores = progress = None
        if processes.first:
            log = Log(out / "train.csv", TRAIN_COLUMNS, training.step)
            scores = Log(out / "validation.csv", ["step", "seconds", *config.classes[1:]], training.step)
            progress = Progress(training.step, training.progress(), config.steps)
            for part in (log, scores, progress):
                stack.callback(part.close)
        batches = stack.enter_context(contextlib.closing(training.batches.from_step(training.step)))
        before = training.seconds
        begin = saved = time.monotonic()
        waited = 0.0
        for image, label in batches:
            values = training.do_step(image, label)
            now = time.monotonic()
            training.seconds = processes.from_first(before + now - begin)
            stopped = processes.mean({"stop": float(stop())})["stop"] > 0
            waiting, waited = training.batches.waited_seconds - waited, training.batches.waited_seconds
            done = training.progress() >= 1
            if processes.first:
                log.write(step=training.step, seconds=training.seconds, waiting=waiting, **values)
                if done:
                    training.finish()
                if training.validation_rows and (done or training.step % config.validation.every_steps == 0):
                    scores.write(step=training.step, seconds=training.seconds, **training.validate())
            training.finished = bool(processes.from_first(done or training.best.ended))
            if processes.first:
                over = training.finished or stopped
                progress.show(training.step, training.progress(), values["loss"], waited, training.scores, now=over)
                if over or now - saved > 60 * config.checkpoint_minutes:
                    checkpoint.save(training.state(), kept)
                    saved = now
            if training.finished or stopped:
                break
    if processes.first:
        curve.write(out)
    return training


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.train",
        description="Trains a network on the patches that `ctcohort tile` wrote. Under torchrun, one process a GPU.",
        epilog="Exit status: 0 done, 1 failed, 2 usage or configuration, 130 interrupted, with a checkpoint.",
    )
    parser.add_argument("--config", required=True, help="YAML training configuration")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="take this in place of what the configuration says, as in steps=100 or loss.dice=0.7; may be repeated",
    )
    parser.add_argument("--data", required=True, help="output root of ctcohort, a folder or a gs:// URI")
    parser.add_argument(
        "--out", required=True, type=Path, help="folder of checkpoint.pt, train.csv, validation.csv, curve.svg"
    )
    parser.add_argument("--restart", action="store_true", help="begin anew even where OUT has a checkpoint")
    options = parser.parse_args(arguments)
    try:
        config = configs.load(options.config, options.settings)
    except (configs.ConfigError, OSError) as e:
        print(f"reading the configuration:\n{e}", file=sys.stderr)
        return 2
    interrupted = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.append(True))
    processes = Processes()
    try:
        training = train(config, options.data, options.out, options.restart, lambda: bool(interrupted), processes)
    except (DataError, TrainingError, checkpoint.CheckpointError) as e:
        print(f"training {config.name}: {e}", file=sys.stderr)
        return 1
    finally:
        processes.close()
    if processes.first:
        waiting = waiting_share(read(options.out / "train.csv"))
        scores = ", ".join(f"{name} {value:.4f}" for name, value in training.scores.items())
        print(
            f"{config.name}: {training.step} steps in {training.seconds / 60:.1f} minutes, "
            f"{100 * waiting:.1f} % of them waiting for data"
            f"{f'; Dice on held-out training patients: {scores}' if scores else ''}; {options.out / 'checkpoint.pt'}"
        )
    return 0 if training.finished else 130


if __name__ == "__main__":
    sys.exit(main())
