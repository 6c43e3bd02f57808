// Sessions as the tests of the exporter make them, and what they look at in the trace that comes out.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "exporters/session/exporter.h"
#include "exporters/span/clock.h"
#include "tests/unit/exporter_journal.h"
#include "tests/unit/trace_lines.h"

namespace llmo::test {

inline session::ExporterOptions options_for(const MemoryDir& root) {
  session::ExporterOptions options;
  options.settings.trace_dir = root / "traces";
  options.linger = std::chrono::milliseconds(0);
  return options;
}

inline std::vector<Span> spans_in(const std::string& path) {
  std::vector<Span> spans;
  file::ReadCounts counts;
  REQUIRE(read_trace_lines(path, spans, counts));
  CHECK(counts.damaged_lines == 0);
  CHECK(counts.damaged_spans == 0);
  return spans;
}

inline const Span& span_with_id(const std::vector<Span>& spans, std::uint64_t id) {
  const auto found =
      std::find_if(spans.begin(), spans.end(), [id](const Span& s) { return s.span_id == id; });
  REQUIRE(found != spans.end());
  return *found;
}

template <typename T = std::string>
T value(const AttributeList& attributes, std::string_view key) {
  const AttributeValue* const found = find_attribute(attributes, key);
  INFO("attribute " << key);
  REQUIRE(found != nullptr);
  REQUIRE(std::holds_alternative<T>(*found));
  return std::get<T>(*found);
}

// One finished call `acme::plan_workflow`, one client span beneath it.
inline JournalImage simple_journal() {
  JournalImage image;
  const auto definitions = image.add_block(journal::BlockKind::kDefinitions, 0);
  image.add_module(definitions, 0, "/opt/app/agent");
  image.add_function(definitions, 0, "acme::plan_workflow");
  const auto records = image.add_block(journal::BlockKind::kRecords);
  AttributeBytes attributes;
  attributes.add("gen_ai.provider.name", "openai").add("gen_ai.request.model", "gpt-4o-mini");
  attributes.add_int("gen_ai.usage.input_tokens", 1'000'000).add_int("gen_ai.usage.output_tokens", 500'000);
  image.add_span(records,
                 {.span_id = 2, .parent = 1, .start = kOpenedTicks + 1200, .end = kOpenedTicks + 1800},
                 "llm.request", attributes, journal::SpanStatus::kError, "429 Too Many");
  image.add_call(records, {.span_id = 1});
  return image;
}

// Clock ticks after boot: field 22 of /proc/<pid>/stat.
inline std::uint64_t start_of(pid_t pid) {
  const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return std::stoull(field);
}

// A process that does nothing until it is killed, under its real name.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    if (pid_ == 0) {
      for (;;) ::pause();
    }
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  std::uint64_t start() const { return start_of(pid_); }

 private:
  pid_t pid_;
};

inline std::uint64_t monotonic_now() { return take_clock_pair(journal::ClockKind::kMonotonicNanos).ticks; }

// A journal of a living process, whose clock is the real one.
inline JournalImage living_journal(const Sleeper& process) {
  JournalImage image(process.pid(), process.start());
  image.header().opened = take_clock_pair(journal::ClockKind::kMonotonicNanos);
  return image;
}

inline JournalImage journal_with_open_spans() {
  JournalImage image;
  const auto definitions = image.add_block(journal::BlockKind::kDefinitions, 0);
  image.add_function(definitions, 0, "serve_handler");
  const auto frames = image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(frames, {.span_id = 10, .start = kOpenedTicks + 10});
  image.add_open_frame(frames, {.span_id = 11, .parent = 10, .start = kOpenedTicks + 20});
  const auto open = image.add_block(journal::BlockKind::kOpenSpans, 0);
  image.add_open_span(open, {.span_id = 12, .parent = 11, .start = kOpenedTicks + 30}, "llm.request", {});
  const auto records = image.add_block(journal::BlockKind::kRecords);
  image.add_call(records,
                 {.span_id = 13, .parent = 11, .start = kOpenedTicks + 21, .end = kOpenedTicks + 500});
  return image;
}

}  // namespace llmo::test
