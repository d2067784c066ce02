"""The shards that `ctcohort tile` writes, as arrays: Parquet, or Arrow IPC files with binary or tensor columns.

A local shard is mapped into memory and takes no file handle. The voxels of an Arrow IPC shard are views of that map;
those of a Parquet shard are views of the buffers that it is decoded into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs, ipc

SUFFIXES = (".parquet", ".arrow")


class Shard:
    """One shard: patches in groups that are read together. Safe for use by several threads."""

    schema: pa.Schema
    group_sizes: list[int]

    def table(self, columns: Sequence[str]) -> pa.Table:
        """Returns some columns of all patches; meant for the small ones."""
        raise NotImplementedError

    def voxels(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns image (int16 HU) and label (uint8) of a group, [patch, Z, Y, X], read-only."""
        image, label = self._group(group)
        return view(image, np.dtype("<i2"), self.shape_zyx), view(label, np.dtype("u1"), self.shape_zyx)

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        x, y, z = (int(s) for s in self.schema.metadata[b"patch_size"].split(b","))
        return z, y, x

    def _group(self, group: int) -> tuple[pa.Array, pa.Array]:
        raise NotImplementedError


class ParquetShard(Shard):
    def __init__(self, source: Callable[[], pa.NativeFile]):
        self._source = source
        file = pq.ParquetFile(source())
        self._metadata, self.schema = file.metadata, file.schema_arrow
        self.group_sizes = [self._metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        self._idle = [file]  # readers that no thread uses: one thread at a time may use one

    def table(self, columns: Sequence[str]) -> pa.Table:
        return self._with_reader(lambda file: file.read(columns=list(columns), use_threads=False))

    def _group(self, group: int) -> tuple[pa.Array, pa.Array]:
        columns = ["image", "label"]
        table = self._with_reader(lambda file: file.read_row_group(group, columns=columns, use_threads=False))
        return tuple(c.chunk(0) if c.num_chunks == 1 else c.combine_chunks() for c in (table["image"], table["label"]))

    def _with_reader(self, work: Callable[[pq.ParquetFile], pa.Table]) -> pa.Table:
        try:
            file = self._idle.pop()
        except IndexError:
            file = pq.ParquetFile(self._source(), metadata=self._metadata)
        table = work(file)
        self._idle.append(file)
        return table


class ArrowShard(Shard):
    def __init__(self, source: Callable[[], pa.NativeFile]):
        self._file = ipc.open_file(source())
        self.schema = self._file.schema
        self._batches = [self._file.get_batch(i) for i in range(self._file.num_record_batches)]
        self.group_sizes = [len(batch) for batch in self._batches]

    def table(self, columns: Sequence[str]) -> pa.Table:
        schema = pa.schema([self.schema.field(name) for name in columns])
        return pa.Table.from_batches([batch.select(columns) for batch in self._batches], schema)

    def _group(self, group: int) -> tuple[pa.Array, pa.Array]:
        return self._batches[group]["image"], self._batches[group]["label"]


def open_shard(filesystem: fs.FileSystem, path: str) -> Shard:
    kind = ParquetShard if path.endswith(".parquet") else ArrowShard
    if not isinstance(filesystem, fs.LocalFileSystem):
        return kind(lambda: filesystem.open_input_file(path))
    with pa.memory_map(path) as mapped:
        whole = mapped.read_buffer()
    return kind(lambda: pa.BufferReader(whole))


def open_root(root: str | Path) -> tuple[fs.FileSystem, str]:
    """Returns the filesystem of a folder or of a URI that pyarrow reads (gs://…), and the path on it."""
    if "://" in str(root):
        filesystem, path = fs.FileSystem.from_uri(str(root))
        return filesystem, path.rstrip("/")
    return fs.LocalFileSystem(), Path(root).resolve().as_posix()


def view(array: pa.Array, dtype: np.dtype, shape: tuple[int, int, int]) -> np.ndarray:
    """Returns a column of fixed_size_binary or fixed_shape_tensor as [patch, Z, Y, X] over Arrow's own buffer."""
    voxels = shape[0] * shape[1] * shape[2]
    length, offset = len(array), array.offset
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage.values  # of all patches, whatever the offset
        offset = offset + array.offset // voxels
    flat = np.frombuffer(array.buffers()[1], dtype)
    flat.flags.writeable = False
    return flat[offset * voxels : (offset + length) * voxels].reshape(-1, *shape)
