"""Random text in each Specific Character Set, encoded and decoded by pydicom.

  charsets.py encode SEED   prints terms|hex of the bytes|hex of the text in UTF-8, a line a value
  charsets.py decode        reads such lines and prints the hex of what pydicom decodes, or "no"
"""

import codecs
import random
import sys

from pydicom import config
from pydicom.charset import convert_encodings, decode_bytes, encode_string

config.settings.reading_validation_mode = config.RAISE
config.settings.writing_validation_mode = config.RAISE

SINGLE = "100 101 109 110 144 127 126 138 148 166 13".split()
DOUBLE = {"87": "iso2022_jp", "159": "iso2022_jp_2", "149": "euc_kr", "58": "gb2312"}
WHOLE = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
IDEOGRAPHS = [chr(c) for c in range(0x3041, 0x30FB)] + [chr(c) for c in range(0x4E00, 0x9FA0)] + [chr(c) for c in range(0xAC00, 0xD7A4)]


def holds(encoding, character):
    """Whether an encoding has a character: of JIS X 0212 only those that JIS X 0208 lacks, of KS X 1001 no composed syllables."""
    try:
        raw = character.encode(encoding)
    except UnicodeError:
        return False
    return raw.startswith(b"\x1b$(D") if encoding == "iso2022_jp_2" else len(raw) <= 2 or encoding != "euc_kr"


def high(encoding):
    """The characters of the upper half of a single-byte set, controls and spaces left out."""
    out = []
    for byte in range(0xA1, 0x100 if encoding != "shift_jis" else 0xE0):
        try:
            out.append(bytes([byte]).decode(encoding))
        except UnicodeError:
            pass
    return out


def values():
    """Yields terms and the characters that they can hold beside ASCII."""
    for number in SINGLE:
        characters = high(convert_encodings("ISO_IR " + number)[0])
        yield ["ISO_IR " + number], [characters]
        yield ["ISO 2022 IR " + number], [characters]
        yield ["", "ISO 2022 IR " + number], [characters]
        yield ["ISO 2022 IR 100", "ISO 2022 IR " + number], [high("latin_1"), characters]
    double = {n: [c for c in IDEOGRAPHS if holds(e, c)] for n, e in DOUBLE.items()}
    for number, characters in double.items():
        yield ["", "ISO 2022 IR " + number], [characters]
        if number in ("87", "159"):
            yield ["ISO 2022 IR 13", "ISO 2022 IR " + number], [high("shift_jis"), characters]
    yield ["", "ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 149"], list(double.values())[:3]
    for term, encoding in WHOLE.items():
        yield [term], [[c for c in IDEOGRAPHS + list("äßžЖλא€") if holds(encoding, c)]]


def encode(seed):
    rng = random.Random(seed)
    for terms, repertoires in values():
        for _ in range(40):
            parts = []
            for _ in range(rng.randint(1, 4)):
                pool = rng.choice(repertoires)
                parts.append("".join(rng.choice(pool) for _ in range(rng.randint(1, 6))))
                parts.append(rng.choice(["", "CT ", " 1.5", "Yamada", "x"]))
            # one component of a name at a time, as the standard wants the sets active again at each delimiter
            encodings = convert_encodings(terms)
            components = ["".join(parts[i : i + 2]) for i in range(0, len(parts), 2)]
            try:
                if terms == ["ISO_IR 13"]:  # katakana beside ASCII, which pydicom does not write without escape sequences
                    raw = "^".join(components).encode("shift_jis")
                else:
                    raw = b"^".join(encode_string(c, encodings) for c in components)
            except (UnicodeError, ValueError):
                continue
            if not terms[0] and any(b"\x1b" not in c and max(c, default=0) >= 0x80 for c in raw.split(b"^")):
                continue  # pydicom takes the default set for Latin-1
            text = "^".join(components)
            if decode_bytes(raw, encodings, {0x5E}) == text:  # pydicom understands itself
                print("\\".join(terms), raw.hex(), text.encode().hex(), sep="|")


def decode():
    for line in sys.stdin:
        terms, raw, _ = line.rstrip("\n").split("|")
        try:
            text = decode_bytes(bytes.fromhex(raw), convert_encodings(terms.split("\\")), {9, 10, 12, 13})
            print(text.encode().hex())
        except (UnicodeError, ValueError, LookupError):
            print("no")


if __name__ == "__main__":
    codecs.lookup("iso2022_jp_2")
    encode(int(sys.argv[2])) if sys.argv[1] == "encode" else decode()
