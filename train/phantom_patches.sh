#!/usr/bin/env bash
# Makes the training patches of the demo's models, from nothing but phantoms,
# unless they are there: train/phantom_patches.sh WORK writes WORK/data/patches.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$1
test ! -e "$work/data/.complete" || exit 0

# ctcohort ends with status 3 where it rejected input.
stage() { build/ctcohort "$@" || test $? -eq 3; }

rm -rf "$work/data" && mkdir -p "$work/data/patches"
(umask 077 && printf 'phantoms have no secrets to keep: %032d\n' 0 > "$work/key")
for cohort in china germany; do
  rm -rf "${work:?}/archive" "${work:?}/$cohort"
  build/ctcohort phantom --out "$work/archive/$cohort" --cohort $cohort --patients 90 --seed 1000 --size 128 --no-bad
  stage anonymise --in "$work/archive/$cohort" --out "$work/$cohort" --key-file "$work/key" --cohort $cohort
  stage resample --in "$work/$cohort" --spacing 3,3,3
  stage split --in "$work/$cohort" --train 90 --test 0
  stage tile --in "$work/$cohort" --size 80,80,64 --patches 12 --foreground 0.67
  mv "$work/$cohort/patches/cohort=$cohort" "$work/data/patches/"
  rm -rf "${work:?}/archive" "${work:?}/$cohort"
done
touch "$work/data/.complete"
