#!/bin/bash
# Runs the test programs of a build folder, two at a time, and ends with one line: "N passed, N failed".
#   tools/run_tests.sh BUILD [NAME...]       all programs, or those named (test_io …)
# A crash, a program out of time (LEAVEN_TEST_TIMEOUT, seconds), a skipped or a disabled test each count as failed.
# Succeeds only when at least one test ran and none failed. Outputs stay in BUILD/tests/results.
set -u

build=${1:?usage: run_tests.sh BUILD [NAME...]}
shift
build=$(cd "$build" && pwd) || exit 1
results=$build/tests/results
limit=${LEAVEN_TEST_TIMEOUT:-1800}
# Nothing from the caller's shell may thin out the tests.
unset "${!GTEST_@}"

# ThreadSanitizer of this age stops at start where a newer kernel randomises addresses by more bits than it expects.
fixed_addresses=
if grep -q '^LEAVEN_SANITIZE:.*thread' "$build/CMakeCache.txt" 2>/dev/null; then
  # hnswlib takes locks of nodes in any order while a graph is built, by one thread alone; some of the thousands of reports come
  # without a stack, so that no suppression can name them. Where threads really wait for each other, the time limit tells.
  # A test forks to see that the child has threads of its own.
  export TSAN_OPTIONS="detect_deadlocks=0 die_after_fork=0 ${TSAN_OPTIONS:-}"
  if setarch -R true 2>/dev/null; then fixed_addresses="setarch -R"; fi
fi

run_one() {
  local program=$1 name
  name=$(basename "$program")
  local begin=$SECONDS status
  {
    (cd "$results" && exec timeout --kill-after=10 "$limit" $fixed_addresses "$program" --gtest_color=no \
      --gtest_output="xml:$results/$name.xml") >"$results/$name.log" 2>&1 </dev/null
    status=$?
  } 2>/dev/null # the shell's own word on a crash; show() tells it
  echo "$status" >"$results/$name.status"
  [ $status -eq 0 ] && echo "ok      $name ($((SECONDS - begin)) s)" || echo "FAILED  $name (exit $status)"
}

# "passed failed" of one program. gtest writes its XML last, so a program that died has none: then its log tells how many
# tests had passed, and the death itself is one failure.
count() {
  local name=$1 status=$2 passed failed
  if [ -s "$results/$name.xml" ]; then
    read -r passed failed < <(awk '
      /<testcase / { all++; if (/status="run" result="completed"/) ran++ }
      /<failure / && !seen[all]++ { broken++ }
      END { print ran - broken, all - (ran - broken) }' "$results/$name.xml")
    [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
    [ $((passed + failed)) -eq 0 ] && failed=1
  else
    passed=$(grep -c '\[       OK \] .*ms)$' "$results/$name.log")
    failed=$(($(grep -cE '\[  (FAILED|SKIPPED)  ?\] .*ms\)$' "$results/$name.log") + 1))
  fi
  echo "$passed $failed"
}

# What a person needs to see of a program that failed: each failed, skipped or disabled test with its messages; without
# an orderly end, the end of the log.
show() {
  local name=$1 status=$2 shown=
  echo
  case $status in
    124 | 137) echo "=== $name: out of time or killed (limit $limit s), exit $status" ;;
    *) echo "=== $name: exit $status" ;;
  esac
  if [ -s "$results/$name.xml" ]; then
    shown=$(awk '/^\[ RUN      \]/ { text = "" } { text = text $0 "\n" }
                 /\[  (FAILED|SKIPPED)  ?\].*ms\)$/ { printf "%s", text }' "$results/$name.log"
      sed -n 's/.*<testcase name="\([^"]*\)".*status="notrun".*classname="\([^"]*\)".*/disabled: \2.\1/p' \
        "$results/$name.xml")
  fi
  grep -m 1 -E -A 25 'ERROR: [A-Za-z]*Sanitizer|WARNING: ThreadSanitizer|runtime error:' "$results/$name.log"
  if [ -n "$shown" ]; then echo "$shown"; else tail -n 60 "$results/$name.log"; fi
  echo "=== all of it: $results/$name.log"
}

rm -rf "$results"
mkdir -p "$results"
programs=()
if [ -f "$build/tests/programs.txt" ]; then
  mapfile -t programs <"$build/tests/programs.txt"
fi
if [ $# -gt 0 ]; then
  programs=("${@/#/$build/tests/}")
fi

for program in "${programs[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
  run_one "$program" &
done
wait

all_passed=0
all_failed=0
for program in "${programs[@]}"; do
  name=$(basename "$program")
  status=$(cat "$results/$name.status")
  read -r passed failed < <(count "$name" "$status")
  [ "$failed" -eq 0 ] || show "$name" "$status"
  all_passed=$((all_passed + passed))
  all_failed=$((all_failed + failed))
done
[ ${#programs[@]} -gt 0 ] || echo "no test program in $build/tests"
echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ] && [ "$all_passed" -gt 0 ]
