"""Voxels where Arrow has them, from every kind of shard, by several threads at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import fs, ipc

from train.shards import open_shard, view
from train.tests.shards import write_shards


def first_shard(root, suffix):
    path = root / "patches" / "cohort=china" / "split=train" / f"part-00000-of-00002.{suffix}"
    return open_shard(fs.LocalFileSystem(), path.as_posix()), path


def test_voxels_are_views_of_arrows_buffer():
    stored = pa.array([b"\x01\x00\x02\x00", b"\x03\x00\xff\xff"], pa.binary(4))
    got = view(stored.slice(1), np.dtype("<i2"), (1, 1, 2))
    assert got.ravel().tolist() == [3, -1]
    assert got.ctypes.data == stored.buffers()[1].address + 4
    assert not got.flags.writeable


def test_tensors_are_views_of_arrows_buffer():
    voxels = np.arange(3 * 8, dtype="<i2").reshape(3, 2, 2, 2)
    stored = pa.FixedShapeTensorArray.from_numpy_ndarray(voxels)
    for part in (stored, stored.slice(1), stored.slice(1, 1)):
        got = view(part, np.dtype("<i2"), (2, 2, 2))
        np.testing.assert_array_equal(got, part.to_numpy_ndarray())
        assert np.shares_memory(got, voxels)


def test_an_arrow_shard_is_not_copied(tmp_path):
    write_shards(tmp_path, suffix="arrow")
    shard, path = first_shard(tmp_path, "arrow")
    before = pa.total_allocated_bytes()
    groups = [shard.voxels(group) for group in range(len(shard.group_sizes))]
    assert pa.total_allocated_bytes() == before
    stored = ipc.open_file(path.read_bytes()).read_all()["image"].to_pylist()
    assert [patch.tobytes() for image, _ in groups for patch in image] == stored


def test_a_shard_of_tensors(tmp_path):
    """The export with fixed_shape_tensor reads as the binary one does."""
    write_shards(tmp_path, suffix="arrow")
    shard, path = first_shard(tmp_path, "arrow")
    binary = [shard.voxels(group) for group in range(len(shard.group_sizes))]
    table = ipc.open_file(path.read_bytes()).read_all()
    for name, number in (("image", 0), ("label", 1)):
        tensor = pa.FixedShapeTensorArray.from_numpy_ndarray(np.concatenate([group[number] for group in binary]))
        table = table.set_column(table.column_names.index(name), name, tensor)
    with ipc.new_file(tmp_path / "tensors.arrow", table.schema) as file:
        file.write_table(table, max_chunksize=4)
    tensors = open_shard(fs.LocalFileSystem(), f"{tmp_path}/tensors.arrow")
    for group, want in enumerate(binary):
        for got_array, want_array in zip(tensors.voxels(group), want, strict=True):
            np.testing.assert_array_equal(got_array, want_array)


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_threads_read_one_shard(tmp_path, suffix):
    write_shards(tmp_path, patients=8, per_patient=8, suffix=suffix)
    shard, _ = first_shard(tmp_path, suffix)
    want = [shard.voxels(group)[0].copy() for group in range(len(shard.group_sizes))]
    with ThreadPoolExecutor(4) as pool:
        for group, image in enumerate(pool.map(lambda g: shard.voxels(g % len(want))[0], range(64))):
            np.testing.assert_array_equal(image, want[group % len(want)])
