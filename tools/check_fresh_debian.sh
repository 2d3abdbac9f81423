#!/bin/bash
# Runs the two commands as a stranger would meet them: a bare Debian 12 (debootstrap's minbase with git and make added),
# a fresh clone of the committed tree, root and no sudo. Needs root. For developers; no part of `make test`.
#   tools/check_fresh_debian.sh [TARGET...]     make targets, "demo test" when none is named
# DEBIAN_MIRROR names the mirror; without it, the one of this machine's own apt sources is used. PIP_CERT, the
# certificates of a proxy that this machine goes through, holds in the bare system as well. The logs, the system (with
# KEEP=1) and the clone in it stay in FRESH_DIR, a new folder under /tmp unless it is set; where one is left there from
# before, it gets the committed tree and goes on with what it has.
set -euo pipefail

targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(demo test)
source_dir=$(cd "$(dirname "$0")/.." && pwd)
if [ "$(id -u)" -ne 0 ]; then
  echo "check_fresh_debian: needs root, for debootstrap and chroot" >&2
  exit 1
fi
"$source_dir/tools/setup.sh" fresh

mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "bookworm" && $2 == "main" { print $3; exit }')}
if [ -z "$mirror" ]; then
  echo "check_fresh_debian: no bookworm mirror in this machine's apt sources; set DEBIAN_MIRROR" >&2
  exit 1
fi

folder=${FRESH_DIR:-$(mktemp -d /tmp/leaven-fresh.XXXXXX)}
system=$folder/system
mkdir -p "$folder"

clean_up() {
  mountpoint -q "$system/proc" && umount "$system/proc"
  mountpoint -q "$system/sys" && umount "$system/sys"
  # Device nodes and all, but never across a mount that is not ours.
  [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$system"
}
trap clean_up EXIT

if [ -d "$system/root/leaven" ]; then
  echo "check_fresh_debian: the system left in $system"
  git -C "$system/root/leaven" fetch -q "$source_dir" HEAD
  git -C "$system/root/leaven" reset -q --hard FETCH_HEAD
else
  echo "check_fresh_debian: bare system in $system"
  debootstrap --variant=minbase --include=git,make bookworm "$system" "$mirror" >"$folder/debootstrap.log"
  git clone -q --no-local "$source_dir" "$system/root/leaven"
fi
# What every machine has and debootstrap leaves to the installer.
mount -t proc proc "$system/proc"
mount -t sysfs -o ro sysfs "$system/sys"
printf '127.0.0.1 localhost\n' >"$system/etc/hosts"
cp /etc/resolv.conf "$system/etc/resolv.conf"
certificates=()
if [ -n "${PIP_CERT:-}" ]; then
  cp "$PIP_CERT" "$system/root/certificates.pem"
  certificates=(PIP_CERT=/root/certificates.pem)
fi

status=0
for target in "${targets[@]}"; do
  begin=$SECONDS
  echo "check_fresh_debian: make $target"
  chroot "$system" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "${certificates[@]}" \
    make -C /root/leaven "$target" >"$folder/$target.log" 2>&1 </dev/null || status=1
  tail -n 12 "$folder/$target.log"
  echo "check_fresh_debian: make $target took $((SECONDS - begin)) s, log in $folder/$target.log"
done
exit $status
