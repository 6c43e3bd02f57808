#!/bin/sh
# Runs one fuzzer from its seeds; what it finds on the way is kept beside it, in <fuzzer>.corpus.
#
# usage: fuzz.sh FUZZER SECONDS
#
# An input that fails is left as <fuzzer>.found-<hash>: it belongs into tests/fuzz/regressions/<name>/ with the
# fix.
set -eu
fuzzer=$1
seconds=$2
name=$(basename "$fuzzer")
mkdir -p "$fuzzer.corpus"
seeds=
for directory in tests/fuzz/seeds/"$name" tests/fuzz/regressions/"$name"; do
  if [ -d "$directory" ]; then seeds="$seeds $directory"; fi
done
echo "== $name"
# shellcheck disable=SC2086
exec "$fuzzer" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=2048 -timeout=20 -verbosity=0 \
  -print_final_stats=1 -artifact_prefix="$fuzzer.found-" "$fuzzer.corpus" $seeds
