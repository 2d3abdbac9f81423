#!/bin/bash
# Makes the site of the documentation in BUILD/site, with MkDocs in a virtual environment of its own.
#   tools/make_site.sh BUILD VENV
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:?usage: make_site.sh BUILD VENV}
venv=${2:?usage: make_site.sh BUILD VENV}
requirements=tools/site_requirements.txt

if ! cmp -s "$requirements" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check --quiet install -r "$requirements"
  cp "$requirements" "$venv/requirements.txt"
fi
export LEAVEN_BUILD=$build NO_MKDOCS_2_WARNING=1
"$venv/bin/mkdocs" build --quiet --strict --site-dir "$build/site"
echo "docs: $build/site/index.html"
