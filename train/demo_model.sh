#!/usr/bin/env bash
# Trains the demo's model from nothing but phantoms: makes them, takes them
# through the pipeline, trains, and exports. `make demo-model` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=build/demo-model
python=build/venv/bin/python
config=configs/train-demo.yaml

# ctcohort ends with status 3 where it rejected input.
stage() { build/ctcohort "$@" || test $? -eq 3; }

rm -rf "$work" && mkdir -p "$work"
(umask 077 && printf 'phantoms have no secrets to keep: %032d\n' 0 > "$work/key")
for cohort in china germany; do
  build/ctcohort phantom --out "$work/archive/$cohort" --cohort $cohort --patients 44 --seed 1000 --size 128 --no-bad
  stage anonymise --in "$work/archive/$cohort" --out "$work/$cohort" --key-file "$work/key" --cohort $cohort
  stage resample --in "$work/$cohort" --spacing 3,3,3
  stage split --in "$work/$cohort" --train 44 --test 0
  stage tile --in "$work/$cohort" --size 80,80,64 --patches 12 --foreground 0.67
  mkdir -p "$work/data/patches"
  mv "$work/$cohort/patches/cohort=$cohort" "$work/data/patches/"
  rm -rf "$work/archive/$cohort"
done
$python -m train.train --config "$config" --data "$work/data" --out "$work/train"
$python -m train.export --checkpoint "$work/train/checkpoint.pt" --out train/models/covid_segnet_w8_demo.onnx
