#!/bin/bash
# Builds the package, installs it into a virtual environment and tests it there; ends with "N passed, N failed".
#   tools/run_python_tests.sh VENV TESTS [VENV_OPTION...]
# TESTS/requirements.txt says what else goes into the environment; options such as --system-site-packages are for it.
# PYTHON names the interpreter. A skipped test counts as failed.
set -u
cd "$(dirname "$0")/.."

venv=${1:?usage: run_python_tests.sh VENV TESTS [VENV_OPTION...]}
tests=$2
requirements=$tests/requirements.txt
shift 2
pip="$venv/bin/python -m pip --disable-pip-version-check --quiet"

prepare() {
  # A new environment when what it should hold has changed.
  if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    rm -rf "$venv"
    "${PYTHON:-python3}" -m venv "$@" "$venv" && $pip install -r "$requirements" && cp "$requirements" "$venv/requirements.txt" || return 1
  fi
  $pip install --no-build-isolation --no-deps --force-reinstall .
}

if ! prepare "$@"; then
  echo "0 passed, 1 failed"
  exit 1
fi
"$venv/bin/python" -m pytest "$tests" --junitxml="$venv/results.xml"
status=$?
read -r passed failed < <(python3 - "$venv/results.xml" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree
suites = tree.parse(sys.argv[1]).getroot().iter("testsuite")
cases = [case for suite in suites for case in suite.iter("testcase")]
bad = sum(len(case) > 0 and any(child.tag in ("failure", "error", "skipped") for child in case) for case in cases)
print(len(cases) - bad, bad)
PYTHON
) || { passed=0 failed=1; }
[ $status -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
