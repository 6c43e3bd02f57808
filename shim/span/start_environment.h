// What the process was started with and passes on to the programs that it starts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace llmo::span {

// Copies: a program may change its environment, or write over it.
struct StartEnvironment {
  std::vector<std::string> settings;  // "NAME=value": LLMOBSERVE_* but the session, and OTEL_*
  std::string session;                // values, as they were given; empty where they were not
  std::string traceparent;
  std::string tracestate;
  std::string baggage;
  std::string preload;  // the library's absolute path where LD_PRELOAD names it, else empty
};

// `library`: the library's own path, perhaps relative to the current directory.
StartEnvironment read_start_environment(const char* const* environment, std::string_view library);

// Whether a value of LD_PRELOAD names a file that is called as the one at `path` is, wherever it lies: two
// copies of this library in one process would be one too many.
bool names_library(std::string_view preload, std::string_view path);

// The settings of ours that a program is started with; LLMOBSERVE_SESSION is none of them.
bool is_our_setting(std::string_view variable);

}  // namespace llmo::span
