// Attribute lists: from the bytes of a journal, and with unique keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exporters/span/span.h"
#include "shim/journal/format.h"

namespace llmo {

// OpenTelemetry's limits for one span; what goes beyond is counted as dropped.
inline constexpr std::size_t kMaxAttributes = 128;
inline constexpr std::size_t kMaxEvents = 128;
inline constexpr std::size_t kMaxLinks = 128;

// Sets `key`, replacing the value that it has.
void set_attribute(std::vector<Attribute>& attributes, std::string key, AttributeValue value);

// Return addresses that have yet to be named: whole CodeAddresses, a view of the bytes that were read.
struct StackAttribute {
  std::string key;
  std::span<const std::byte> addresses;
};

struct AttributeList {
  std::vector<Attribute> plain;  // keys are unique
  std::vector<StackAttribute> stacks;
  std::uint32_t dropped = 0;
};

struct EventAttribute {
  std::string name;
  std::uint64_t ticks = 0;
  AttributeList attributes;
};

struct LinkAttribute {
  journal::Link link{};
  std::string tracestate;
  AttributeList attributes;
};

struct SpanAttributes : AttributeList {
  std::vector<EventAttribute> events;
  std::vector<LinkAttribute> links;
};

// Reads what `bytes` hold (journal/format.h: AttributeHeader, key, value). The last of two equal keys wins.
// Strings become valid UTF-8. Reading stops at the first attribute that is not what its type says, or that
// does not fit its bytes; an event within an event is such a one, or a link to nothing. `dropped`: those over
// the limits, and 1 where the bytes are damaged.
SpanAttributes read_attributes(std::span<const std::byte> bytes);

}  // namespace llmo
