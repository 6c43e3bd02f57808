#!/bin/sh
# Runs test binaries one after the other and closes with one line: how many cases passed and failed.
#
# usage: run-tests.sh BUILD_DIR BINARY...
set -eu
build=$1
shift
passed=0
failed=0
LLMOBSERVE_TEST_BUILD=$(cd "$build" && pwd)
export LLMOBSERVE_TEST_BUILD

# The number of test cases that a Catch2 JUnit-free summary line gives; "All tests passed" names the total only.
count() { # summary-line word
  printf '%s\n' "$1" | sed -n "s/.*[^0-9]\([0-9][0-9]*\) $2.*/\1/p"
}

for binary in "$@"; do
  echo "== $binary"
  output=$(mktemp)
  if "$build/$binary" ${CATCH_ARGS:-} >"$output" 2>&1; then ok=yes; else ok=no; fi
  cat "$output"
  summary=$(sed -n 's/^\(test cases: .*\)$/ \1/p; s/^All tests passed (\(.*\))$/ \1/p' "$output" | tail -n 1)
  rm -f "$output"
  case $summary in
    *"test cases:"*)
      total=$(printf '%s' "$summary" | sed -n 's/.*test cases: *\([0-9]*\).*/\1/p')
      bad=$(count "$summary" failed)
      passed=$((passed + total - ${bad:-0}))
      failed=$((failed + ${bad:-0}))
      ;;
    *"test case"*)
      total=$(printf '%s' "$summary" | sed -n 's/.* in \([0-9]*\) test case.*/\1/p')
      passed=$((passed + total))
      ;;
    *) # died before it could count
      failed=$((failed + 1))
      ok=no
      ;;
  esac
  if [ $ok = no ] && [ "$failed" -eq 0 ]; then failed=1; fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
