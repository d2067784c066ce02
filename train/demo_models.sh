#!/usr/bin/env bash
# Trains the networks of the paper's Table I on phantoms, each at an eighth of its
# authors' width and all by configs/train-demo.yaml, one a core, and exports them
# into train/models. Interrupted, it goes on where it was. `make demo-models` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=build/demo-models
mkdir -p "$work"
train/phantom_patches.sh "$work"

train_one() {
  network=$1 width=$2 name=$1_w$2_demo
  build/venv/bin/python -m train.train --config configs/train-demo.yaml --data "$work/data" --out "$work/$name" \
    --set "name=$name" --set "network=$network" --set "width=$width" 2> "$work/$name.log"
  build/venv/bin/python -m train.export --checkpoint "$work/$name/checkpoint.pt" --out "train/models/$name.onnx"
}
export -f train_one
export work
printf '%s\n' 'covid_segnet 8' 'unetpp 4' 'unet 8' 'vnet 2' 'fcn 8' | xargs -P "$(nproc)" -L 1 bash -ec 'train_one "$@"' -
