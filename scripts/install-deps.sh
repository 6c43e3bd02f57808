#!/bin/sh
# Installs the Debian packages that building, testing and benchmarking need; says nothing when none is missing.
#
# One list for everybody: developers, CI and the one who tries it for five minutes. What is large and only some tests
# need is named by whoever runs them.
#
# usage: install-deps.sh [PACKAGE...]
set -eu

packages="
  g++ clang libclang-rt-14-dev libomp-14-dev make pkg-config binutils dpkg-dev
  libcurl4-openssl-dev libspdlog-dev libfmt-dev libdw-dev libelf-dev rapidjson-dev libcli11-dev
  libprotozero-dev libzstd-dev
  catch2 libunwind-dev libssl-dev openssl zlib1g-dev libboost-context-dev libboost-fiber-dev
  libuv1-dev libglib2.0-dev libtbb-dev librabbitmq-dev
  librdkafka-dev python3-confluent-kafka
  curl libcurl3-gnutls nghttp2-server python3 python3-pycurl php-cli php-curl git cmake libcurlpp-dev
  uftrace lttng-tools liblttng-ust-dev
"
if [ $# -gt 0 ]; then packages="$*"; fi

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "missing packages:$missing" >&2
  echo "This script knows apt only. Install these (or what your system calls them) and run make again." >&2
  exit 1
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "missing packages:$missing" >&2
    echo "Run as root: apt-get install$missing" >&2
    exit 1
  fi
  as_root=sudo
fi

echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A package list that is days old names files that are gone, so it is read anew before anything is installed.
if ! { $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
# A package that cannot stand beside one of these had to go.
sed -n 's/^Removing \([^ ]*\).*/removed: \1/p' "$log"
