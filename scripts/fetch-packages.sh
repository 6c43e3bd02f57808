#!/bin/sh
# Lays what Debian packages hold into a directory, for tests: nothing is installed, configured or started.
#
# usage: fetch-packages.sh DIRECTORY PACKAGE...   (DIRECTORY does not exist yet; exists when all is there)
set -eu
target=$1
shift

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/files"
log=$work/log

download() { # arguments of apt-get
  (cd "$work/files" && apt-get "$@") >>"$log" 2>&1
}

# A package list that is old names files that are gone; one of our own needs no root.
own_lists() {
  apt-get -o Dir::State::Lists="$work/lists" update >>"$log" 2>&1 &&
    download -o Dir::State::Lists="$work/lists" download "$@"
}

if ! download download "$@" && ! own_lists "$@"; then
  cat "$log" >&2
  exit 1
fi
for file in "$work"/files/*.deb; do dpkg-deb -x "$file" "$work/root"; done
mv "$work/root" "$target"
