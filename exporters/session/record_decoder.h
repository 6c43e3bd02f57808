// Records and open slots: from bytes copied out of a journal to checked values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "exporters/session/journal_file.h"
#include "exporters/span/definitions.h"
#include "exporters/span/raw_span.h"

namespace llmo::session {

// A run of bytes of one block's payload, copied.
struct Extent {
  std::uint32_t block = 0;
  BlockFacts facts;
  std::uint32_t begin = 0;  // offset in the payload
  std::vector<std::byte> bytes;
  std::size_t records = 0;  // whole ones, as they were measured

  std::uint32_t end() const { return begin + static_cast<std::uint32_t>(bytes.size()); }
};

// What a run of records comes to: `size` bytes of whole records, `count` of them.
struct RecordRun {
  std::size_t size = 0;
  std::size_t count = 0;
  bool broken = false;  // what follows is neither a record nor the zeros that end a block
};

// Measures the records at the start of `bytes`, at most `max_count` of them.
RecordRun measure_records(std::span<const std::byte> bytes, std::size_t max_count);

// Takes spans as they are decoded; views in them end with the call.
struct SpanSink {
  std::function<void(const RawCall&)> call;
  std::function<void(const RawSpan&)> span;
  // From open areas, where it is set: the span that the next one of a thread or task will have as parent.
  std::function<void(std::uint64_t)> context{};
};

// Decodes the whole records of a kRecords extent. Returns how many of them were damaged and left out.
std::size_t decode_records(const Extent& extent, const SpanSink& sink);

// Decodes the open slots of a whole kFrames, kOpenCalls or kOpenSpans payload, of a stack the outermost frame
// first. End times and kinds are not set. Damaged slots are left out and counted.
std::size_t decode_open(const Extent& extent, const SpanSink& sink);

// Adds the whole records of a kDefinitions extent. The first definition of an id stays.
std::size_t decode_definitions(const Extent& extent, Definitions& definitions);

}  // namespace llmo::session
