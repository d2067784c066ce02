"""Reads de-identified files with pydicom and compares their pixels with the originals'.

usage: sweep.py FILE, where each line of FILE is: original<TAB>output

Prints a line for each: ok or what is wrong, whether frames were decoded or only bytes compared, and the name.
It shares no code with ctcohort.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pydicom

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


def decoded(dataset):
    try:
        return dataset.pixel_array
    except Exception:  # no decoder, or an original that is odd
        return None


def compare(original, output):
    before = pydicom.dcmread(original, force=True)
    after = pydicom.dcmread(output)
    for element in after.iterall():  # every element is converted to its VR
        str(element.value)
    if before.get("PixelData") != after.get("PixelData"):
        return "pixel bytes differ", "bytes"
    if "PixelData" not in before:
        return "ok", "none"
    wanted, got = decoded(before), decoded(after)
    if wanted is None:
        return "ok", "bytes"
    if got is None:
        return "the output cannot be decoded, the original can", "frames"
    return ("ok" if np.array_equal(wanted, got) else "frames differ"), "frames"


for line in Path(sys.argv[1]).read_text().splitlines():
    original, output = line.split("\t")
    try:
        verdict, how = compare(original, output)
    except Exception as problem:
        verdict, how = f"{type(problem).__name__}: {problem}".replace("\n", " "), "unread"
    print(verdict, how, original, sep="\t")
