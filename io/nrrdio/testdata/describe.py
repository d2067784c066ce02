"""Prints as JSON the grid that SimpleITK finds in an image and the SHA-256 of its voxels as int16, little endian."""

import hashlib
import json
import sys

import SimpleITK as sitk

image = sitk.ReadImage(sys.argv[1])
print(
    json.dumps(
        {
            "Size": image.GetSize(),
            "SpacingMM": image.GetSpacing(),
            "OriginMM": image.GetOrigin(),
            "Direction": image.GetDirection(),
            "SHA256": hashlib.sha256(sitk.GetArrayFromImage(image).astype("<i2").tobytes()).hexdigest(),
        }
    )
)
