#!/bin/sh
# Traces a small agent program (tests/demo/research_agent.cpp) against a mock of the APIs it calls, and shows the tree.
#
# usage: demo.sh BUILD_DIR
set -eu
build=${1:-build}
traces=$build/demo/traces
work=$(mktemp -d)
mock=""

cleanup() {
  exec 3>&- 2>/dev/null || true
  if [ -n "$mock" ]; then
    kill "$mock" 2>/dev/null || true
    wait "$mock" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The mock serves as long as its standard input is open, so it cannot outlive this script. Its answers take about as
# long as real ones would; the first one for Anthropic is "429 too many requests".
mkfifo "$work/open"
"$build/mock_api_server" /v1/chat/completions=slow:210ms,pause:90ms /v1/embeddings=slow:60ms /query=slow:45ms \
  /v1/messages=slow:310ms,fail-429-once:demo '/v1beta/models/gemini-2.5-flash:generateContent=slow:520ms' \
  <"$work/open" >"$work/port" &
mock=$!
exec 3>"$work/open"
tries=0
while [ ! -s "$work/port" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ] || ! kill -0 $mock 2>/dev/null; then
    echo "demo: the mock API server did not start" >&2
    exit 1
  fi
  sleep 0.05
done

rm -rf "$traces"
mkdir -p "$traces"
echo "An agent program, traced without a change in its source:"
echo
echo "  \$ $build/llmobserve run -- $build/demo/research_agent"
DEMO_SERVER=127.0.0.1:$(cat "$work/port") LLMOBSERVE_TRACE_DIR=$traces LLMOBSERVE_EXPORTER=file \
  "$build/llmobserve" run -- "$build/demo/research_agent" >"$work/out" || {
  cat "$work/out"
  echo "demo: research_agent failed" >&2
  exit 1
}
sed 's/^/  /' "$work/out"

file=$(ls "$traces"/*.jsonl 2>/dev/null | head -n 1)
if [ -z "$file" ]; then
  echo "demo: no trace was written; \`$build/llmobserve check\` may say why" >&2
  exit 1
fi
echo
echo "  \$ $build/llmobserve tree $file"
"$build/llmobserve" tree "$file"

library=$(cd "$build" && pwd)/libllmobserve.so
cat <<END

The trace is in $file (OpenTelemetry, OTLP JSON lines).

Your own program:

  g++ -g -finstrument-functions agent.cpp -o agent -lcurl
  LD_PRELOAD=$library ./agent
  $build/llmobserve tree llmobserve-traces/*.jsonl

Traced are functions called *_workflow, *_agent, *_handler (LLMOBSERVE_FUNCTION_PATTERNS names others) and API calls.
END
