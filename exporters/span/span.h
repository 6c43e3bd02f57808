// A span as every exporter and every view sees it: OpenTelemetry's, complete and owned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporters/span/attribute_list.h"

namespace llmo {

struct TraceId {
  std::uint64_t high = 0;  // the first eight bytes, as a big-endian number
  std::uint64_t low = 0;
  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

// What produced the spans: one process of a service. Shared by all its spans.
struct Resource {
  AttributeList attributes;
};

// The library that made a span.
struct Scope {
  std::string name;
  std::string version;
  AttributeList attributes;
};

struct SpanEvent {
  std::uint64_t unix_nanos = 0;
  std::string name;
  AttributeList attributes;
  std::uint32_t dropped_attributes = 0;
};

// A span that another one has to do with and is no child of: of a message's producer, say.
struct SpanLink {
  TraceId trace_id;
  std::uint64_t span_id = 0;
  std::string tracestate;
  AttributeList attributes;
  std::uint32_t flags = 0;  // as Span::flags
  std::uint32_t dropped_attributes = 0;
};

// Numbers as OTLP has them.
enum class SpanKind : int {
  kUnspecified = 0,
  kInternal = 1,
  kServer = 2,
  kClient = 3,
  kProducer = 4,
  kConsumer = 5
};
enum class StatusCode : int { kUnset = 0, kOk = 1, kError = 2 };

struct Span {
  TraceId trace_id;
  std::uint64_t span_id = 0;         // the eight bytes as a big-endian number; never 0
  std::uint64_t parent_span_id = 0;  // 0: a root
  std::string name;                  // never empty
  SpanKind kind = SpanKind::kInternal;
  std::uint64_t start_unix_nanos = 0;
  std::uint64_t end_unix_nanos = 0;  // >= start_unix_nanos
  StatusCode status = StatusCode::kUnset;
  std::string status_message;
  AttributeList attributes;  // keys are unique
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;
  std::uint32_t flags = 0;  // as OTLP has them: W3C trace flags, 0x100 known, 0x200 parent is remote
  std::uint32_t dropped_attributes = 0;
  std::uint32_t dropped_events = 0;
  std::uint32_t dropped_links = 0;
  std::string tracestate;  // as others wrote it; ours is in the headers only
  std::shared_ptr<const Resource> resource;
  std::shared_ptr<const Scope> scope;  // null: llmobserve itself (version.h)
};

}  // namespace llmo
