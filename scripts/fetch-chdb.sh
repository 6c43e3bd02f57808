#!/bin/sh
# Lays ClickHouse's engine as a library of Node.js (npm package chdb, half a gigabyte) into a directory, for tests:
# nothing is installed, no script of a package is run.
#
# usage: fetch-chdb.sh DIRECTORY PACKAGE@VERSION...   (DIRECTORY does not exist yet; exists when all is there)
set -eu
target=$1
shift

command -v node >/dev/null && command -v npm >/dev/null || {
  echo 'there is no node or no npm' >&2
  exit 1
}
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"

# The cache is here for the while: half a gigabyte more would stay in the user's.
npm install --prefix "$work/root" --cache "$work/cache" --no-save --no-package-lock --ignore-scripts --no-audit \
  --no-fund "$@" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  exit 1
}
mv "$work/root" "$target"
