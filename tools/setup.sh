#!/bin/sh
# Installs the Debian packages of the named groups (tools/packages.txt) that are missing; `build` when none is named.
# As root it runs apt-get itself; as anybody else it prints the command and fails.
set -eu

list=$(dirname "$0")/packages.txt
[ $# -gt 0 ] || set -- build

wanted=
for group in "$@"; do
  members=$(awk -v group="$group" '$1 == group { print $2 }' "$list")
  if [ -z "$members" ]; then
    echo "setup: no group '$group' in $list" >&2
    exit 2
  fi
  wanted="$wanted $members"
done

if ! command -v dpkg-query >/dev/null; then
  echo "setup: not a Debian system, nothing was installed; the build needs what these packages hold:" $wanted >&2
  exit 0
fi

# dpkg-query fails when it does not know one of the names, and still prints the others.
present=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | awk '$2 == "installed" { print $1 }') || true
missing=
for package in $wanted; do
  echo "$present" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "setup: these packages are missing:$missing" >&2
  echo "setup: run this as root, then try again:" >&2
  echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends $missing
