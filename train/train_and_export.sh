#!/usr/bin/env bash
# Trains one model on the phantoms' patches by configs/train-demo.yaml and exports it:
# train/train_and_export.sh WORK FOLDER NAME KEY=VALUE... keeps the run in WORK/NAME and
# writes FOLDER/NAME.onnx. A run that was interrupted, or is done, is taken up.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$1 folder=$2 name=$3
shift 3
build/venv/bin/python -m train.train --config configs/train-demo.yaml --data build/demo-models/data --out "$work/$name" \
  --set "name=$name" "${@/#/--set=}" 2> "$work/$name.log" || { tail -n 3 "$work/$name.log" >&2; exit 1; }
build/venv/bin/python -m train.export --checkpoint "$work/$name/checkpoint.pt" --out "$folder/$name.onnx"
