#!/bin/sh
# Runs clang-tidy with the flags of the build over the sources that are named.
set -eu
status=0
for source in "$@"; do
  case $source in *.cpp) ;; *) continue ;; esac
  echo "  TIDY   $source"
  clang-tidy --quiet "$source" -- -std=c++20 -I. -Ishim/include -D_GNU_SOURCE -DSPDLOG_COMPILED_LIB \
    -DSPDLOG_FMT_EXTERNAL 2>/dev/null || status=1
done
exit $status
