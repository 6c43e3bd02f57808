// What a line of the tree says about one span, taken out of its attributes.
//
// A tree keeps a summary for each span and lets the span itself go, so a million of them fit in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "exporters/span/span.h"

namespace llmo::console {

// All texts are printable (text.h); an empty one has nothing to say.
struct SpanSummary {
  TraceId trace_id;
  std::uint64_t span_id = 0;
  std::uint64_t parent_span_id = 0;
  std::uint64_t start_unix_nanos = 0;
  std::uint64_t end_unix_nanos = 0;
  std::int64_t process = 0;  // pid, 0: not known
  std::int64_t thread = 0;   // thread.id, 0: not known

  std::string name;
  std::string subject;    // `openai gpt-4o-mini`, `index "docs" top_k 5`
  std::string operation;  // `chat`
  std::string end;        // how it ended where it did not return: `killed`, `SIGTERM`, `cut short`
  std::string error;      // `429 rate_limit_error, retry-after 2 s`; may be empty although `failed`
  std::uint64_t first_token_nanos = 0;  // 0: not measured
  std::optional<std::uint64_t> input_tokens;
  std::optional<std::uint64_t> output_tokens;
  std::uint64_t cached_tokens = 0;  // of the input
  std::optional<double> cost_usd;
  bool failed = false;
  bool is_call = false;        // a request to somebody else: kind client
  bool is_work = false;        // something that the program does itself: neither a call, nor a message sent
  bool remote_parent = false;  // its parent came from another process or service
  bool open = false;           // it had not ended when it was read; its end is the time of that
  std::uint8_t marks = 0;      // what a view found in the span, in its own bits
  std::uint32_t group = 0;     // the same, a number of its own; 0: none
};

SpanSummary summarise(const Span& span);

}  // namespace llmo::console
