// The Resource of a process: who produced the spans.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/span/span.h"

namespace llmo {

struct ProcessFacts {
  std::uint32_t pid = 0;
  std::uint32_t parent_pid = 0;
  std::uint64_t start = 0;             // clock ticks after boot
  std::uint64_t start_unix_nanos = 0;  // 0: unknown
  std::uint64_t opened_unix_nanos = 0;
  std::string executable;  // path
};

// OTEL_RESOURCE_ATTRIBUTES: `key=value,…`, values percent-encoded. Nothing where any part of it is malformed:
// OpenTelemetry has the whole variable dropped then.
std::optional<AttributeList> parse_resource_attributes(std::string_view text);

// `service_name` and `resource_attributes` as OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have them. What
// the user sets wins over what is found out, but for telemetry.sdk.* and `prices_date`, the date of the table
// that costs are by (`llmobserve.prices.date`; empty: not told). The same facts make the same resource.
std::shared_ptr<const Resource> make_resource(const ProcessFacts& process, std::string_view service_name,
                                              std::string_view resource_attributes,
                                              std::string_view prices_date = {});

// The part of a path behind its last slash.
std::string_view file_name(std::string_view path);

// `2026-11-22T20:40:00.123Z`, with as many of the nanoseconds' digits as `fraction_digits` says.
std::string iso8601(std::uint64_t unix_nanos, int fraction_digits = 3);

}  // namespace llmo
