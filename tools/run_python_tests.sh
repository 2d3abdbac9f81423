#!/bin/bash
# Builds the package, installs it into a virtual environment and tests it there; ends with "N passed, N failed".
#   tools/run_python_tests.sh VENV TESTS[:TESTS...] [VENV_OPTION...]
# The first folder of tests has the requirements.txt that says what else goes into the environment; options such as
# --system-site-packages are for it. PYTHON names the interpreter. A skipped test counts as failed.
set -u
cd "$(dirname "$0")/.."

venv=${1:?usage: run_python_tests.sh VENV TESTS[:TESTS...] [VENV_OPTION...]}
IFS=: read -ra folders <<<"${2:?}"
requirements=${folders[0]}/requirements.txt
shift 2
pip="$venv/bin/python -m pip --disable-pip-version-check --quiet"
# The compiler by the name that `make test` has for it: what ccache keeps of that build serves this one too.
export CXX=${CXX:-c++}

prepare() {
  # A new environment when what it should hold has changed.
  if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    rm -rf "$venv"
    "${PYTHON:-python3}" -m venv "$@" "$venv" && $pip install -r "$requirements" && cp "$requirements" "$venv/requirements.txt" || return 1
  fi
  $pip install --no-build-isolation --no-deps --force-reinstall .
}

# "passed failed" of one run; one that wrote no results has failed.
count() {
  python3 - "$1" <<'PYTHON' || echo "0 1"
import sys
import xml.etree.ElementTree as tree
suites = tree.parse(sys.argv[1]).getroot().iter("testsuite")
cases = [case for suite in suites for case in suite.iter("testcase")]
bad = sum(any(child.tag in ("failure", "error", "skipped") for child in case) for case in cases)
print(len(cases) - bad, bad)
PYTHON
}

if ! prepare "$@"; then
  echo "0 passed, 1 failed"
  exit 1
fi
all_passed=0 all_failed=0
# A folder at a time: each has a conftest.py of its own.
for tests in "${folders[@]}"; do
  rm -f "$venv/results.xml"
  "$venv/bin/python" -m pytest "$tests" --junitxml="$venv/results.xml"
  status=$?
  read -r passed failed < <(count "$venv/results.xml" 2>/dev/null)
  [ $status -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
  all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed))
done
echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ] && [ "$all_passed" -gt 0 ]
