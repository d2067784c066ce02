"""Times shards of training patches, written and read: this project's formats, pyarrow's own, WebDataset and Zarr.

    pip install --require-hashes -r test/bench/requirements-shards.txt
    python test/bench/shards.py [--patches 64] [--rounds 5] [--out docs/benchmarks/shards.md]

The patches are noise like a CT's in three tissues with their labels, the same for all, 128x128x64. Every contender
writes the same patches and reads them back in order, on one thread, from a warm cache: a patch is read when its image
and label are numpy arrays [Z, Y, X] and every page of them has been touched. Rounds go through all contenders in turn;
the fastest counts. Needs Go for the writers of this project, which `go test -bench` times in the same run.
"""

import argparse
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import metadata

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import webdataset
import zarr
from pyarrow import fs, ipc

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from train.shards import open_shard  # noqa: E402

SHAPE = (64, 128, 128)  # z, y, x
GROUP = 4
MIB_A_PATCH = 3 * np.prod(SHAPE) / 2**20


def make_patches(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns images and labels as the Go benchmark makes them: bands of three tissues with noise of 12 HU."""
    random = np.random.default_rng(7)
    tissue = np.arange(np.prod(SHAPE)).reshape(SHAPE) // SHAPE[2] // 16 % 3
    label = np.repeat(tissue.astype(np.uint8)[None], n, axis=0)
    noise = random.standard_normal((n, *SHAPE), np.float32) * 12
    return (-850 + 400 * tissue + noise).astype("<i2"), label


class Binary:
    """The columns of this project's shards: image and label as fixed_size_binary."""

    def arrays(self, image: np.ndarray, label: np.ndarray) -> list[pa.Array]:
        return [self._array(image), self._array(label)]

    def _array(self, voxels: np.ndarray) -> pa.Array:
        width = voxels[0].nbytes
        return pa.Array.from_buffers(pa.binary(width), len(voxels), [None, pa.py_buffer(np.ascontiguousarray(voxels))])

    def table(self, image: np.ndarray, label: np.ndarray) -> pa.Table:
        patch_size = ",".join(str(s) for s in reversed(SHAPE))
        return pa.table(self.arrays(image, label), names=["image", "label"]).replace_schema_metadata(
            {"patch_size": patch_size}
        )


class Tensor(Binary):
    def _array(self, voxels: np.ndarray) -> pa.Array:
        return pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(voxels))


class Lists(Binary):
    def _array(self, voxels: np.ndarray) -> pa.Array:
        flat = np.ascontiguousarray(voxels).reshape(-1)
        each = flat.size // len(voxels)
        return pa.ListArray.from_arrays(pa.array(np.arange(0, flat.size + 1, each, np.int32)), pa.array(flat))


class Parquet:
    """Parquet by pyarrow, with the settings of this project's shards. `codec` and `columns` differ."""

    def __init__(self, columns: Binary, codec: str = "zstd"):
        self._columns, self._codec = columns, codec

    def write(self, path: pathlib.Path, image: np.ndarray, label: np.ndarray) -> None:
        level = {"compression_level": 1} if self._codec == "zstd" else {}
        table = self._columns.table(image, label)
        with pq.ParquetWriter(
            path, table.schema, compression=self._codec, use_dictionary=False, write_statistics=False, **level
        ) as writer:
            writer.write_table(table, row_group_size=GROUP)

    def read(self, path: pathlib.Path):
        file = pq.ParquetFile(path, memory_map=True)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            image, label = (table[name].combine_chunks() for name in ("image", "label"))
            if isinstance(image.type, pa.FixedShapeTensorType):
                yield from zip(image.to_numpy_ndarray(), label.to_numpy_ndarray(), strict=True)
            else:
                yield from zip(*(a.values.to_numpy().reshape(-1, *SHAPE) for a in (image, label)), strict=True)


class Ours:
    """A shard of this project, read by its own reader."""

    def __init__(self, writer):
        self.write = writer.write

    def read(self, path: pathlib.Path):
        shard = open_shard(fs.LocalFileSystem(), path.as_posix())
        for group in range(len(shard.group_sizes)):
            yield from zip(*shard.voxels(group), strict=True)


class Ipc:
    """Arrow IPC by pyarrow, not compressed."""

    def __init__(self, columns: Binary):
        self._columns = columns

    def write(self, path: pathlib.Path, image: np.ndarray, label: np.ndarray) -> None:
        table = self._columns.table(image, label)
        with ipc.new_file(path, table.schema) as file:
            file.write_table(table, max_chunksize=GROUP)

    def read(self, path: pathlib.Path):
        file = ipc.open_file(pa.memory_map(str(path)))
        for group in range(file.num_record_batches):
            batch = file.get_batch(group)
            yield from zip(batch["image"].to_numpy_ndarray(), batch["label"].to_numpy_ndarray(), strict=True)


class WebDataset:
    """A tar file with two .npy files a patch."""

    def write(self, path: pathlib.Path, image: np.ndarray, label: np.ndarray) -> None:
        with webdataset.TarWriter(str(path)) as tar:
            for i in range(len(image)):
                tar.write({"__key__": f"{i:06}", "image.npy": image[i], "label.npy": label[i]})

    def read(self, path: pathlib.Path):
        dataset = webdataset.WebDataset(str(path), shardshuffle=False, empty_check=False).decode()
        return dataset.to_tuple("image.npy", "label.npy")


