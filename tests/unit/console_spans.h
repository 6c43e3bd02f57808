// Spans for tests of the tree: short to write.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/span/span.h"

namespace llmo::console {

inline constexpr std::uint64_t kSecond = 1'000'000'000;

inline Span make_span(std::uint64_t id, std::uint64_t parent, std::string name, std::uint64_t start_nanos,
                      std::uint64_t duration_nanos, AttributeList attributes = {}) {
  Span span;
  span.trace_id = {1, 1};
  span.span_id = id;
  span.parent_span_id = parent;
  span.name = std::move(name);
  span.start_unix_nanos = 1'790'000'000 * kSecond + start_nanos;
  span.end_unix_nanos = span.start_unix_nanos + duration_nanos;
  span.attributes = std::move(attributes);
  return span;
}

inline Span make_call(std::uint64_t id, std::uint64_t parent, std::string name, std::uint64_t start_nanos,
                      std::uint64_t duration_nanos, AttributeList attributes = {}) {
  Span span = make_span(id, parent, std::move(name), start_nanos, duration_nanos, std::move(attributes));
  span.kind = SpanKind::kClient;
  return span;
}

inline Attribute text(std::string key, std::string value) { return {std::move(key), std::move(value)}; }
inline Attribute number(std::string key, std::int64_t value) { return {std::move(key), value}; }

inline std::shared_ptr<const Resource> process(std::int64_t pid) {
  auto resource = std::make_shared<Resource>();
  resource->attributes.push_back(number("process.pid", pid));
  return resource;
}

}  // namespace llmo::console
