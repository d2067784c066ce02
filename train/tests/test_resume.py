"""Killed without warning and started again, training ends in the weights of a run that was never killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from train import checkpoint
from train.log import Log, read
from train.tests.shards import write_shards

CONFIGURATION = """
name: tiny
network: unet4_fv
width: 2
spacing_mm: [3, 3, 3]
patch_size: [16, 16, 8]
steps: 12
threads: 1
workers: 2
checkpoint_minutes: 1e-9
average_decay: 0.9
precision: bf16
optimizer: {learning_rate: 3e-3}
augmentation: {flip_axes: [x], noise_hu: 20}
validation: {fraction: 0.25, every_steps: 4, patches: 1}
"""


def start(folder: Path, run: str) -> subprocess.Popen:
    command = ["-m", "train.train", "--config", "c.yaml", "--data", "data", "--out", run]
    root = str(Path(__file__).parents[2])
    return subprocess.Popen([sys.executable, *command], cwd=folder, env=os.environ | {"PYTHONPATH": root})


def test_kill_and_resume_give_the_same_weights(tmp_path):
    write_shards(tmp_path / "data")
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    whole, killed = start(tmp_path, "whole"), start(tmp_path, "killed")
    while len(read(tmp_path / "killed" / "train.csv")) < 3:
        assert killed.poll() is None
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    at = checkpoint.load(tmp_path / "killed" / "checkpoint.pt")["step"]
    assert 0 < at < 12, "the kill came in the middle"
    assert start(tmp_path, "killed").wait() == 0
    assert whole.wait() == 0
    want, got = (checkpoint.load(tmp_path / run / "checkpoint.pt") for run in ("whole", "killed"))
    assert got["step"] == 12
    for part in ("network", "average"):
        for name, value in want[part].items():
            assert torch.equal(got[part][name], value), name
    for run in ("whole", "killed"):
        assert [row["step"] for row in read(tmp_path / run / "train.csv")] == [str(n) for n in range(1, 13)]
    assert [r["loss"] for r in read(tmp_path / "killed" / "train.csv")] == [
        r["loss"] for r in read(tmp_path / "whole" / "train.csv")
    ]


def test_a_checkpoint_is_the_old_one_or_the_new(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.pt"
    checkpoint.save({"step": 1}, path)
    monkeypatch.setattr(torch, "save", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save({"step": 2}, path)
    assert checkpoint.load(path)["step"] == 1


def test_a_cut_checkpoint_is_named(tmp_path):
    path = tmp_path / "checkpoint.pt"
    checkpoint.save({"step": 1}, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(checkpoint.CheckpointError, match=r"checkpoint\.pt: no checkpoint that can be read"):
        checkpoint.load(path)


def test_a_cut_row_of_the_log_is_left_out(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("step,loss\n1,0.5\n2")
    assert read(path) == [{"step": "1", "loss": "0.5"}]
    log = Log(path, ["step", "loss"], step=1)
    log.write(step=2, loss=0.25)
    log.close()
    assert [row["loss"] for row in read(path)] == ["0.5", "0.25"]
