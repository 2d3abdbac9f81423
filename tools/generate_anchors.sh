#!/bin/bash
# Fits, checks and samples what docs/generate.md has measured, and fails when a figure lies elsewhere. For developers; no part
# of `make test`. Cheap rows come first; a row that is done lies in OUT/rows and is shown again, so what was stopped goes on (another OUT
# measures anew).
#   tools/generate_anchors.sh BUILD OUT       needs LEAVEN_DATA with table/adult.csv, table/mammography.csv, mnist_train10k/,
#                                             timeseries/CBF/ and cifar10_jpeg_small.tar.gz, and BUILD's bench_new_rows, bench_new_numbers and
#                                             bench_rare_class
set -euo pipefail

build=${1:?usage: generate_anchors.sh BUILD OUT}
out=${2:?usage: generate_anchors.sh BUILD OUT}
data=${LEAVEN_DATA:-../shared/data}
for needed in table/adult.csv table/mammography.csv mnist_train10k timeseries/CBF/CBF_TEST.tsv cifar10_jpeg_small.tar.gz; do
  if [ ! -e "$data/$needed" ]; then
    echo "generate_anchors: no $data/$needed; set LEAVEN_DATA" >&2
    exit 3
  fi
done
for program in leaven bench/bench_new_rows bench/bench_new_numbers bench/bench_rare_class; do
  if [ ! -x "$build/$program" ]; then
    echo "generate_anchors: no $build/$program; cmake --build $build --target bench_new_rows bench_new_numbers bench_rare_class makes those of bench" >&2
    exit 3
  fi
done
source_dir=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out/rows"
export OMP_NUM_THREADS=1
failed=0
TIMEFORMAT='%U s of processor time'

# row NAME COMMAND…: what the command prints is the row; what it tells besides lies in NAME.log.
row() {
  local name=$1
  shift
  local file=$out/rows/$name.txt
  if [ ! -e "$file" ]; then
    # Not `if ( … )`: that would have bash go on after errors inside.
    set +e
    (
      set -e
      time "$@" 2>"$out/rows/$name.log"
    ) &>"$file.part"
    local code=$?
    set -e
    if [ $code -ne 0 ]; then
      echo "FAILED $name ($code), see $out/rows/$name.log"
      cat "$file.part"
      failed=1
      return
    fi
    mv "$file.part" "$file"
  fi
  echo "== $name"
  cat "$file"
}

fit() { "$build/leaven" generate fit "$@" --overwrite >&2; }
# The gate's own answer is a figure like others.
check() {
  local code=0
  "$build/leaven" generate check "$@" >&2 || code=$?
  case $code in
    0 | 12) ;;
    *) return "$code" ;;
  esac
}
# A condition on the scores of a verdict, in Python.
holds() {
  python3 - "$1/leaven.gate.json" "$2" <<'PY'
import json, sys
path, condition = sys.argv[1:]
gate = json.load(open(path))
good = eval(condition, {"gate": gate, "s": gate["scores"]})
print(f"{'ok    ' if good else 'FAILED'} {condition}: {gate['verdict']} {json.dumps(gate['scores'])}")
sys.exit(0 if good else 1)
PY
}

