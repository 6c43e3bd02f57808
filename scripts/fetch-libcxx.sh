#!/bin/sh
# Lays LLVM's C++ library, headers and all, into a directory: for test programs that are built with it.
#
# It is not installed: its development package wants LLVM's libunwind, which cannot be installed together with
# the libunwind that the unit tests ask.
#
# usage: fetch-libcxx.sh DIRECTORY     (does not exist yet; exists when all of it is there)
set -eu
packages="libc++-14-dev libc++abi-14-dev libunwind-14-dev libc++1-14 libc++abi1-14 libunwind-14"
target=$1

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/files"
log=$work/log

download() { # options of apt-get
  (cd "$work/files" && apt-get "$@" download $packages) >>"$log" 2>&1
}

# A package list that is old names files that are gone; one of our own needs no root.
own_lists() {
  apt-get -o Dir::State::Lists="$work/lists" update >>"$log" 2>&1 && download -o Dir::State::Lists="$work/lists"
}

if ! download && ! own_lists; then
  cat "$log" >&2
  exit 1
fi
for file in "$work"/files/*.deb; do dpkg-deb -x "$file" "$work/root"; done
mv "$work/root" "$target"
