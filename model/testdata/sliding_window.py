"""Runs an ONNX model over a volume by sliding window, in MONAI or by formulae in numpy.

    python sliding_window.py monai|numpy MODEL HU X Y Z OVERLAP FLIPS OUT

HU is int16 and OUT float32, raw, x fastest: [z, y, x] and [class, z, y, x]. FLIPS is some of x, y, z, or "none".
"""

import itertools
import sys

import numpy as np
import onnxruntime

AIR = -1024


def network(file: str, flips: str):
    """Returns the model as a function of windows [n, 1, z, y, x], and its patch as z, y, x."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    patch = session.get_modelmeta().custom_metadata_map["ctcohort.patch_size"].split(",")
    axes = [{"x": 4, "y": 3, "z": 2}[letter] for letter in flips.replace("none", "")]
    subsets = [s for n in range(len(axes) + 1) for s in itertools.combinations(axes, n)]

    def run(windows: np.ndarray) -> np.ndarray:
        images = [np.ascontiguousarray(np.flip(windows, s)) for s in subsets]
        return np.mean([np.flip(session.run(None, {"hu": i})[0], s) for i, s in zip(images, subsets, strict=True)], 0)

    return run, tuple(int(n) for n in reversed(patch))


def by_monai(run, patch: tuple, hu: np.ndarray, overlap: float) -> np.ndarray:
    import torch
    from monai.inferers import sliding_window_inference

    found = sliding_window_inference(
        torch.from_numpy(hu)[None, None],
        patch,
        1,
        lambda windows: torch.from_numpy(run(windows.numpy())),
        overlap=overlap,
        mode="gaussian",
        padding_mode="constant",
        cval=AIR,
    )
    return found[0].numpy()


def by_numpy(run, patch: tuple, hu: np.ndarray, overlap: float) -> np.ndarray:
    missing = [max(0, p - n) for p, n in zip(patch, hu.shape, strict=True)]
    padded = np.pad(hu, [(m // 2, m - m // 2) for m in missing], constant_values=AIR)
    starts = []
    for size, edge in zip(padded.shape, patch, strict=True):
        step = edge if edge == size else max(1, int(edge * (1 - overlap)))
        count = -(-(size - edge) // step) + 1
        starts.append([min(i * step, size - edge) for i in range(count)])
    distance = [(np.arange(n) - (n - 1) / 2) / (n / 8) for n in patch]
    gauss = [np.exp(-(d**2) / 2) for d in distance]
    weight = np.maximum(np.einsum("z,y,x->zyx", *gauss), 1e-3)
    total, weights = 0, np.zeros(padded.shape)
    for corner in itertools.product(*starts):
        at = tuple(slice(s, s + n) for s, n in zip(corner, patch, strict=True))
        p = run(padded[at][None, None])[0].astype(np.float64)
        if np.isscalar(total):
            total = np.zeros((len(p), *padded.shape))
        total[(slice(None), *at)] += p * weight
        weights[at] += weight
    inside = tuple(slice(m // 2, m // 2 + n) for m, n in zip(missing, hu.shape, strict=True))
    return (total / weights)[(slice(None), *inside)]


def main(how: str, file: str, hu: str, x: str, y: str, z: str, overlap: str, flips: str, out: str) -> None:
    run, patch = network(file, flips)
    volume = np.fromfile(hu, "<i2").reshape(int(z), int(y), int(x)).astype(np.float32)
    method = {"monai": by_monai, "numpy": by_numpy}[how]
    method(run, patch, volume, float(overlap)).astype("<f4").tofile(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
