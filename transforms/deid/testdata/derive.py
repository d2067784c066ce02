"""Derives known answers with Python's hmac, which shares no code with package deid: derive.py > known.txt."""

import hmac

KEY = b"a key for tests only, 32 bytes.."


def derive(label, *parts):
    mac = hmac.new(KEY, digestmod="sha256")
    for part in (label, *parts):
        data = part.encode()
        mac.update(len(data).to_bytes(4, "big") + data)
    return mac.digest()


def shift(digest):
    return -30 - int.from_bytes(digest[:8], "big") % (3650 - 30 + 1)


for site, issuer, patient in [
    ("site", "", "MRN123456"),
    ("site", "HIS", "MRN123456"),
    ("", "", "MRN123456"),
    ("site", "", "0042"),
    ("site", "", "42"),
    ("柏林", "", "患者７"),
]:
    name, days = derive("patient", site, issuer, patient), derive("dates", site, issuer, patient)
    print("patient", site, issuer, patient, name[:8].hex(), shift(days), sep="|")
for person in ["P1", "人 1"]:
    print("person", person, derive("person", person)[:8].hex(), shift(derive("person dates", person)), sep="|")
for uid in ["1.2.276.0.7230010.3.1.4.77.1", "2.25.1"]:
    print("uid", uid, "2.25." + str(int.from_bytes(derive("uid", uid)[:16], "big")), sep="|")
