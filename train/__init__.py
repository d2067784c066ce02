"""Training and export of the segmentation networks of ctcohort.

The package reads the patches that `ctcohort tile` writes and writes an ONNX model that
`ctcohort infer` reads. Read `networks/`, `train.py` and `export.py` in that order.
"""

import os

# OpenMP's threads spin while they wait for each other. Where other programs want the cores too, a waiting
# thread then holds up the one it waits for: a step took 12 s instead of 1.6 s on two busy cores.
# This must be set before PyTorch loads OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
