// How spans end that did not simply return, in words.
#pragma once

#include <string>
#include <string_view>

#include "exporters/span/raw_span.h"
#include "exporters/span/span.h"

namespace llmo {

// As `llmobserve.end` has it; empty for kReturned.
std::string_view end_name(journal::EndKind kind);

// `SIGSEGV`; `signal 34` for those that have no name.
std::string signal_name(int signal);

// Sets `llmobserve.end` and `llmobserve.signal`, and the status where the program broke down: abort(),
// std::terminate(), and the signals of faults.
void describe_ending(const RawSpanBase& raw, Span& span);

}  // namespace llmo
