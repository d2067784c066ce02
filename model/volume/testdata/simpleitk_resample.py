"""Resamples volumes with SimpleITK: reads CASES.json in the folder given, writes N.want beside each N.raw.

A case has the input's grid, the output's grid, and an interpolation. SimpleITK computes in float64 and the
result is rounded half away from zero, for its own conversion to integers truncates.
"""

import json
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk

INTERPOLATORS = {"linear": sitk.sitkLinear, "nearest": sitk.sitkNearestNeighbor, "bspline": sitk.sitkBSpline}


def main(folder: Path) -> None:
    for number, case in enumerate(json.loads((folder / "CASES.json").read_text())):
        grid, out = case["In"], case["Out"]
        raw = np.fromfile(folder / f"{number}.raw", "<i2").reshape(grid["Size"][::-1])
        image = sitk.GetImageFromArray(raw)
        image.SetSpacing(grid["SpacingMM"])
        image.SetOrigin(grid["OriginMM"])
        image.SetDirection(grid["Direction"])
        image = sitk.Resample(
            image,
            out["Size"],
            sitk.Transform(),
            INTERPOLATORS[case["How"]],
            out["OriginMM"],
            out["SpacingMM"],
            out["Direction"],
            float(case["Fill"]),
            sitk.sitkFloat64,
        )
        hu = sitk.GetArrayFromImage(image)
        hu = np.trunc(hu + np.copysign(0.5, hu))
        np.clip(hu, -32768, 32767).astype("<i2").tofile(folder / f"{number}.want")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
