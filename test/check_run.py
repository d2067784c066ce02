"""Recomputes a run's metrics table from its masks, and reads every table with the readers that analysts use.

usage: check_run.py OUTPUT_ROOT

It shares no code with ctcohort: nibabel reads the volumes, scipy finds surfaces and distances. Prints one JSON object.
"""

import json
import sys
from pathlib import Path

import duckdb
import nibabel
import numpy as np
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet
from scipy import ndimage

LABELS = {"lung": (1, 2), "infection": (2,)}
TABLES = (
    "instances",
    "series",
    "patients",
    "predictions",
    "metrics",
    "histograms",
    "summaries",
    "rejects",
    "runs",
)


def surface_distances(a, b, spacing):
    cross = ndimage.generate_binary_structure(3, 1)

    def edge(mask):
        return mask & ~ndimage.binary_erosion(mask, cross)  # outside the volume is background

    return ndimage.distance_transform_edt(~edge(b), sampling=spacing)[edge(a)]


def measures(prediction, reference, spacing):
    p, r = int(prediction.sum()), int(reference.sum())
    both = int((prediction & reference).sum())
    ml = float(np.prod(spacing)) / 1000
    found = {"volume_prediction": p * ml, "volume_reference": r * ml}
    if p and r:
        there = surface_distances(prediction, reference, spacing)
        back = surface_distances(reference, prediction, spacing)
        found["dice"] = 2 * both / (p + r)
        found["sensitivity"], found["precision"] = both / r, both / p
        found["hd95"] = max(np.percentile(there, 95), np.percentile(back, 95))
        found["assd"] = (there.sum() + back.sum()) / (len(there) + len(back))
    elif p or r:
        found["dice"], found["hd95"] = 0.0, np.inf
    else:
        found["dice"] = found["hd95"] = None
    return found


def main(root):
    def one(table):
        return pandas.read_parquet(f"{root}/tables/{table}", partitioning=None)

    metrics, series = one("metrics"), one("series").set_index("series_uid")
    compared, wrong = 0, []
    for _, prediction in one("predictions").iterrows():
        row = series.loc[prediction.series_uid]
        mask = nibabel.load(f"{root}/{prediction.mask_uri}")
        label = nibabel.load(f"{root}/{row.label_uri}")
        assert np.allclose(mask.affine, label.affine, atol=1e-3), "mask and label lie on different grids"
        spacing = [float(s) for s in mask.header.get_zooms()[:3]]
        mask, label = np.asarray(mask.dataobj), np.asarray(label.dataobj)
        mine = metrics[
            (metrics.series_uid == prediction.series_uid) & (metrics.model_sha256 == prediction.model_sha256)
        ]
        for name, values in LABELS.items():
            for metric, want in measures(np.isin(mask, values), np.isin(label, values), spacing).items():
                got = mine[(mine.label == name) & (mine.metric == metric)].value.iloc[0]
                same = (
                    pandas.isna(got)
                    if want is None
                    else np.isclose(got, want, rtol=1e-6, atol=1e-3 if metric in ("hd95", "assd") else 1e-6)
                )
                compared += 1
                if not same:
                    wrong.append(f"{prediction.series_uid} {name} {metric}: table {got}, masks {want}")

    rows = {}
    for table in TABLES:
        parts = f"{root}/tables/{table}/*/*.parquet"
        rows[table] = sorted(
            {
                duckdb.sql(f"select count(*) from read_parquet('{parts}', hive_partitioning=true)").fetchall()[0][0],
                polars.scan_parquet(parts).collect().height,
                pyarrow.dataset.dataset(list(map(str, Path(root).glob(f"tables/{table}/*/*.parquet")))).count_rows(),
                len(one(table)),
            }
        )
    patches = [pyarrow.parquet.ParquetFile(f).metadata.num_rows for f in Path(root).glob("patches/*/*/*.parquet")]
    print(json.dumps({"compared": compared, "wrong": wrong, "rows": rows, "patches": sum(patches)}))


if __name__ == "__main__":
    main(sys.argv[1])
