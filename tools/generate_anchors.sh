#!/bin/bash
# Fits, checks and samples what docs/generate.md has measured, and fails when a figure lies elsewhere. For developers; no part
# of `make test`.
#   tools/generate_anchors.sh BUILD OUT       needs LEAVEN_DATA with table/adult.csv, table/mammography.csv, mnist_train10k/
#                                             and timeseries/CBF/
set -euo pipefail

build=${1:?usage: generate_anchors.sh BUILD OUT}
out=${2:?usage: generate_anchors.sh BUILD OUT}
data=${LEAVEN_DATA:-../shared/data}
for needed in table/adult.csv table/mammography.csv mnist_train10k timeseries/CBF/CBF_TEST.tsv; do
  if [ ! -e "$data/$needed" ]; then
    echo "generate_anchors: no $data/$needed; set LEAVEN_DATA" >&2
    exit 3
  fi
done
source_dir=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"
failed=0

# A condition on the scores of a verdict, in Python.
holds() {
  local name=$1 folder=$2 condition=$3
  python3 - "$folder/leaven.gate.json" "$name" "$condition" <<'PY' || failed=1
import json, sys
path, name, condition = sys.argv[1:]
gate = json.load(open(path))
good = eval(condition, {"gate": gate, "s": gate["scores"]})
print(f"{'ok    ' if good else 'FAILED'} {name:<44} {condition}: {json.dumps(gate['scores'])}")
sys.exit(0 if good else 1)
PY
}

# The gate's own answer is a figure like others.
check() {
  local code=0
  "$build/leaven" generate check "$@" || code=$?
  case $code in
    0 | 12) ;;
    *) exit "$code" ;;
  esac
}

"$build/leaven" generate fit --data "$data/table/adult.csv" --target income -o "$out/adult"
"$build/leaven" generate sample "$out/adult" --rows 1000000 -o "$out/adult_rows" --overwrite
check "$out/adult" --data "$data/table/adult.csv"
holds "Adult, copula" "$out/adult" "gate['verdict'] == 'accepted' and s['macro_f1_on_new_alone'] >= 0.955 * s['macro_f1_on_real']"

"$build/leaven" generate fit --data "$data/table/adult.csv" --target income --kind tvae -o "$out/adult_tvae"
check "$out/adult_tvae" --data "$data/table/adult.csv"
holds "Adult, TVAE" "$out/adult_tvae" "s['macro_f1_on_new_alone'] >= 0.955 * s['macro_f1_on_real'] and s['copies'] == 0"

"$build/leaven" generate fit --data "$data/table/mammography.csv" --target column_7 -o "$out/mammography"
check "$out/mammography" --data "$data/table/mammography.csv"
holds "mammography, copula" "$out/mammography" "gate['verdict'] == 'refused'"

for seed in 0 1 2 3 4; do
  "$build/leaven" generate fit --data "$data/mnist_train10k" --per-class 10 --recipe "$source_dir/examples/handwriting.yaml" --seed $seed -o "$out/n10_$seed" --quiet
  check "$out/n10_$seed" --data "$data/mnist_train10k" --steps 800 --seeds $((seed == 0 ? 6 : 2))
  holds "MNIST, 10 a class, seed $seed" "$out/n10_$seed" "s['accuracy_on_new_alone'] >= 60"
done
python3 - "$out" <<'PY' || failed=1
import json, statistics, sys
scores = [json.load(open(f"{sys.argv[1]}/n10_{seed}/leaven.gate.json"))["scores"]["accuracy_on_new_alone"] for seed in range(5)]
good = statistics.mean(scores) >= 67
print(f"{'ok    ' if good else 'FAILED'} MNIST, 10 a class, trained on new ones alone: {statistics.mean(scores):.2f} ± {statistics.stdev(scores):.2f}")
sys.exit(0 if good else 1)
PY

# kind, least accuracy of a classifier that saw its new digits alone
for one in "flow 90" "gan 87"; do
  read -r kind least <<<"$one"
  "$build/leaven" generate fit --data "$data/mnist_train10k" --per-class 500 --kind "$kind" -o "$out/$kind"
  check "$out/$kind" --data "$data/mnist_train10k" --steps 800 --seeds 2
  holds "MNIST, 500 a class, $kind" "$out/$kind" "s['accuracy_on_new_alone'] >= $least and s['nearer_train'] <= 0.55 and s['copies'] == 0"
done

# The archive's test series, under a name of no split: its training file has ten of a class.
cp -f "$data/timeseries/CBF/CBF_TEST.tsv" "$out/CBF.tsv"
for kind in series_vae block_bootstrap; do
  "$build/leaven" generate fit --data "$out/CBF.tsv" --per-class 100 --kind $kind -o "$out/cbf_$kind"
  check "$out/cbf_$kind" --data "$out/CBF.tsv"
  holds "CBF, 100 a class, $kind" "$out/cbf_$kind" "s['accuracy_on_new_alone'] >= 95 and s['copies'] == 0"
done

# What a rare class gains, whatever it is.
if [ -x "$build/bench/bench_rare_class" ]; then
  "$build/bench/bench_rare_class" table "$data/table/mammography.csv" column_7 "'1'" copula,bootstrap,tvae:2000,ctgan:1000 6 | tee "$out/mammography.txt"
  if [ -e "$data/cifar10_jpeg_small.tar.gz" ]; then
    [ -d "$out/cifar10" ] || tar -xzf "$data/cifar10_jpeg_small.tar.gz" -C "$out"
    "$build/bench/bench_rare_class" pictures "$out/cifar10/train" "$out/cifar10/test" cat 20 cvae:1500,deep_smote:400 6 | tee "$out/cifar.txt"
  else
    echo "left out: CIFAR-10 with a rare class needs $data/cifar10_jpeg_small.tar.gz"
  fi
else
  echo "left out: what a rare class gains; ninja -C $build bench_rare_class makes the program"
fi
exit $failed

