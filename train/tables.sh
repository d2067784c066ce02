#!/usr/bin/env bash
# The paper's Tables I and II on phantoms: trains the rows of the ablation, takes
# test patients that no network was trained on through the pipeline with the
# committed models and with the rows, and writes docs/tables.md. `make tables` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=build/tables
rows=(unet4 unet4_cab unet4_ceb unet4_psb unet4_fv unet4_aspp unet4_resaspp unet4_paspp covid_segnet)
mkdir -p "$work" build/demo-models
train/phantom_patches.sh build/demo-models

# A sixteenth of the paper's width, smaller crops, fewer steps, and no augmentation, as in the paper.
for network in "${rows[@]}"; do
  echo "$work $work/models ${network}_w4_ablation network=$network width=4 patch_size=[48,48,32] augmentation={}" \
    "steps=600 validation.every_steps=600"
done | xargs -P "$(nproc)" -L 1 train/train_and_export.sh

if ! test -e "$work/archive/.complete"; then
  rm -rf "$work/archive"
  build/ctcohort phantom --out "$work/archive/china" --cohort china --patients 14 --seed 2000 --size 128 --no-bad
  build/ctcohort phantom --out "$work/archive/germany" --cohort germany --patients 6 --seed 2000 --size 128 --no-bad
  (umask 077 && printf 'phantoms have no secrets to keep: %032d\n' 0 > "$work/key")
  touch "$work/archive/.complete"
fi
table() {
  out=$1 config=$2 && shift 2
  build/ctcohort run --config "$config" --out "$work/$out" $(printf -- '--model %s ' "$@") || test $? -eq 3
}
table one configs/tables.yaml $(printf 'train/models/%s_demo.onnx ' covid_segnet_w8 fcn_w8 unet_w8 vnet_w2 unetpp_w4)
table two configs/tables-ablation.yaml $(printf "$work/models/%s_w4_ablation.onnx " "${rows[@]}")
build/venv/bin/python -m train.tables --one "$work/one" --two "$work/two" --out docs/tables.md
