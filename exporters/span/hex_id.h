// Ids of traces and spans as they are written for people and in JSON: small hexadecimal digits, all of them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "exporters/span/span.h"

namespace llmo {

inline std::string hex_id(std::uint64_t span_id) { return fmt::format("{:016x}", span_id); }

inline std::string hex_id(const TraceId& id) { return fmt::format("{:016x}{:016x}", id.high, id.low); }

}  // namespace llmo
