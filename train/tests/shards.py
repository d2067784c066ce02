"""Small shards by the schema of `schemas/patch.go`, for the tests: a bright ball (lesion) in a dark one (lung)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc

from train.config import Config, Optimizer, Validation

SIZE_XYZ = (24, 20, 16)
CROP_XYZ = (16, 16, 8)


def tiny_config(**changes) -> Config:
    values = {
        "name": "tiny",
        "width": 4,
        "spacing_mm": (3.0, 3.0, 3.0),
        "patch_size": CROP_XYZ,
        "steps": 6,
        "threads": 1,
        "optimizer": Optimizer(learning_rate=3e-3),
        "validation": Validation(fraction=0.25, every_steps=3, patches=2),
    }
    return Config(**{**values, **changes})


def make_patch(random: np.random.Generator, size_xyz=SIZE_XYZ) -> tuple[np.ndarray, np.ndarray]:
    x, y, z = size_xyz
    grid = np.stack(np.mgrid[:z, :y, :x]).astype(float)
    centre = np.array([z, y, x]) / 2 + random.uniform(-2, 2, 3)
    radius = np.sqrt(((grid - centre[:, None, None, None]) ** 2).sum(0))
    label = np.where(radius < 3, 2, np.where(radius < 7, 1, 0)).astype(np.uint8)
    hu = np.choose(label, [30, -850, -300]) + random.normal(0, 20, label.shape)
    return np.round(hu).astype("<i2"), label


def write_shards(
    root: Path,
    patients: int = 4,
    per_patient: int = 3,
    shards: int = 2,
    size_xyz=SIZE_XYZ,
    split="train",
    suffix="parquet",
    **overrides,
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Writes shards under `root` and returns (patient, image, label) in the order written, by shard."""
    x, y, z = size_xyz
    random = np.random.default_rng(7)
    floats = [f"{kind}_{axis}_mm" for kind in ("origin", "spacing") for axis in "xyz"]
    whole = [f"{kind}_{axis}" for kind in ("origin", "size") for axis in "xyz"]
    schema = pa.schema(
        [("patient_id", pa.string()), ("series_uid", pa.string()), ("index", pa.int32())]
        + [(name, pa.int32()) for name in whole]
        + [(name, pa.float64()) for name in floats]
        + [("image", pa.binary(2 * x * y * z)), ("label", pa.binary(x * y * z)), ("has_label", pa.bool_())]
        + [("lung_fraction", pa.float32()), ("infection_fraction", pa.float32())],
        metadata={
            "image.dtype": "int16",
            "label.dtype": "uint8",
            "patch_size": f"{x},{y},{z}",
            "axis_order": "z,y,x (C order)",
            "byte_order": "little",
        },
    )
    folder = root / "patches" / "cohort=china" / f"split={split}"
    folder.mkdir(parents=True)
    written = []
    for shard in range(shards):
        rows = []
        for patient in range(shard, patients, shards):
            for index in range(per_patient):
                image, label = make_patch(random, size_xyz)
                written.append((f"patient{patient}", image, label))
                row = dict.fromkeys(whole, 0) | {name: 3.0 if "spacing" in name else 0.0 for name in floats}
                row |= {"patient_id": f"patient{patient}", "series_uid": "2.25.1", "index": index, "has_label": True}
                row |= {"image": image.tobytes(), "label": label.tobytes()}
                row |= {"lung_fraction": float((label > 0).mean()), "infection_fraction": float((label == 2).mean())}
                rows.append(row | overrides)
        table = pa.Table.from_pylist(rows, schema=schema)
        path = folder / f"part-{shard:05}-of-{shards:05}.{suffix}"
        if suffix == "arrow":
            with ipc.new_file(path, schema) as file:
                file.write_table(table, max_chunksize=4)
            continue
        pq.write_table(
            table,
            path,
            row_group_size=4,
            compression="zstd",
            compression_level=1,
            use_dictionary=False,
            write_statistics=False,
        )
    return written