adult() { # KIND CONDITION
  fit --data "$data/table/adult.csv" --target income --kind "$1" -o "$out/adult_$1"
  check "$out/adult_$1" --data "$data/table/adult.csv"
  holds "$out/adult_$1" "$2"
}
million_rows() { "$build/leaven" generate sample "$out/adult_copula" --rows 1000000 -o "$out/adult_rows" --overwrite; }
mammography() {
  fit --data "$data/table/mammography.csv" --target column_7 -o "$out/mammography"
  check "$out/mammography" --data "$data/table/mammography.csv"
  holds "$out/mammography" "gate['verdict'] == 'refused'"
}
# What XGBoost learns from new rows alone, as a share of what it learns from real ones.
xgboost() {
  "$build/bench/bench_new_rows" "$data/table/adult.csv" income copula,smote,tvae 3 | tee "$out/rows/xgboost.table"
  awk -F'|' '/`copula`/ && $4 < 0.955 || /`smote`/ && $4 < 0.97 { print "FAILED" $0; bad = 1 } END { exit bad }' "$out/rows/xgboost.table"
}
# One column of numbers at a time: the gate refuses neither the copula nor wgan, and the copula lies nearer to held-out numbers.
numbers() { # FILE COLUMNS KINDS SEEDS ROWS
  "$build/bench/bench_new_numbers" "$data/table/$1" "$2" "$3" "$4" "$5" | tee "$out/rows/numbers_$5.table"
  awk -F'|' '/`copula`|`wgan`/ && ($8 + 0 > 0 || $5 > 0.2) { print "FAILED" $0; bad = 1 } END { exit bad }' "$out/rows/numbers_$5.table"
}
# The archive's test series, under a name of no split: its training file has ten of a class.
cbf() { # KIND
  cp -f "$data/timeseries/CBF/CBF_TEST.tsv" "$out/CBF.tsv"
  fit --data "$out/CBF.tsv" --per-class 100 --kind "$1" -o "$out/cbf_$1"
  check "$out/cbf_$1" --data "$out/CBF.tsv"
  holds "$out/cbf_$1" "s['accuracy_on_new_alone'] >= 95 and s['copies'] == 0"
}
few_digits() { # SEED
  fit --data "$data/mnist_train10k" --per-class 10 --recipe "$source_dir/examples/handwriting.yaml" --seed "$1" -o "$out/n10_$1"
  check "$out/n10_$1" --data "$data/mnist_train10k" --steps 800 --seeds $(($1 == 0 ? 6 : 2))
  holds "$out/n10_$1" "s['accuracy_on_new_alone'] >= 60 and gate['verdict'] == 'refused'"
}
few_digits_together() {
  python3 - "$out" <<'PY'
import json, statistics, sys
scores = [json.load(open(f"{sys.argv[1]}/n10_{seed}/leaven.gate.json"))["scores"]["accuracy_on_new_alone"] for seed in range(5)]
good = statistics.mean(scores) >= 67
print(f"{'ok    ' if good else 'FAILED'} MNIST, 10 a class, trained on new ones alone: {statistics.mean(scores):.2f} ± {statistics.stdev(scores):.2f}")
sys.exit(0 if good else 1)
PY
}
digits() { # KIND LEAST [FLAGS]: the least accuracy of a classifier that saw its new digits alone
  local kind=$1 least=$2
  shift 2
  fit --data "$data/mnist_train10k" --per-class 500 --kind "$kind" "$@" -o "$out/$kind"
  check "$out/$kind" --data "$data/mnist_train10k" --steps 800 --seeds 2
  holds "$out/$kind" "s['accuracy_on_new_alone'] >= $least and s['nearer_train'] <= 0.55 and s['copies'] == 0"
}
# The same generator with more and less of what its classes add.
guided_digits() {
  fit --data "$data/mnist_train10k" --per-class 500 --kind flow --guidance 2 --steps 2000 -o "$out/flow_guided"
  for guidance in 1 2 3; do
    check "$out/flow_guided" --data "$data/mnist_train10k" --steps 800 --seeds 2 --guidance $guidance
    echo "guidance $guidance"
    holds "$out/flow_guided" "s['nearer_train'] <= 0.55 and s['copies'] == 0"
  done
}
# What a rare class gains, whatever it is.
rare_rows() { "$build/bench/bench_rare_class" table "$data/table/mammography.csv" column_7 "'1'" copula,bootstrap,tvae:2000,ctgan:1000 6; }
rare_pictures() {
  [ -d "$out/cifar10" ] || tar -xzf "$data/cifar10_jpeg_small.tar.gz" -C "$out"
  "$build/bench/bench_rare_class" pictures "$out/cifar10/train" "$out/cifar10/test" cat 20 cvae:1500,conv_cvae:600,deep_smote:400 6
}

row adult_copula adult copula "gate['verdict'] == 'accepted' and s['macro_f1_on_new_alone'] >= 0.955 * s['macro_f1_on_real']"
row million_rows million_rows
row mammography mammography
row numbers_few numbers adult.csv fnlwgt copula,bootstrap,wgan 5 300
row numbers numbers adult.csv fnlwgt,age,hours-per-week copula,bootstrap,ctgan,wgan 3 10000
row cbf_block_bootstrap cbf block_bootstrap
row cbf_series_vae cbf series_vae
row adult_tvae adult tvae "s['macro_f1_on_new_alone'] >= 0.955 * s['macro_f1_on_real'] and s['copies'] == 0"
row xgboost xgboost
row rare_rows rare_rows
for seed in 0 1 2 3 4; do row few_digits_$seed few_digits $seed; done
row few_digits_together few_digits_together
row gan_r1 digits gan_r1 72 --steps 1000
row wgan_gp digits wgan_gp 78
row flow_guided guided_digits
row gan digits gan 87
row flow digits flow 90
row rare_pictures rare_pictures
exit $failed
