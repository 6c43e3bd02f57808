// A span as every exporter and every view sees it: OpenTelemetry's, complete and owned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace llmo {

// A list of strings, a string, or a number: what an OTLP AnyValue of ours can hold.
using AttributeValue = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;

struct Attribute {
  std::string key;
  AttributeValue value;
};

struct TraceId {
  std::uint64_t high = 0;  // the first eight bytes, as a big-endian number
  std::uint64_t low = 0;
  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

// What produced the spans: one process of a service. Shared by all its spans.
struct Resource {
  std::vector<Attribute> attributes;
};

struct SpanEvent {
  std::uint64_t unix_nanos = 0;
  std::string name;
  std::vector<Attribute> attributes;
};

// A span that another one has to do with and is no child of: of a message's producer, say.
struct SpanLink {
  TraceId trace_id;
  std::uint64_t span_id = 0;
  std::string tracestate;
  std::vector<Attribute> attributes;
  std::uint32_t flags = 0;  // as Span::flags
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
  std::vector<Attribute> attributes;  // keys are unique
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;
  std::uint32_t flags = 0;  // as OTLP has them: W3C trace flags, 0x100 known, 0x200 parent is remote
  std::uint32_t dropped_attributes = 0;
  std::shared_ptr<const Resource> resource;
};

// The value of `key`, or nullptr.
inline const AttributeValue* find_attribute(const std::vector<Attribute>& attributes, std::string_view key) {
  for (const Attribute& attribute : attributes) {
    if (attribute.key == key) return &attribute.value;
  }
  return nullptr;
}

}  // namespace llmo
