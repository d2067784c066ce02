"""Training patches straight from the shards that `ctcohort tile` writes.

`Patches` indexes the shards of a training split by their footers and small columns, so that it opens
within seconds whatever the cohort's size, and hands out voxels as views of Arrow's own buffers.
`Batches` turns a step number into a batch. Order, crops and augmentation are a function of (seed, step)
alone: training goes on after an interruption as if there had been none, whatever the number of threads.
Several processes each take a part of every epoch; `Stream` does so for the workers of torch's DataLoader.

Arrays are [Z, Y, X]; sizes in the configuration are x, y, z.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from pyarrow import fs
from scipy import ndimage
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from train.config import Augmentation, Config
from train.shards import SUFFIXES, Shard, open_root, open_shard

AIR_HU = -1000.0
PADDING_HU = -1024


class DataError(ValueError):
    """The shards are missing, or are not what the configuration says."""


@dataclass(frozen=True)
class Row:
    """Where a patch is: shard, row group, row within the group."""

    shard: int
    group: int
    row: int


class Patches:
    """The labelled patches of the training splits under `root`, the output root of ctcohort.

    `root` is a folder or a URI that pyarrow reads (gs://…). Safe for use by several threads.
    """

    def __init__(self, root: str | Path, config: Config):
        self._filesystem, self._root = open_root(root)
        self.shards = self._find(config.cohorts)
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = OrderedDict()
        self._cache_bytes, self._cache_limit = 0, config.cache_mib << 20
        self._opened = [open_shard(self._filesystem, f"{self._root}/{name}") for name in self.shards]
        self.rows: dict[str, list[Row]] = {}
        for number, shard in enumerate(self._opened):
            self._index(number, shard, config)
        if not self.rows:
            raise DataError("no patch in the training split has a label: training needs reference labels")

    def _find(self, cohorts: Sequence[str]) -> list[str]:
        selector = fs.FileSelector(f"{self._root}/patches", recursive=True, allow_not_found=True)
        found = []
        for info in self._filesystem.get_file_info(selector):
            parts = info.path[len(self._root) + 1 :].split("/")
            if len(parts) != 4 or parts[2] != "split=train" or not parts[3].endswith(SUFFIXES):
                continue
            if not cohorts or parts[1].removeprefix("cohort=") in cohorts:
                found.append("/".join(parts))
        if not found:
            raise DataError(
                "no shard patches/cohort=*/split=train/*"
                + (f" of cohorts {', '.join(cohorts)}" if cohorts else "")
                + " under the data folder: run `ctcohort tile` first, and give its output root"
            )
        return sorted(found)

    def _index(self, number: int, shard: Shard, config: Config) -> None:
        name = self.shards[number]
        metadata = {k.decode(): v.decode() for k, v in (shard.schema.metadata or {}).items()}
        for key, want in (
            ("image.dtype", "int16"),
            ("label.dtype", "uint8"),
            ("axis_order", "z,y,x (C order)"),
            ("byte_order", "little"),
        ):
            if metadata.get(key) != want:
                raise DataError(f"{name}: schema metadata {key} is {metadata.get(key)!r}, want {want!r}")
        size = tuple(reversed(shard.shape_zyx))
        if any(s < crop for s, crop in zip(size, config.patch_size, strict=True)):
            raise DataError(
                f"{name}: patches of {size} voxels (x, y, z) are smaller than the training crop {config.patch_size}: "
                "lower patch_size in the training configuration, or tile larger patches"
            )
        spacing = ["spacing_x_mm", "spacing_y_mm", "spacing_z_mm"]
        table = shard.table(["patient_id", "has_label", *spacing])
        for column, want in zip(spacing, config.spacing_mm, strict=True):
            got = table[column].to_numpy()
            if np.abs(got - want).max(initial=0) > 1e-3:
                raise DataError(
                    f"{name}: {column} is {got[0]:g}, the training configuration says {want:g}: "
                    "resample and train at one spacing"
                )
        places = (Row(number, group, row) for group, n in enumerate(shard.group_sizes) for row in range(n))
        for place, patient, labelled in zip(
            places, table["patient_id"].to_pylist(), table["has_label"].to_pylist(), strict=True
        ):
            if labelled:
                self.rows.setdefault(patient, []).append(place)

    def read(self, row: Row) -> tuple[np.ndarray, np.ndarray]:
        """Returns image (int16 HU) and label (uint8) as read-only views of the decoded row group."""
        key = (row.shard, row.group)
        with self._lock:
            cached = self._cache.get(key)
            if cached is not None:
                self._cache.move_to_end(key)
        if cached is None:
            cached = self._decode(key)
        return cached[0][row.row], cached[1][row.row]

    def _decode(self, key: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        shard, group = key
        image, label = self._opened[shard].voxels(group)
        with self._lock:
            if key not in self._cache:
                self._cache[key] = image, label
                self._cache_bytes += image.nbytes + label.nbytes
            while self._cache_bytes > self._cache_limit and len(self._cache) > 1:
                _, old = self._cache.popitem(last=False)
                self._cache_bytes -= old[0].nbytes + old[1].nbytes
        return image, label

    def split(self, fraction: float, seed: int) -> tuple[list[Row], list[Row]]:
        """Returns the rows to train on and those held out: whole patients, chosen by a hash of seed and pseudonym.

        At least one patient is held out where `fraction` is above 0, and at least one is trained on.
        """
        patients = sorted(self.rows, key=lambda p: hashlib.sha256(f"{seed}|{p}".encode()).digest())
        held = 0 if fraction == 0 else max(1, round(fraction * len(patients)))
        if held >= len(patients):
            raise DataError(
                f"{len(patients)} labelled training patient(s), {held} to be held out for validation: "
                "give more patients, or set validation.fraction to 0"
            )
        pick = [[row for patient in some for row in self.rows[patient]] for some in (patients[held:], patients[:held])]
        return tuple(sorted(rows, key=lambda r: (r.shard, r.group, r.row)) for rows in pick)

    def split_digest(self, fraction: float, seed: int) -> str:
        """Returns the SHA-256 of the training patients' pseudonyms, sorted, a line each, those held out marked."""
        owner = {row: patient for patient, rows in self.rows.items() for row in rows}
        held = {owner[row] for row in self.split(fraction, seed)[1]}
        lines = (f"{patient}{' held out' if patient in held else ''}\n" for patient in sorted(self.rows))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def digests(self) -> dict[str, str]:
        """Returns the SHA-256 of every shard, from the manifest of `ctcohort tile` or by reading them whole."""
        found = {shard: self._manifest[shard] for shard in self.shards if shard in self._manifest}
        for shard in self.shards:
            if shard in found:
                continue
            digest = hashlib.sha256()
            with self._filesystem.open_input_stream(f"{self._root}/{shard}") as stream:
                while block := stream.read(1 << 22):
                    digest.update(block)
            found[shard] = digest.hexdigest()
        return {shard: found[shard] for shard in self.shards}

    @cached_property
    def _manifest(self) -> dict[str, str]:
        """SHA-256 by shard of patches/_SUCCESS, of the shards that still have the size that it tells."""
        path = f"{self._root}/patches/_SUCCESS"
        if self._filesystem.get_file_info(path).type != fs.FileType.File:
            return {}
        with self._filesystem.open_input_stream(path) as stream:
            listed = {f["name"]: f for f in json.loads(stream.read())["files"]}
        sizes = self._filesystem.get_file_info([f"{self._root}/{shard}" for shard in self.shards])
        return {
            shard: listed[shard]["sha256"]
            for shard, info in zip(self.shards, sizes, strict=True)
            if shard in listed and listed[shard]["bytes"] == info.size
        }


class Batches:
    """Batches by step: an image tensor [N, 1, Z, Y, X] of float32 HU and a label tensor [N, Z, Y, X] of int64.

    Of `parts` processes that train together, each gives its number `part` and gets as many rows of each epoch as the
    others, none of which another gets; up to `parts` - 1 rows of an epoch are left out.
    """

    def __init__(self, patches: Patches, rows: Sequence[Row], config: Config, part: int = 0, parts: int = 1):
        if not 0 <= part < parts <= len(rows):
            raise DataError(f"part {part} of {parts} of {len(rows)} patches: give more patches, or use fewer processes")
        self._patches, self._rows, self._config = patches, rows, config
        self._part, self._parts, self.rows_an_epoch = part, parts, len(rows) // parts
        groups: OrderedDict[tuple[int, int], list[int]] = OrderedDict()
        for position, row in enumerate(rows):
            groups.setdefault((row.shard, row.group), []).append(position)
        self._groups = list(groups.values())
        self._orders: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()
        self.waited_seconds = 0.0

    def order(self, epoch: int) -> np.ndarray:
        """Returns the part's order of rows in an epoch.

        The row groups of all shards are shuffled and dealt out, then the rows among each `shuffle_groups` of them are
        shuffled, so that a row group is decoded about once an epoch however large the cohort is.
        """
        with self._lock:
            if epoch not in self._orders:
                random = np.random.default_rng((self._config.seed, 0, epoch))
                groups = self._mine([self._groups[i] for i in random.permutation(len(self._groups))])
                blocks = []
                for start in range(0, len(groups), self._config.shuffle_groups):
                    block = np.concatenate(groups[start : start + self._config.shuffle_groups])
                    blocks.append(random.permutation(block))
                self._orders = {e: o for e, o in self._orders.items() if e >= epoch - 1}
                self._orders[epoch] = np.concatenate(blocks)
            return self._orders[epoch]

    def _mine(self, groups: list[list[int]]) -> list[list[int]]:
        """Returns the part's run of the rows of `groups`, with the groups at its ends cut where it begins and ends."""
        first = self._part * self.rows_an_epoch
        mine, at = [], 0
        for group in groups:
            piece = group[max(0, first - at) : max(0, first + self.rows_an_epoch - at)]
            at += len(group)
            if piece:
                mine.append(piece)
        return mine

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        x, y, z = self._config.patch_size
        n = self._config.batch_size
        images, labels = np.empty((n, 1, z, y, x), np.float32), np.empty((n, z, y, x), np.int64)
        for i in range(n):
            sample = step * n + i
            epoch, position = divmod(sample, self.rows_an_epoch)
            image, label = self._patches.read(self._rows[self.order(epoch)[position]])
            random = np.random.default_rng((self._config.seed, 1, sample * self._parts + self._part))
            image, label = random_crop(image, label, (z, y, x), random)
            images[i, 0], label = augment(image, label, self._config.augmentation, random)
            labels[i] = targets(label, self._config.task)
        return torch.from_numpy(images), torch.from_numpy(labels)

    def from_step(self, step: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yields batches for ever, prepared ahead by `workers` threads. Adds the time waited to `waited_seconds`."""
        workers = self._config.workers
        pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
        ahead: deque[Future] = deque(pool.submit(self.batch, step + i) for i in range(2 * workers))
        try:
            while True:
                begin = time.monotonic()
                batch = ahead.popleft().result()
                self.waited_seconds += time.monotonic() - begin
                step += 1
                ahead.append(pool.submit(self.batch, step + 2 * workers - 1))
                yield batch
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class Stream(IterableDataset):
    """Batches for torch's DataLoader, without end: `DataLoader(Stream(...), batch_size=None, num_workers=4)`.

    Each worker process of each of `world` ranks has a part of every epoch to itself, and decodes it alone. The batches
    depend on the seed, the number of ranks and the number of workers.
    """

    def __init__(self, root: str | Path, config: Config, rank: int = 0, world: int = 1):
        self._root, self._config, self._rank, self._world = root, config, rank, world

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        patches = Patches(self._root, self._config)
        rows = patches.split(self._config.validation.fraction, self._config.seed)[0]
        part, parts = self._rank * workers + number, self._world * workers
        batches = Batches(patches, rows, self._config, part, parts)
        return (batches.batch(step) for step in itertools.count())


def targets(label: np.ndarray, task: str) -> np.ndarray:
    """Returns the class of each voxel in a task's own numbering: lung alone holds its infection."""
    return {"both": label, "lung": label > 0, "infection": label == 2}[task]


def random_crop(
    image: np.ndarray, label: np.ndarray, size_zyx: tuple[int, int, int], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    at = tuple(
        slice(start, start + size)
        for start, size in (
            (int(random.integers(have - size + 1)), size) for have, size in zip(image.shape, size_zyx, strict=True)
        )
    )
    return image[at], label[at]


def centre_crop(array: np.ndarray, size_zyx: tuple[int, int, int]) -> np.ndarray:
    starts = [(have - size) // 2 for have, size in zip(array.shape, size_zyx, strict=True)]
    return array[tuple(slice(s, s + size) for s, size in zip(starts, size_zyx, strict=True))]


def augment(
    image: np.ndarray, label: np.ndarray, how: Augmentation, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pair after the random changes of `how`, in the order: resize, flip, blur, contrast, noise.

    Every kind draws its numbers whether it is on or not, so that switching one off leaves the others as they were.
    """
    chances, flips = random.random(3), random.random(3)
    factors = 1 + how.resize * random.uniform(-1, 1, 3)
    sigma, noise = how.blur_voxels * random.random(), how.noise_hu * random.random()
    scale, shift = 1 + how.scale_hu * random.uniform(-1, 1), how.shift_hu * random.uniform(-1, 1)

    out = image.astype(np.float32)
    if how.resize > 0 and chances[0] < how.probability:
        out, label = _resize(out, label, factors)
    axes = [axis for axis, name in enumerate("zyx") if name in how.flip_axes and flips[axis] < 0.5]
    out, label = np.flip(out, axes), np.flip(label, axes)
    if how.blur_voxels > 0 and chances[1] < how.probability:
        out = ndimage.gaussian_filter(out, sigma, mode="nearest", truncate=3)
    if scale != 1 or shift != 0:
        out = (out - AIR_HU) * np.float32(scale) + np.float32(AIR_HU + shift)
    if noise > 0 and chances[2] < how.probability:
        out = out + random.standard_normal(out.shape, np.float32) * np.float32(noise)
    return out, label


def _resize(image: np.ndarray, label: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns both magnified about their centre, in the same size, padding and background coming in from outside."""
    matrix = 1 / factors
    offset = (np.array(image.shape) - 1) / 2 * (1 - matrix)
    image = ndimage.affine_transform(image, matrix, offset, order=1, mode="constant", cval=PADDING_HU)
    return image, ndimage.affine_transform(label, matrix, offset, order=0, mode="constant", cval=0)
