#!/bin/bash
# Runs every fuzzer of a build folder for some seconds each, one after the other, on as many cores as there are.
#   tools/run_fuzzers.sh BUILD SECONDS [NAME...]
# What a fuzzer learns stays in BUILD/corpus and is where the next run begins; an input that breaks something is left in
# BUILD/crashes, and `BUILD/fuzz/NAME FILE` runs it again. Fails when any fuzzer found something or none was there.
set -uo pipefail

build=${1:?usage: run_fuzzers.sh BUILD SECONDS [NAME...]}
seconds=${2:?usage: run_fuzzers.sh BUILD SECONDS [NAME...]}
shift 2
names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(find "$build/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -executable -printf '%f\n' | sort)

mkdir -p "$build/crashes"
"$build/fuzz/write_seeds" "$build/corpus" || exit 1
failed=0
for name in "${names[@]}"; do
  mkdir -p "$build/corpus/$name"
  if "$build/fuzz/$name" -max_total_time="$seconds" -fork="$(nproc)" -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" >"$build/$name.log" 2>&1; then
    echo "ok      $name ($(find "$build/corpus/$name" -type f | wc -l) inputs kept)"
  else
    failed=$((failed + 1))
    tail -n 60 "$build/$name.log"
    echo "FAILED  $name, log in $build/$name.log"
  fi
done
echo "$((${#names[@]} - failed)) fuzzers passed, $failed failed"
[ "$failed" -eq 0 ] && [ ${#names[@]} -gt 0 ]