class Zarr:
    """Two arrays, a chunk a patch, compressed as this project's shards are."""

    def write(self, path: pathlib.Path, image: np.ndarray, label: np.ndarray) -> None:
        group = zarr.open_group(path, mode="w")
        for name, voxels in (("image", image), ("label", label)):
            array = group.create_array(
                name,
                shape=voxels.shape,
                chunks=(1, *SHAPE),
                dtype=voxels.dtype,
                compressors=zarr.codecs.ZstdCodec(level=1),
            )
            array[:] = voxels

    def read(self, path: pathlib.Path):
        group = zarr.open_group(path, mode="r")
        image, label = group["image"], group["label"]
        for i in range(image.shape[0]):
            yield image[i], label[i]


CONTENDERS = {
    "ctcohort parquet (fixed_size_binary, zstd-1)": (Ours(Parquet(Binary())), "parquet"),
    "ctcohort arrow (fixed_size_binary, mapped)": (Ours(Ipc(Binary())), "arrow"),
    "ctcohort tensor (fixed_shape_tensor, mapped)": (Ours(Ipc(Tensor())), "arrow"),
    "the same columns, lz4": (Ours(Parquet(Binary(), "lz4")), "parquet"),
    "pyarrow Parquet list<int16>, zstd-1": (Parquet(Lists()), "parquet"),
    "pyarrow Parquet fixed_shape_tensor, zstd-1": (Parquet(Tensor()), "parquet"),
    "pyarrow Arrow IPC fixed_shape_tensor": (Ipc(Tensor()), "arrow"),
    "WebDataset tar of .npy": (WebDataset(), "tar"),
    "Zarr, zstd-1": (Zarr(), "zarr"),
}


def touch(image: np.ndarray, label: np.ndarray) -> int:
    """Reads one voxel of every page."""
    return int(image.reshape(-1)[::2048].sum(dtype=np.int64)) + int(label.reshape(-1)[::4096].sum(dtype=np.int64))


def size_of(path: pathlib.Path) -> int:
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) if path.is_dir() else path.stat().st_size


def go_writers() -> dict[str, float]:
    """Returns the patches a second that this project's own writers reach on one thread."""
    times = ["-benchtime", "0.5s", "-count", "6", "-cpu", "1"]
    command = ["go", "test", "-run", "^$", "-bench", "Patches/write", *times, "./io/parquetio"]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    best: dict[str, float] = {}
    for found in re.finditer(r"write/(\w+)\S*\s.*?([\d.]+) patches/s", out):
        best[found[1]] = max(best.get(found[1], 0), float(found[2]))
    return best


def time_all(folder: pathlib.Path, patches: int, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Returns write and read in patches a second, and the size as a part of the raw one, of each contender."""
    image, label = make_patches(patches)
    want = sum(touch(i, m) for i, m in zip(image, label, strict=True))
    best = {name: [0.0, 0.0, 0.0] for name in CONTENDERS}
    for _ in range(rounds):
        for number, (name, (contender, suffix)) in enumerate(CONTENDERS.items()):
            path = folder / f"{number}.{suffix}"
            shutil.rmtree(path, ignore_errors=True)
            start = time.perf_counter()
            contender.write(path, image, label)
            written = time.perf_counter()
            got = sum(touch(np.asarray(i), np.asarray(m)) for i, m in contender.read(path))
            seconds = time.perf_counter() - written
            if got != want:
                raise SystemExit(f"{name}: other voxels came back")
            best[name][0] = max(best[name][0], patches / (written - start))
            best[name][1] = max(best[name][1], patches / seconds)
            best[name][2] = size_of(path) / (patches * MIB_A_PATCH * 2**20)
    return {name: tuple(values) for name, values in best.items()}


def report(found: dict[str, tuple[float, float, float]], go: dict[str, float], patches: int, rounds: int) -> str:
    info = pathlib.Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.*)", info.read_text()) if info.exists() else []
    cpu = names[0] if names else platform.processor()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pyarrow", "webdataset", "zarr", "numpy"))
    lines = [
        "# Shards of training patches",
        "",
        f"`python test/bench/shards.py --patches {patches} --rounds {rounds}`: {cpu}, one thread; {versions}.",
        "Patches of 128x128x64, 3 MiB each; patches a second, the fastest round. The script says what is timed.",
        "",
        "| shard | written by Python | written by ctcohort | read | size of raw |",
        "|---|---|---|---|---|",
    ]
    for name, (write, read, size) in found.items():
        kind = name.split()[1] if name.startswith("ctcohort") else ""
        own = f"{go[kind]:.0f}" if kind in go else ""
        lines.append(f"| {name} | {write:.0f} | {own} | {read:.0f} | {size:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patches", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, help="where shards are written (default: a temporary folder)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "shards.md")
    options = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    zarr.config.set({"threading.max_workers": 1, "async.concurrency": 1})
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = time_all(pathlib.Path(folder), options.patches, options.rounds)
    text = report(found, go_writers(), options.patches, options.rounds)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
