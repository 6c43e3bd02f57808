// The floors, and llmobserve itself.
#include <system_error>
#include <utility>

#include "tests/bench/subject.h"
#include "tests/bench/trace_spans.h"

namespace llmo::bench {
namespace {

Subject preloaded(std::string_view name, const std::filesystem::path& library) {
  Subject subject;
  subject.name = name;
  subject.environment = {"LD_PRELOAD=" + library.string()};
  subject.hooks = library.filename().string();
  return subject;
}

std::string recorded_check(const std::filesystem::path& traces, const Result& result) {
  const std::size_t spans = count_spans(traces);
  std::error_code ignored;
  std::filesystem::remove_all(traces, ignored);
  if (spans >= result.calls) return {};
  return std::to_string(result.calls - spans) + " of " + std::to_string(result.calls) +
         " calls are not in the trace";
}

Subject llmobserve(std::string_view name, const Places& places, std::string_view setting) {
  Subject subject = preloaded(name, places.library);
  for (const std::string& variable :
       {"LLMOBSERVE_PROGRAM=" + places.exporter.string(),
        "LLMOBSERVE_JOURNAL_DIR=" + places.journals.string(),
        "LLMOBSERVE_TRACE_DIR=" + (places.scratch / "traces").string(),
        std::string{"LLMOBSERVE_EXPORTER=file"}, std::string{"LLMOBSERVE_JOURNAL_MAX=2048"},
        std::string{"LLMOBSERVE_THROTTLE=false"}, std::string{setting}}) {
    subject.environment.push_back(variable);
  }
  return subject;
}

}  // namespace

std::vector<std::string> common_environment(const Places& places) {
  return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=" + places.scratch.string(), "LTTNG_HOME=" + places.scratch.string(), "LC_ALL=C"};
}

void add_floors(const Places& places, SubjectList& list) {
  Subject plain;
  plain.name = kPlain;
  plain.instrumented = false;
  list.subjects.push_back(plain);

  Subject stubs;
  stubs.name = "instrumented, nothing preloaded";
  stubs.hooks = "libc.so";
  list.subjects.push_back(stubs);

  list.subjects.push_back(preloaded(kEmpty, places.programs / "empty_hooks.so"));
  list.subjects.push_back(preloaded(kClock, places.programs / "clock_hooks.so"));
}

void add_llmobserve(const Places& places, SubjectList& list) {
  for (const std::filesystem::path& needed : {places.library, places.exporter}) {
    if (std::filesystem::exists(needed)) continue;
    list.missing.push_back("llmobserve: " + needed.string() + " is not built");
    return;
  }
  list.subjects.push_back(llmobserve("llmobserve, switched off", places, "LLMOBSERVE_ENABLED=false"));
  list.subjects.push_back(llmobserve(kRejecting, places, "LLMOBSERVE_FUNCTION_PATTERNS=no_such_function"));

  for (const auto& [name, pause_millis] :
       {std::pair{kRecording, Subject{}.pause_millis}, std::pair{kBurst, 0}}) {
    Subject recording = llmobserve(name, places, "LLMOBSERVE_FUNCTION_PATTERNS=leaf,descend,step");
    recording.pause_millis = pause_millis;
    recording.finish = [traces = places.scratch / "traces"](const Result& result) {
      return recorded_check(traces, result);
    };
    list.subjects.push_back(recording);
  }
}

}  // namespace llmo::bench
