#!/usr/bin/env bash
# Trains the networks of the paper's Table I on phantoms, each at an eighth of its
# authors' width and all by configs/train-demo.yaml, one a core, and exports them
# into train/models. Interrupted, it goes on where it was. `make demo-models` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=build/demo-models
mkdir -p "$work"
train/phantom_patches.sh "$work"

while read -r network width; do
  echo "$work train/models ${network}_w${width}_demo network=$network width=$width"
done <<< 'covid_segnet 8
unetpp 4
unet 8
vnet 2
fcn 8' | xargs -P "$(nproc)" -L 1 train/train_and_export.sh
