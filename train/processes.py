"""The processes that train together, one a GPU: what torchrun started, or this one alone.

Parameters stay equal because gradients are averaged (DistributedDataParallel). Batch statistics are each process's own
in training; the first one's are kept. Process 0 alone validates, logs and writes checkpoints.
"""

from __future__ import annotations

import os
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

PATIENCE = timedelta(hours=2)  # the others wait while process 0 validates or reads digests


class Processes:
    """Reads torchrun's RANK, LOCAL_RANK and WORLD_SIZE; `close` ends the group."""

    def __init__(self):
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        local = int(os.environ.get("LOCAL_RANK", 0))
        cuda = torch.cuda.is_available()
        if cuda and local >= torch.cuda.device_count():
            raise RuntimeError(f"process {local} has no GPU: there are {torch.cuda.device_count()}")
        self.device = torch.device("cuda", local) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(self.device)
        self._mine = self.count > 1 and not dist.is_initialized()
        if self._mine:
            dist.init_process_group("nccl" if cuda else "gloo", timeout=PATIENCE)

    @property
    def first(self) -> bool:
        return self.rank == 0

    def parallel(self, network: nn.Module) -> nn.Module:
        """Returns a network whose backward pass averages gradients over the processes."""
        if self.count == 1:
            return network
        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=ids)

    def mean(self, values: dict[str, float]) -> dict[str, float]:
        """Returns the mean of each value over the processes."""
        if self.count == 1:
            return values
        all_values = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        dist.all_reduce(all_values)
        return dict(zip(values, (all_values / self.count).tolist(), strict=True))

    def from_first(self, value: float) -> float:
        """Returns process 0's value."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return shared.item()

    def close(self) -> None:
        if self._mine:
            dist.destroy_process_group()
