"""Shards in, batches out: the right voxels, whole patients held out, an order that depends on seed and step alone."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from train.config import Augmentation, Validation
from train.dataset import Batches, DataError, Patches, Stream, augment, centre_crop, targets
from train.tests.shards import CROP_XYZ, SIZE_XYZ, make_patch, tiny_config, write_shards


@pytest.fixture(scope="module", params=["parquet", "arrow"])
def stored(tmp_path_factory, request):
    root = tmp_path_factory.mktemp("data")
    return root, write_shards(root, suffix=request.param)


def whole(**changes):
    return tiny_config(patch_size=(24, 16, 16), **changes)


def test_reads_what_was_written(stored):
    root, written = stored
    patches = Patches(root, tiny_config())
    rows = sorted((row for some in patches.rows.values() for row in some), key=lambda r: (r.shard, r.group, r.row))
    assert len(rows) == len(written)
    for row, (patient, image, label) in zip(rows, written, strict=True):
        assert row in patches.rows[patient]
        got_image, got_label = patches.read(row)
        np.testing.assert_array_equal(got_image, image)
        np.testing.assert_array_equal(got_label, label)


def test_reads_with_a_cache_smaller_than_a_row_group(stored, monkeypatch):
    root, written = stored
    patches = Patches(root, tiny_config())
    monkeypatch.setattr(patches, "_cache_limit", 1)
    rows = sorted((row for some in patches.rows.values() for row in some), key=lambda r: (r.shard, r.group, r.row))
    for position in (0, 11, 3, 0):
        np.testing.assert_array_equal(patches.read(rows[position])[0], written[position][1])
    assert len(patches._cache) == 1


def test_crops_are_parts_of_their_patch(stored):
    """Each crop of a batch is somewhere in a stored patch, image and label at the same place."""
    root, written = stored
    config = tiny_config()
    patches = Patches(root, config)
    batches = Batches(patches, patches.split(0, 1)[0], config)
    x, y, z = CROP_XYZ
    image, label = batches.batch(5)
    assert image.shape == (2, 1, z, y, x)
    assert image.dtype == torch.float32
    assert label.dtype == torch.int64
    for crop, marks in zip(image[:, 0].numpy(), label.numpy(), strict=True):
        found = [
            (i, at)
            for i, (_, stored_image, _) in enumerate(written)
            for at in np.ndindex(*(have - size + 1 for have, size in zip(reversed(SIZE_XYZ), (z, y, x), strict=True)))
            if np.array_equal(stored_image[tuple(slice(a, a + s) for a, s in zip(at, (z, y, x), strict=True))], crop)
        ]
        assert len(found) == 1
        i, at = found[0]
        window = tuple(slice(a, a + s) for a, s in zip(at, (z, y, x), strict=True))
        np.testing.assert_array_equal(written[i][2][window], marks)


def test_an_epoch_visits_every_row_once_and_the_next_otherwise(stored):
    config = tiny_config(shuffle_groups=2)
    patches = Patches(stored[0], config)
    batches = Batches(patches, patches.split(0, 1)[0], config)
    first, second = batches.order(0), batches.order(1)
    assert sorted(first) == list(range(12))
    assert sorted(second) == list(range(12))
    assert list(first) != list(second)


@pytest.mark.parametrize("parts", [1, 2, 5, 12])
def test_parts_of_an_epoch_are_disjoint_and_equal(stored, parts):
    config = tiny_config(shuffle_groups=2)
    patches = Patches(stored[0], config)
    rows = patches.split(0, 1)[0]
    for epoch in range(3):
        orders = [Batches(patches, rows, config, part, parts).order(epoch) for part in range(parts)]
        assert {len(order) for order in orders} == {12 // parts}
        seen = np.concatenate(orders).tolist()
        assert len(set(seen)) == len(seen) == 12 - 12 % parts
    with pytest.raises(DataError, match="fewer processes"):
        Batches(patches, rows, config, 0, 13)


def test_a_part_decodes_few_groups(stored):
    """12 rows in groups of 4 and 2, dealt out to 2 parts: they share at most one group."""
    config = tiny_config()
    patches = Patches(stored[0], config)
    rows = patches.split(0, 1)[0]
    for epoch in range(4):
        groups = [
            {(rows[i].shard, rows[i].group) for i in Batches(patches, rows, config, part, 2).order(epoch)}
            for part in range(2)
        ]
        assert len(groups[0] & groups[1]) <= 1


@pytest.mark.parametrize("workers", [0, 2])
def test_stream_through_torchs_loader(stored, workers):
    """The loader takes the workers in turn: each has the batches of its part."""
    config = whole(validation=Validation(fraction=0.25), augmentation=Augmentation(flip_axes=("x",)))
    patches = Patches(stored[0], config)
    rows = patches.split(0.25, config.seed)[0]
    parts = 2 * max(1, workers)
    first = Batches(patches, rows, config, max(1, workers), parts)
    loader = DataLoader(Stream(stored[0], config, rank=1, world=2), batch_size=None, num_workers=workers)
    image, label = next(iter(loader))
    assert torch.equal(image, first.batch(0)[0])
    assert torch.equal(label, first.batch(0)[1])


def test_batches_depend_on_seed_and_step_alone(stored):
    config = whole(augmentation=Augmentation(flip_axes=("x",), noise_hu=10, shift_hu=5, probability=1))
    patches = Patches(stored[0], config)
    rows = patches.split(0, 1)[0]
    stream = Batches(patches, rows, config).from_step(0)
    third = [next(stream) for _ in range(4)][3]
    stream.close()
    for workers in (1, 3):
        resumed = Batches(patches, rows, replace(config, workers=workers)).from_step(3)
        for got, want in zip(next(resumed), third, strict=True):
            assert torch.equal(got, want)
        resumed.close()
    assert not torch.equal(Batches(patches, rows, replace(config, seed=2)).batch(3)[0], third[0])


def test_whole_patients_are_held_out(stored):
    patches = Patches(stored[0], tiny_config())
    train, held = patches.split(0.25, seed=1)
    owner = {row: patient for patient, rows in patches.rows.items() for row in rows}
    assert len(train) == 9
    assert len(held) == 3
    assert not {owner[r] for r in train} & {owner[r] for r in held}
    assert patches.split(0.25, seed=1) == (train, held)


def test_test_split_is_not_read(tmp_path):
    write_shards(tmp_path, split="test")
    with pytest.raises(DataError, match="ctcohort tile"):
        Patches(tmp_path, tiny_config())


@pytest.mark.parametrize(
    ("overrides", "changes", "message"),
    [
        ({"spacing_x_mm": 1.0}, {}, "spacing_x_mm is 1, the training configuration says 3"),
        ({"has_label": False}, {}, "needs reference labels"),
        ({}, {"patch_size": (32, 16, 8)}, "smaller than the training crop"),
        ({}, {"cohorts": ("germany",)}, "of cohorts germany"),
    ],
)
def test_wrong_data_is_refused(tmp_path, overrides, changes, message):
    write_shards(tmp_path, **overrides)
    with pytest.raises(DataError, match=message):
        Patches(tmp_path, tiny_config(**changes))


def test_no_patient_left_to_train_on(tmp_path):
    write_shards(tmp_path, patients=1, shards=1)
    with pytest.raises(DataError, match="give more patients"):
        Patches(tmp_path, tiny_config()).split(0.25, 1)


def test_digests_are_the_files(stored):
    for shard, digest in Patches(stored[0], tiny_config()).digests().items():
        assert digest == hashlib.sha256((stored[0] / shard).read_bytes()).hexdigest()


def test_digests_come_from_the_manifest_where_sizes_agree(tmp_path):
    write_shards(tmp_path)
    shards = [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*.parquet"))]
    sizes = [(tmp_path / shard).stat().st_size for shard in shards]
    files = [
        {"name": shards[0], "bytes": sizes[0], "sha256": "as listed"},
        {"name": shards[1], "bytes": sizes[1] + 1, "sha256": "of another file"},
    ]
    (tmp_path / "patches" / "_SUCCESS").write_text(json.dumps({"files": files}))
    got = Patches(tmp_path, tiny_config()).digests()
    assert got == {shards[0]: "as listed", shards[1]: hashlib.sha256((tmp_path / shards[1]).read_bytes()).hexdigest()}


def test_split_digest_tells_who_is_trained_on(stored):
    patches = Patches(stored[0], tiny_config())
    of_all = hashlib.sha256(b"patient0\npatient1\npatient2\npatient3\n").hexdigest()
    assert patches.split_digest(0, 1) == of_all
    assert len({of_all, patches.split_digest(0.25, 1), patches.split_digest(0.5, 1)}) == 3


def test_tasks_number_their_classes():
    label = np.array([0, 1, 2], np.uint8)
    got = {task: targets(label, task).astype(int).tolist() for task in ("both", "lung", "infection")}
    assert got == {"both": [0, 1, 2], "lung": [0, 1, 1], "infection": [0, 0, 1]}


def test_no_augmentation_leaves_voxels_alone():
    image, label = make_patch(np.random.default_rng(0))
    got_image, got_label = augment(image, label, Augmentation(), np.random.default_rng(1))
    np.testing.assert_array_equal(got_image, image)
    np.testing.assert_array_equal(got_label, label)


def test_flips_move_image_and_label_together():
    image, label = make_patch(np.random.default_rng(0))
    seen = set()
    for seed in range(8):
        got_image, got_label = augment(image, label, Augmentation(flip_axes=("x",)), np.random.default_rng(seed))
        flipped = not np.array_equal(got_image, image)
        seen.add(flipped)
        np.testing.assert_array_equal(got_image, image[:, :, ::-1] if flipped else image)
        np.testing.assert_array_equal(got_label, label[:, :, ::-1] if flipped else label)
    assert seen == {True, False}


def test_contrast_leaves_air_where_it_was():
    """scale_hu turns about -1000 HU: air stays, water moves by at most 1000 x scale."""
    image = np.array([[[-1000, 0]]], np.int16)
    values = [
        augment(image, image, Augmentation(scale_hu=0.1), np.random.default_rng(seed))[0].ravel() for seed in range(20)
    ]
    assert {float(v[0]) for v in values} == {-1000.0}
    assert 20 < max(abs(v[1]) for v in values) <= 100


def test_resize_magnifies_about_the_centre():
    image, label = make_patch(np.random.default_rng(0), (24, 24, 24))
    for seed in range(6):
        _, got = augment(image, label, Augmentation(resize=0.2, probability=1), np.random.default_rng(seed))
        random = np.random.default_rng(seed)
        random.random(6)
        factors = 1 + 0.2 * random.uniform(-1, 1, 3)
        ratio = (got > 0).sum() / (label > 0).sum()
        assert ratio == pytest.approx(factors.prod(), rel=0.12)
        assert set(np.unique(got)) <= {0, 1, 2}


def test_noise_and_blur_change_the_image_only():
    image, label = make_patch(np.random.default_rng(0))
    how = Augmentation(noise_hu=50, blur_voxels=1, probability=1)
    got, marks = augment(image, label, how, np.random.default_rng(0))
    assert not np.array_equal(got, image)
    assert marks is label or np.array_equal(marks, label)
    assert abs(got.mean() - image.mean()) < 20


def test_centre_crop():
    assert centre_crop(np.arange(10).reshape(1, 1, 10), (1, 1, 4)).ravel().tolist() == [3, 4, 5, 6]
