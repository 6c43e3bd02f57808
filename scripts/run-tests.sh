#!/bin/sh
# Runs test binaries one after the other, each in as many parts at a time as there are processors, and closes
# with one line: how many cases passed and failed.
#
# usage: run-tests.sh BUILD_DIR BINARY...        CATCH_ARGS: more arguments, for instance a tag
set -eu
build=$1
shift
passed=0
failed=0
LLMOBSERVE_TEST_BUILD=$(cd "$build" && pwd)
export LLMOBSERVE_TEST_BUILD
parts=$(nproc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The number of test cases that a Catch2 JUnit-free summary line gives; "All tests passed" names the total only.
count() { # summary-line word
  printf '%s\n' "$1" | sed -n "s/.*[^0-9]\([0-9][0-9]*\) $2.*/\1/p"
}

add_up() { # output-file exit-code
  summary=$(sed -n 's/^\(test cases: .*\)$/ \1/p; s/^All tests passed (\(.*\))$/ \1/p' "$1" | tail -n 1)
  before=$failed
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
    *) failed=$((failed + 1)) ;; # died before it could count
  esac
  if [ "$2" -ne 0 ] && [ "$failed" -eq "$before" ]; then failed=$((failed + 1)); fi
}

# Every part takes the cases that are next in turn, so that neighbours, which are alike, are spread. In a list
# of names Catch2 takes a comma for the end of one, and brackets for a tag.
split() { # binary
  rm -f "$work"/cases.*
  "$build/$1" --list-test-names-only ${CATCH_ARGS:-} | sed 's/[][,\\"]/\\&/g' |
    awk -v parts="$parts" -v to="$work/cases." 'NF { print > (to (NR % parts)) }'
}

for binary in "$@"; do
  echo "== $binary"
  split "$binary"
  for cases in "$work"/cases.*; do
    part=${cases##*.}
    (
      code=0
      "$build/$binary" --input-file "$cases" >"$work/output.$part" 2>&1 || code=$?
      echo $code >"$work/code.$part"
    ) &
  done
  wait
  for cases in "$work"/cases.*; do
    part=${cases##*.}
    grep -v "^Filters: " "$work/output.$part"
    add_up "$work/output.$part" "$(cat "$work/code.$part")"
  done
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
