#include "exporters/cli/filter_options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <string>

#include "exporters/cli/option_values.h"
#include "exporters/views/time_text.h"

namespace llmo::cli {
namespace {

constexpr char kFilters[] = "Which traces";

std::uint64_t now_unix_nanos() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

// CLI11 reports a conversion error in words of its own; these say what can be written.
[[noreturn]] void refuse(const std::string& value, const std::string& wanted) {
  throw CLI::ValidationError(value + " is not " + wanted);
}

std::string checked_trace_id(std::string id) {
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (id.empty() || id.size() > 32 || id.find_first_not_of("0123456789abcdef") != std::string::npos) {
    refuse(id, "the beginning of a trace id: up to 32 digits and letters a to f");
  }
  return id;
}

}  // namespace

void add_filter_options(CLI::App& command, views::FilterOptions& options) {
  const auto add_list = [&](const char* names, std::vector<std::string>& list, const char* help) {
    // One value each, so that a path may follow.
    command.add_option(names, list, help)->type_name("GLOB")->allow_extra_args(false)->group(kFilters);
  };
  add_list("--workflow", options.workflows, "only in calls of functions or spans of that name");
  add_list("--provider", options.providers, "with a call to that provider: openai, 'aws*', pinecone");
  add_list("--model", options.models, "with a call to that model: 'gpt-4o*'");
  command.add_flag("--errors", options.errors, "with a span that ended in an error")->group(kFilters);
  command
      .add_option_function<std::string>(
          "--slower-than",
          [&options](const std::string& text) {
            options.slower_than_nanos = views::parse_duration(text);
            if (!options.slower_than_nanos) refuse(text, "a time like 500ms, 2s or 1m");
          },
          "with a span that took longer: 500ms, 2s, 1m")
      ->type_name("TIME")
      ->group(kFilters);
  command
      .add_option_function<std::string>(
          "--since",
          [&options](const std::string& text) {
            options.since_unix_nanos = views::parse_time(text, now_unix_nanos());
            if (!options.since_unix_nanos)
              refuse(text, "a time like 10m, 2h, 2026-11-23 or 2026-11-23T09:30");
          },
          "that went on then or later: 10m or 2h ago, 2026-11-23, 2026-11-23T09:30 (Z: UTC)")
      ->type_name("TIME")
      ->group(kFilters);
  command.add_option("--last", options.last, "the newest so many of them")
      ->type_name("N")
      ->check(whole_number())
      ->group(kFilters);
  command
      .add_option_function<std::string>(
          "--trace", [&options](const std::string& text) { options.trace = checked_trace_id(text); },
          "whose id begins so")
      ->type_name("ID")
      ->group(kFilters);
}

}  // namespace llmo::cli
