// Attributes from the bytes of a journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exporters/span/attribute_list.h"
#include "shim/journal/format.h"

namespace llmo {

// Of attributes, of events and of links: so many are read of one span, whatever it holds; what goes beyond is
// counted as dropped. Ten times what OpenTelemetry keeps where nobody asks for more (span_limits.h): a few
// bytes that claim a million events are not worth the memory.
inline constexpr std::size_t kMostListed = 1280;

// Return addresses that have yet to be named: whole CodeAddresses, a view of the bytes that were read.
struct StackAttribute {
  AttributeKey key;
  std::span<const std::byte> addresses;
};

struct RecordedAttributes {
  AttributeList plain;
  std::vector<StackAttribute> stacks;
  std::uint32_t dropped = 0;
};

struct EventAttribute {
  std::string name;
  std::uint64_t ticks = 0;
  RecordedAttributes attributes;
};

struct LinkAttribute {
  journal::Link link{};
  std::string tracestate;
  RecordedAttributes attributes;
};

struct SpanAttributes : RecordedAttributes {
  std::vector<EventAttribute> events;
  std::vector<LinkAttribute> links;
};

// Reads what `bytes` hold (journal/format.h: AttributeHeader, key, value), into a list that has `shared` (may
// be null) already. The last of two equal keys wins.
// Strings become valid UTF-8. Reading stops at the first attribute that is not what its type says, or that
// does not fit its bytes; an event within an event is such a one, or a link to nothing. `dropped`: those over
// the limits, and 1 where the bytes are damaged.
SpanAttributes read_attributes(std::span<const std::byte> bytes, AttributeList::Shared shared = nullptr);

}  // namespace llmo
