#!/bin/sh
# Sets up what bench/run.py needs (Python with venv), then runs it on the build folder named.
set -eu
here=$(dirname "$0")
"$here/../tools/setup.sh" bench
python3 "$here/table.py" "$1"
python3 "$here/series.py" "$1"
python3 "$here/python.py" "$1"
python3 "$here/prove.py" "$1"
exec python3 "$here/run.py" "$1"
