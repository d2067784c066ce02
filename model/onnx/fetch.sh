#!/bin/sh
# fetch.sh [DIR]: puts ONNX Runtime's shared library, its licence and notices
# into DIR (default build/onnxruntime), from the wheel that requirements.txt
# pins. Needs python3 with pip, nothing else; does nothing when DIR already
# holds what is pinned. PYTHON names another interpreter.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-build/onnxruntime}
python=${PYTHON:-python3}
requirements=$here/requirements.txt

die() {
	echo "onnxruntime: $*" >&2
	exit 1
}

version=$(sed -n 's/^onnxruntime==\([0-9.]*\).*/\1/p' "$requirements")
sha256=$(sed -n 's/.*--hash=sha256:\([0-9a-f]\{64\}\).*/\1/p' "$requirements")
[ -n "$version" ] && [ -n "$sha256" ] || die "requirements.txt pins no version and sha256"

library=$dir/libonnxruntime.so.$version
if [ -f "$library" ] && [ "$(cat "$dir/WHEEL_SHA256" 2>/dev/null)" = "$sha256" ]; then
	exit 0
fi

platform="$(uname -s) $(uname -m)"
[ "$platform" = "Linux x86_64" ] || die "the pinned wheel is for Linux x86_64, and this is $platform.
  Take libonnxruntime $version for it from ONNX Runtime's own releases or from its onnxruntime==$version wheel
  (onnxruntime/capi/libonnxruntime.*), and name it in the variable CTCOHORT_ONNXRUNTIME."
"$python" -m pip --version >/dev/null 2>&1 || die "$python with pip is needed to fetch the pinned wheel.
  Install them (on Debian: python3 python3-pip), or set PYTHON to an interpreter that has pip."

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$(dirname "$dir")/.onnxruntime.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

echo "onnxruntime: fetching onnxruntime==$version through pip" >&2
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
	--only-binary :all: --implementation cp --python-version 3.11 --abi cp311 \
	--platform manylinux_2_28_x86_64 \
	--requirement "$requirements" --dest "$work/wheel" >&2 ||
	die "pip could not bring onnxruntime==$version with the pinned sha256 (its message is above)"

"$python" - "$work" "$sha256" <<'PYTHON' || die "the wheel could not be unpacked"
import glob, hashlib, os, shutil, sys, zipfile

work, pinned = sys.argv[1:]
(wheel,) = glob.glob(os.path.join(work, "wheel", "*.whl"))
with open(wheel, "rb") as f:
    found = hashlib.sha256(f.read()).hexdigest()
if found != pinned:
    sys.exit(f"onnxruntime: the wheel's sha256 is {found}, pinned is {pinned}")
out = os.path.join(work, "out")
os.mkdir(out)
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        base = os.path.basename(name)
        if (name.startswith("onnxruntime/capi/") and base.startswith("libonnxruntime")) or name in (
            "onnxruntime/LICENSE",
            "onnxruntime/ThirdPartyNotices.txt",
        ):
            with archive.open(name) as src, open(os.path.join(out, base), "wb") as dst:
                shutil.copyfileobj(src, dst)
with open(os.path.join(out, "WHEEL_SHA256"), "w") as f:
    f.write(pinned + "\n")
PYTHON

[ -f "$work/out/libonnxruntime.so.$version" ] || die "the wheel holds no libonnxruntime.so.$version"
mkdir -p "$dir"
rm -f "$dir"/WHEEL_SHA256 "$dir"/libonnxruntime*.so*
mv "$work"/out/libonnxruntime* "$work"/out/LICENSE "$work"/out/ThirdPartyNotices.txt "$dir"
mv "$work"/out/WHEEL_SHA256 "$dir" # last: it says that the rest is there
echo "onnxruntime: $library" >&2
