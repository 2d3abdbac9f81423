#!/bin/bash
# The demo: draws a small dataset, makes a larger one of it, explains one result, and says where all of it lies.
#   tools/demo.sh BUILD FOLDER
set -euo pipefail

build=${1:?usage: demo.sh BUILD FOLDER}
folder=${2:?usage: demo.sh BUILD FOLDER}

# Shows a command as a person would type it, then runs it.
run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

rm -rf "$folder/shapes"
run "$build/tools/draw_shapes" "$folder/shapes"
run "$build/leaven" augment "$folder/shapes" -o "$folder/out" --times 4 --overwrite

result=$(find "$folder/out" -mindepth 2 -name '*_aug1.*' | LC_ALL=C sort | head -n 1)
if [ -z "$result" ]; then
  echo "demo: no augmented picture in $folder/out" >&2
  exit 1
fi
run "$build/leaven" explain "$result" -o "$folder/explain.html"

cat <<END

The dataset as drawn     $folder/shapes
The larger dataset       $folder/out
What was done to it      $folder/out/leaven.report.html
One picture explained    $folder/explain.html
END
