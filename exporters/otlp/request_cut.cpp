#include "exporters/otlp/request_cut.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace llmo::otlp {
namespace {

// Tags, lengths and numbers at their longest.
constexpr std::size_t kOfMessage = 6;
constexpr std::size_t kOfLink = 64;
constexpr std::size_t kOfEvent = 32;
constexpr std::size_t kOfSpan = 112;
constexpr std::size_t kOfAttribute = 4 * kOfMessage + 11;
constexpr std::size_t kOfResource = 128;  // with the scope

struct ValueSize {
  std::size_t operator()(std::string_view value) const { return value.size(); }
  std::size_t operator()(bool) const { return 0; }
  std::size_t operator()(std::int64_t) const { return 0; }
  std::size_t operator()(double) const { return 0; }
  std::size_t operator()(const std::vector<std::string>& values) const {
    std::size_t size = 0;
    for (const std::string& value : values) size += value.size() + 2 * kOfMessage;
    return size;
  }
};

template <typename Attributes>
std::size_t size_of(const Attributes& attributes) {
  std::size_t size = 0;
  for (const auto& attribute : attributes) {
    size += kOfAttribute + std::string_view(attribute.key).size() + std::visit(ValueSize{}, attribute.value);
  }
  return size;
}

std::size_t size_of(const Span& span) {
  std::size_t size = kOfSpan + span.name.size() + span.tracestate.size() + span.status_message.size() +
                     size_of(span.attributes);
  for (const SpanEvent& event : span.events) size += kOfEvent + event.name.size() + size_of(event.attributes);
  for (const SpanLink& link : span.links) size += kOfLink + link.tracestate.size() + size_of(link.attributes);
  return size;
}

std::size_t size_of(const Resource* resource) {
  return kOfResource + (resource == nullptr ? 0 : size_of(resource->attributes));
}

}  // namespace

// A resource that comes back later is counted again: rather too much than too little.
std::size_t spans_that_fit(std::span<const Span> spans, std::size_t most_spans, std::size_t most_bytes) {
  const Resource* last = nullptr;
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < spans.size() && count < most_spans; ++count) {
    const Resource* const resource = spans[count].resource.get();
    if (count == 0 || resource != last) bytes += size_of(resource);
    last = resource;
    bytes += size_of(spans[count]);
    if (bytes > most_bytes) return std::max<std::size_t>(count, 1);
  }
  return std::max<std::size_t>(std::min(spans.size(), most_spans), 1);
}

}  // namespace llmo::otlp
