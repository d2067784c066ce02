"""Encodes a CT slice in every transfer syntax that archives hold, and times how long others take to decode it.

    make bench-codecs            (or the two commands:)
    python test/bench/codecs.py OUT [--series FOLDER]
    CTCOHORT_ENCODED=OUT go test ./io/dicomio -run Encoded -bench Encoded

The first writes OUT/<codec>.dcm with the digest of the stored values that pydicom decodes from it, and prints a table;
the second checks this project's decoders against the digests, and times them on the same files. The slice is the middle
one of a series: by default of a real one of the shared test data, or of a thorax that is made here where there is none.
Times are the fastest of fifteen, on one thread (GDCM takes two for JPEG 2000).
"""

import argparse
import hashlib
import pathlib
import tempfile
import time
from functools import partial

import gdcm
import imagecodecs
import numpy
import pydicom
from ours import fixture
from pydicom import uid
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels import pixel_array
from series import write_thorax

CODECS = {  # name: transfer syntax, encoder, decoder of imagecodecs
    "jpeg-lossless": (
        uid.JPEGLosslessSV1,
        lambda a: imagecodecs.jpeg8_encode(a, lossless=True, predictor=1, bitspersample=16),
        imagecodecs.jpeg8_decode,
    ),
    "jpeg-ls": (uid.JPEGLSLossless, imagecodecs.jpegls_encode, imagecodecs.jpegls_decode),
    "jpeg-ls-near": (
        uid.JPEGLSNearLossless,
        lambda a: imagecodecs.jpegls_encode(a, level=3),
        imagecodecs.jpegls_decode,
    ),
    "jpeg2000": (
        uid.JPEG2000Lossless,
        lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", reversible=True, level=0),
        imagecodecs.jpeg2k_decode,
    ),
    "jpeg2000-lossy": (
        uid.JPEG2000,
        lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", reversible=False, level=80),
        imagecodecs.jpeg2k_decode,
    ),
    "htj2k": (uid.HTJ2KLossless, lambda a: imagecodecs.htj2k_encode(a, reversible=True), imagecodecs.htj2k_decode),
    "htj2k-lossy": (
        uid.HTJ2K,
        lambda a: imagecodecs.htj2k_encode(a, reversible=False, level=0.0005),
        imagecodecs.htj2k_decode,
    ),
}


def fastest_ms(work) -> float:
    """Fastest of fifteen calls."""
    times = []
    for _ in range(15):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def read_gdcm(path: pathlib.Path) -> None:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    reader.GetImage().GetBuffer()


def encode(series: pathlib.Path, out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(series.iterdir())
    slice_ = pydicom.dcmread(files[len(files) // 2])
    image = slice_.pixel_array
    print("ms a slice       bytes   imagecodecs  GDCM, with reading  pydicom's plug-ins, with reading")
    for name in ["native", "rle", *CODECS]:
        path = out / f"{name}.dcm"
        d = pydicom.dcmread(files[len(files) // 2])
        direct = ""
        if name == "rle":
            d.compress(uid.RLELossless)
        elif name in CODECS:
            syntax, encoder, decode = CODECS[name]
            d.PixelData = encapsulate([bytes(encoder(image))])
            d["PixelData"].VR, d["PixelData"].is_undefined_length = "OB", True
            d.file_meta.TransferSyntaxUID = syntax
            frame = next(generate_frames(d.PixelData, number_of_frames=1))
            direct = f"{fastest_ms(partial(decode, frame)):.1f}"
        d.save_as(path)
        decoded = pixel_array(path)
        if "lossy" not in name and "near" not in name:
            assert numpy.array_equal(decoded, image), name
        (out / f"{name}.sha256").write_text(hashlib.sha256(decoded.astype("<u2").tobytes()).hexdigest())
        plugins = []
        for plugin in ["pylibjpeg", "gdcm", "pyjpegls", "pydicom"] if name != "native" else [""]:
            try:
                took = fastest_ms(partial(pixel_array, path, decoding_plugin=plugin))
            except (RuntimeError, ValueError, AttributeError):
                continue
            plugins.append(f"{plugin} {took:.1f}")
        try:
            read = f"{fastest_ms(partial(read_gdcm, path)):.1f}"
        except AssertionError:
            read = "no"
        print(f"{name:15} {len(d.PixelData):7} {direct:>13} {read:>19}  {', '.join(plugins)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--series", type=pathlib.Path, help="folder of a CT series")
    options = parser.parse_args()
    if series := options.series or fixture("ct_lungfcp_0001"):
        encode(series, options.out)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_thorax(pathlib.Path(folder) / "thorax")
        encode(pathlib.Path(folder) / "thorax", options.out)


if __name__ == "__main__":
    main()
