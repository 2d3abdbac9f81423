#!/bin/bash
# Proves on MNIST and CIFAR-10 what has been measured before, and fails when a figure lies elsewhere (docs/prove.md has the table).
# For developers; no part of `make test`.
#   tools/prove_anchors.sh BUILD OUT       needs LEAVEN_DATA with mnist_train10k/ (the first 10,000 training digits as IDX) and
#                                          cifar10_jpeg_small.tar.gz (cifar10/train and cifar10/test, class folders of JPEGs)
# OUT keeps the trainings: a run that was stopped goes on.
set -euo pipefail

build=${1:?usage: prove_anchors.sh BUILD OUT}
out=${2:?usage: prove_anchors.sh BUILD OUT}
data=${LEAVEN_DATA:-../shared/data}/mnist_train10k
if [ ! -d "$data" ]; then
  echo "prove_anchors: no $data; set LEAVEN_DATA" >&2
  exit 3
fi
source_dir=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"
failed=0
steps=800

# name, words of the verdict that must come out, least and greatest mean difference, arguments
anchor() {
  local name=$1 word=$2 least=$3 most=$4
  shift 4
  local begin=$SECONDS code=0
  "$build/leaven" prove "$@" --data "$data" --test 50% --steps "$steps" --seeds 6 --no-converged --no-robustness \
    --budget none -o "$out/$name" --quiet || code=$?
  case $code in
    0 | 10 | 11) ;;
    *) exit "$code" ;;
  esac
  python3 - "$out/$name/leaven.proof.json" "$name" "$word" "$least" "$most" $((SECONDS - begin)) <<'PY' || failed=1
import json, sys
path, name, word, least, most, seconds = sys.argv[1:]
proof = json.load(open(path))
primary = proof["primary"]
good = proof["verdict"] == word and float(least) <= primary["mean"] <= float(most)
# dup is no recipe: it must not be helpful beyond what none, the same pictures in another order, is.
repeats = [c for c in proof["comparisons"] if c["arm"] == "none" and c["metric"] == "accuracy"]
same = all(c["p_adjusted"] > 0.05 for c in repeats)
low, high = primary["interval"]
print(f"{'ok    ' if good and same else 'FAILED'} {name:<22} {proof['verdict']:<12} {primary['mean']:+6.2f} [{low:+.2f}, {high:+.2f}]"
      f"  none - dup {repeats[0]['verdict']['mean']:+.2f}  {proof['facts']['cpu_seconds']:.0f} s of computing, {seconds} s by the clock")
sys.exit(0 if good and same else 1)
PY
}

affine=$source_dir/examples/handwriting.yaml
cat >"$out/mirrored.yaml" <<'YAML'
leaven: 1
steps:
  - horizontal_flip: {p: 0.5}
  - rotate90: {times: 2, p: 0.5}
YAML

anchor n10 helps 6.75 9.75 "$affine" --per-class 10 --learner plain_conv_net
anchor n20 helps 3.36 6.36 "$affine" --per-class 20 --learner plain_conv_net
anchor n50 helps 0.47 3.47 "$affine" --per-class 50 --learner plain_conv_net
anchor n50_conv_net helps 0.3 4 "$affine" --per-class 50
cat >"$out/smote.yaml" <<'YAML'
leaven: 1
steps: [smote_pixels]
YAML
anchor n50_smote_pixels harmful -2.5 -0.2 "$out/smote.yaml" --per-class 50 --learner plain_conv_net
anchor n50_mirrored harmful -30 -5 "$out/mirrored.yaml" --per-class 50

# Small photos, with a test split of their own.
photos=$data/../cifar10_jpeg_small.tar.gz
if [ -f "$photos" ]; then
  [ -d "$out/cifar10" ] || tar -xzf "$photos" -C "$out"
  cat >"$out/photos.yaml" <<'YAML'
leaven: 1
steps:
  - horizontal_flip: {p: 0.5}
  - affine: {degrees: {uniform: [-10, 10]}, scale: {uniform: [0.85, 1.15]}, translate_x: {uniform: [-0.125, 0.125]}, translate_y: {uniform: [-0.125, 0.125]}, border: reflect}
  - brightness: {by: {uniform: [0.8, 1.2]}}
  - contrast: {by: {uniform: [0.8, 1.2]}}
YAML
  digits=$data data=$out/cifar10 steps=2400
  anchor cifar_n50 helps 1.8 6 "$out/photos.yaml" --per-class 50
  data=$digits steps=800
else
  echo "left out: cifar_n50 needs $photos"
fi

# The same recipe twice: in a sequence its steps have other places, so other draws of the same laws. In how many of 200 proofs
# does the interval call one of both better? 5 % are what it promises, 18 the most that chance explains.
cat >"$out/once.yaml" <<'YAML'
leaven: 1
steps: [rotate: {degrees: {uniform: [-15, 15]}}]
YAML
cat >"$out/again.yaml" <<'YAML'
leaven: 1
steps: [sequence: {steps: [rotate: {degrees: {uniform: [-15, 15]}}]}]
YAML
for number in $(seq 1 200); do
  [ -f "$out/equal_arms/$number/leaven.proof.json" ] && continue
  code=0
  "$build/leaven" prove "$out/once.yaml" --data "$data" --test 20% --per-class 10 --learner linear --steps 60 --seeds 6 --seed $((1000 * number)) \
    --against "$out/again.yaml" --no-converged --no-robustness --budget none -o "$out/equal_arms/$number" --quiet || code=$?
  case $code in
    0 | 10 | 11) ;;
    *) exit "$code" ;;
  esac
done
python3 - "$out"/equal_arms/*/leaven.proof.json <<'PY' || failed=1
import json, math, statistics, sys
STUDENT = 2.570581835636314  # of five degrees of freedom, two-sided 95 %
called = 0
for path in sys.argv[1:]:
    accuracy = {(t["arm"], t["seed"]): t["metrics"]["accuracy"] for t in json.load(open(path))["trials"]}
    gains = [accuracy["once", seed] - accuracy["again", seed] for seed in range(6)]
    called += abs(statistics.mean(gains)) > STUDENT * statistics.stdev(gains) / math.sqrt(6)
count = len(sys.argv) - 1
print(f"{'ok    ' if count == 200 and called <= 18 else 'FAILED'} the same recipe twice: {called} of {count} proofs call one of both better (at most 18)")
sys.exit(0 if count == 200 and called <= 18 else 1)
PY
exit $failed
