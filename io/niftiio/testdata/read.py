"""Reads N.nii and N.nii.gz with nibabel and SimpleITK, and prints as JSON what each of them finds."""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk


def main(folder: Path) -> None:
    found = []
    for path in sorted(folder.glob("*.nii*")):
        image = nib.load(path)
        itk = sitk.ReadImage(path)
        data = np.asanyarray(image.dataobj)
        found.append(
            dict(
                File=path.name,
                Dtype=str(data.dtype),
                Sform=image.get_sform().ravel().tolist(),
                Qform=image.get_qform().ravel().tolist(),
                Codes=[int(image.header["sform_code"]), int(image.header["qform_code"])],
                Values=data.ravel(order="F").astype(float).tolist(),
                Size=itk.GetSize(),
                SpacingMM=itk.GetSpacing(),
                OriginMM=itk.GetOrigin(),
                Direction=itk.GetDirection(),
                ITKValues=sitk.GetArrayFromImage(itk).ravel().astype(float).tolist(),
            )
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
