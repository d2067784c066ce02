"""Makes the codestreams beside it: pip install imagecodecs==2026.3.6 pylibjpeg-openjpeg==2.6.0, then run it."""

import hashlib
import pathlib

import imagecodecs
import numpy
import openjpeg

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 61, 47


def pattern(component: int = 0) -> numpy.ndarray:
    """The image of codestream_test.go: 12 bits, smooth with some noise."""
    y, x = numpy.mgrid[:HEIGHT, :WIDTH]
    return 1000 + component * 50 + (x * x * 7 + y * y * 3 + x * y) // 16 % 1024 + ((x * 73 ^ y * 151) & 15)


def write(name: str, codestream: bytes, image: numpy.ndarray, lossless: bool) -> None:
    decoded = openjpeg.decode(codestream)
    if lossless:
        assert numpy.array_equal(decoded, image), name
    (HERE / name).write_bytes(codestream)
    digest = hashlib.sha256(decoded.astype("<u2").tobytes()).hexdigest()
    print(name, len(codestream), decoded.dtype, "" if lossless else digest)


unsigned = pattern().astype(numpy.uint16)
signed = (pattern() - 2048).astype(numpy.int16)
small = (pattern() >> 4).astype(numpy.uint8)
colour = numpy.stack([pattern(c) >> 4 for c in range(3)], axis=-1).astype(numpy.uint8)

j2k, htj2k = imagecodecs.jpeg2k_encode, imagecodecs.htj2k_encode
plain = {"codecformat": "j2k", "reversible": True, "level": 0}
write("j2k_12_unsigned.j2k", j2k(unsigned, bitspersample=12, **plain), unsigned, True)
write("j2k_16_signed.j2k", j2k(signed, **plain), signed, True)
write("j2k_8_rgb.j2k", j2k(colour, **plain), colour, True)
write("j2k_8_rgb.jp2", j2k(colour, **plain | {"codecformat": "jp2"}), colour, True)
write("j2k_16_signed_lossy.j2k", j2k(signed, codecformat="j2k", reversible=False, level=60), signed, False)
write("htj2k_16_unsigned.j2k", htj2k(unsigned, reversible=True), unsigned, True)
write("htj2k_16_signed.j2k", htj2k(signed, reversible=True), signed, True)
write("htj2k_16_signed_tiles.j2k", htj2k(signed, reversible=True, tile=(32, 32), tlm=True), signed, True)
write("htj2k_8_unsigned.j2k", htj2k(small, reversible=True), small, True)
write("htj2k_8_rgb.j2k", htj2k(colour, reversible=True, rgb=True), colour, True)
write("htj2k_16_signed_lossy.j2k", htj2k(signed, reversible=False, level=0.0005), signed, False)
