"""A training run on disk: replaced whole, and read without running what it may hold."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from torch import nn

from train import config as configs
from train.networks import Segmenter, build

FORMAT = 2


class CheckpointError(RuntimeError):
    """A file is no checkpoint of this version, or does not belong to this run."""


def save(state: dict, path: Path) -> None:
    """Replaces `path` in one go: a kill leaves the old checkpoint or the new one, whole."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        torch.save({"format": FORMAT, **state}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> dict:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as e:
        raise CheckpointError(f"{path.name}: no checkpoint that can be read: {str(e).splitlines()[0]}") from e
    if state.get("format") != FORMAT:
        raise CheckpointError(f"{path.name}: checkpoint format {state.get('format')}, want {FORMAT}: train anew")
    return state


def new_network(config: configs.Config) -> Segmenter:
    return build(config.network, config.width, config.window_hu, len(config.classes))


def network_of(state: dict) -> nn.Module:
    """Returns a checkpoint's network for inference.

    Its weights are the best by validation where training looks for them, else the average where there is one.
    """
    network = new_network(configs.from_dict(state["config"]))
    network.load_state_dict(state["best"]["weights"] or state["average"] or state["network"])
    return network.eval()
