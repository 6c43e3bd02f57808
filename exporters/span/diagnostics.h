// `llmobserve.diagnostics`: the span by which a process says what could not be recorded, and why.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporters/span/resource.h"
#include "exporters/span/span.h"

namespace llmo {

inline constexpr char kDiagnosticsName[] = "llmobserve.diagnostics";

// Calls that were left out of the trace because a setting says so.
struct LeftOutCalls {
  std::string function;
  std::string reason;
  std::uint64_t calls = 0;
  double seconds = 0;  // that they took together
};

struct Losses {
  std::uint64_t spans = 0;
  std::uint64_t frames = 0;
  std::uint64_t definitions = 0;
  std::uint64_t attributes = 0;
  std::uint64_t damaged_records = 0;
  std::uint64_t undecided = 0;  // kept although nobody could tell yet whether an API call would come
  std::vector<LeftOutCalls> left_out{};
};

// One root span over the process's recorded life: losses as attributes, notes as events. Nothing where there
// is nothing to say. The same process gets the same ids, however often this is called.
std::optional<Span> make_diagnostics(const ProcessFacts& process, std::shared_ptr<const Resource> resource,
                                     const Losses& losses, const std::vector<std::string>& notes,
                                     std::uint64_t end_unix_nanos);

}  // namespace llmo
