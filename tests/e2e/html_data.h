// Traces for tests of the page: an agent at work, tens of thousands of spans, and spans made to do harm. OTLP
// JSON lines, written by hand so that they can hold what no exporter of ours would write.
#pragma once

#include <string>

namespace llmo::test {

// Two traces: `workflow.research` (six spans, two threads, an error, a stream, an open span, a link to the
// other) and `workflow.ingest`, which is older.
std::string agent_traces();

// The trace ids of agent_traces().
inline constexpr char kResearchTrace[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr char kIngestTrace[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

// `traces` traces of `spans` spans each; in the middle one a span has the attribute `needle=in a haystack`.
std::string many_traces(int traces, int spans);

// One trace that is a chain `depth` deep.
std::string deep_trace(int depth);

// Each text sets window.pwned where a browser runs it. Names, keys, values, ids and times are bad in every
// way.
std::string hostile_traces();

}  // namespace llmo::test
