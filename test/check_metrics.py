"""Recomputes a run's metrics table with shared/acceptance/reference_ct.py, which shares no code with ctcohort.

usage: check_metrics.py OUTPUT_ROOT ACCEPTANCE_FOLDER

Every measure that both have, of both labels of every prediction, empty masks among them. Prints one JSON object.
"""

import json
import sys

import nibabel
import numpy as np
import pandas

LABELS = {"lung": (1, 2), "infection": (2,)}
# The reference's name of each measure, and how far the two may be apart.
NAMES = {
    **{name: (name, 1e-6) for name in ("dice", "iou", "sensitivity", "precision", "specificity", "lesion_f1")},
    **{name: (name, 1e-3) for name in ("hd", "hd95", "assd")},
    "volume_prediction": ("vol_pred_ml", 1e-6),
    "volume_reference": ("vol_ref_ml", 1e-6),
    "volume_error": ("vol_diff_ml", 1e-6),
    "volume_relative_error": ("vol_rel_err", 1e-6),
    "surface_dice_1mm": ("nsd_1", 1e-6),
    "surface_dice_2mm": ("nsd_2", 1e-6),
    "lesions_prediction": ("lesions_pred", 0),
    "lesions_reference": ("lesions_ref", 0),
}


def main(root, acceptance):
    sys.path.insert(0, acceptance)
    import reference_ct

    def table(name):
        return pandas.read_parquet(f"{root}/tables/{name}", partitioning=None)

    values = table("metrics").set_index(["series_uid", "model_sha256", "label", "metric"]).value
    labels = table("series").set_index("series_uid").label_uri
    compared, wrong = 0, []
    for _, p in table("predictions").iterrows():
        mask, reference = nibabel.load(f"{root}/{p.mask_uri}"), nibabel.load(f"{root}/{labels[p.series_uid]}")
        spacing = tuple(float(s) for s in mask.header.get_zooms()[:3])
        for label, of in LABELS.items():
            pair = [np.isin(np.asarray(m.dataobj), of) for m in (mask, reference)]
            found = reference_ct.one(*pair, spacing, [1.0, 2.0]) | reference_ct.lesions(*pair)
            for metric, (name, tolerance) in NAMES.items():
                got, want = values[p.series_uid, p.model_sha256, label, metric], found[name]
                compared += 1
                if not (got == want or (np.isnan(got) and np.isnan(want)) or abs(got - want) <= tolerance):
                    wrong.append(f"{p.series_uid} {label} {metric}: table {got}, reference {want}")
    print(json.dumps({"compared": compared, "wrong": wrong}))


if __name__ == "__main__":
    main(*sys.argv[1:])
