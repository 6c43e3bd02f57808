// Attribute lists: from the bytes of a journal, and with unique keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exporters/span/span.h"

namespace llmo {

// OpenTelemetry's limit for the attributes of one span; what goes beyond is counted as dropped.
inline constexpr std::size_t kMaxAttributes = 128;

// Sets `key`, replacing the value that it has.
void set_attribute(std::vector<Attribute>& attributes, std::string key, AttributeValue value);

// Appends what `bytes` hold (journal/format.h: AttributeHeader, key, value) to `attributes`. The last of two
// equal keys wins. Strings become valid UTF-8. Reading stops at the first attribute that does not fit its
// bytes. Returns how many were dropped: over the limit, or at least 1 where the bytes are damaged.
std::uint32_t append_attributes(std::span<const std::byte> bytes, std::vector<Attribute>& attributes);

}  // namespace llmo
