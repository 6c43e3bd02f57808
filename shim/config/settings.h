// Every setting of llmobserve, once. The parser, `llmobserve --help` and the README are made from the table
// in settings.cpp.
//
// Read once, when the library loads (the exporter reads the same way), and immutable from then on.
//
// How values are read: an empty variable (or one of blanks only) counts as unset, blanks around a value are
// dropped, and a value that cannot be read leaves the default in place and a note. Where a setting has an
// alias the LLMOBSERVE_ variable wins, even if its value cannot be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmo::config {

inline constexpr std::string_view kDefaultFunctionPatterns = "*_workflow,*_agent,*_handler";
inline constexpr std::string_view kDefaultExcludeModules = "test,__pycache__";

// How it is decided whether a trace is recorded, where no parent has decided it (span/sampler.h).
enum class Sampler : std::uint8_t { kAlwaysOn, kAlwaysOff, kRatio };

// All traces; shares of them are counted in 2^-56, as OpenTelemetry counts a trace's randomness.
inline constexpr std::uint64_t kWholeShare = std::uint64_t{1} << 56;

struct Settings {
  bool enabled = true;           // LLMOBSERVE_ENABLED and not OTEL_SDK_DISABLED
  bool call_stacks = true;       // LLMOBSERVE_CALL_STACKS
  bool function_tracing = true;  // LLMOBSERVE_AUTO_FUNCTION_TRACING
  std::string function_patterns{kDefaultFunctionPatterns};
  std::string exclude_modules{kDefaultExcludeModules};
  bool keep_api = false;                 // LLMOBSERVE_KEEP=api
  std::string tag_requests = "true";     // exactly `true` or `false`, or host globs
  std::uint64_t min_duration_nanos = 0;  // LLMOBSERVE_MIN_DURATION; 0: none
  std::uint64_t max_depth = 0;           // LLMOBSERVE_MAX_DEPTH; 0: none
  bool throttle = true;                  // LLMOBSERVE_THROTTLE
  bool capture_content = false;
  std::string api_rules;  // LLMOBSERVE_API_RULES: path of a file with rules of one's own
  std::string prices;     // LLMOBSERVE_PRICES: path of a price table in place of the shipped one
  // Known names, lower case, each once. Empty: `otlp` where an OTLP endpoint is set, else `file`.
  std::string exporters;
  std::string trace_dir = "llmobserve-traces";
  std::string journal_dir;  // empty: /dev/shm/llmobserve-<uid>
  std::uint64_t journal_max_mib = 256;
  std::uint64_t exit_wait_ms = 0;
  std::string session;                        // LLMOBSERVE_SESSION: directory of the session to join
  std::string program;                        // LLMOBSERVE_PROGRAM: path of the llmobserve program
  std::string traceparent;                    // TRACEPARENT
  std::string tracestate;                     // TRACESTATE
  std::string service_name;                   // OTEL_SERVICE_NAME
  std::string resource_attributes;            // OTEL_RESOURCE_ATTRIBUTES
  Sampler sampler = Sampler::kAlwaysOn;       // OTEL_TRACES_SAMPLER
  bool sampler_asks_parent = true;            // parentbased_…: the flag of a remote parent counts
  std::uint64_t sampled_share = kWholeShare;  // OTEL_TRACES_SAMPLER_ARG, for Sampler::kRatio only
  bool debug = false;                         // LLMOBSERVE_DEBUG
};

// One row of the table, for help texts and the README.
struct SettingInfo {
  std::string_view variable;
  std::string_view default_text;
  std::string_view meaning;
  std::string_view values;      // what can be written, worded to follow "is not": `true or false`
  std::string_view alias = {};  // another variable, read where this one is not set; may be empty
};
std::span<const SettingInfo> setting_table();

// Looks a variable up; returns nullptr where it is not set. ::secure_getenv in the product.
using Lookup = const char* (*)(const char* name, void* context);

struct ParsedSettings {
  Settings settings;
  // One sentence for each value that could not be read: which, why, and what is used instead.
  std::vector<std::string> notes;
};
ParsedSettings read_settings(Lookup lookup, void* context);

// The same from the process's own environment, by secure_getenv: a set-uid program sees defaults only.
ParsedSettings read_settings_from_environment();

}  // namespace llmo::config
