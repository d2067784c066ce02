"""Computes the measures of many mask pairs with shared/acceptance/reference_ct.py.

usage: reference_metrics.py ACCEPTANCE_DIR CASES_DIR

CASES_DIR/cases.json lists name, size (x, y, z) and spacing; NAME.prediction and
NAME.reference are raw uint8 label maps, x fastest. Prints a JSON object by
name, then label; a number that JSON has not is a string.
"""

import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
import reference_ct  # noqa: E402

folder = pathlib.Path(sys.argv[2])
labels = {"lung": [1, 2], "infection": [2]}


def plain(measures):
    return {
        name: value if isinstance(value, (str, list)) or np.isfinite(value) else str(value)
        for name, value in measures.items()
    }


results = {}
for case in json.loads((folder / "cases.json").read_text()):
    size = case["size"][::-1]
    prediction, reference = (
        np.frombuffer((folder / f"{case['name']}.{side}").read_bytes(), np.uint8).reshape(size)
        for side in ("prediction", "reference")
    )
    results[case["name"]] = {}
    for label, values in labels.items():
        p, r = np.isin(prediction, values), np.isin(reference, values)
        found = reference_ct.one(p, r, tuple(case["spacing"][::-1]), [1.0, 2.0]) | reference_ct.lesions(p, r)
        found["lesion_sensitivity"] = found["lesion_tp"] / found["lesions_ref"] if found["lesions_ref"] else np.nan
        results[case["name"]][label] = plain(found)
print(json.dumps(results))
