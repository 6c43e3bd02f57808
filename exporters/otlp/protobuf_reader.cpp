#include "exporters/otlp/protobuf_reader.h"

#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporters/otlp/any_value_reader.h"
#include "exporters/otlp/wire.h"
#include "exporters/span/attributes.h"
#include "exporters/span/scope.h"
#include "exporters/span/utf8.h"

namespace llmo::otlp {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using Attributes = decltype(Span::attributes);

std::string text_of(pbf_reader& message) {
  const data_view view = message.get_view();
  return valid_utf8({view.data(), view.size()});
}

std::uint64_t big_endian(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::uint64_t span_id_of(data_view bytes) { return bytes.size() == 8 ? big_endian(bytes.data()) : 0; }

TraceId trace_id_of(data_view bytes) {
  if (bytes.size() != 16) return {};
  return {big_endian(bytes.data()), big_endian(bytes.data() + 8)};
}

bool is_valid(const TraceId& id) { return (id.high | id.low) != 0; }

// A KeyValue. Left out where it has no key or no value.
void read_attribute(pbf_reader message, AttributeList& attributes) {
  std::string key;
  std::optional<AttributeValue> value;
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::bytes(1):
        key = text_of(message);
        break;
      case wire::bytes(2):
        value = read_any_value(message.get_message());
        break;
      default:
        message.skip();
    }
  }
  if (key.empty() || !value || attributes.size() >= kMostListed) return;
  set_attribute(attributes, key, std::move(*value));
}

// A list that grows no further counts what it leaves out.
template <typename Element>
Element* add_to(std::vector<Element>& list, std::uint32_t& dropped) {
  if (list.size() < kMostListed) return &list.emplace_back();
  dropped += dropped < std::numeric_limits<std::uint32_t>::max() ? 1 : 0;
  return nullptr;
}

void read_event(pbf_reader message, SpanEvent& event) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::fixed64(1):
        event.unix_nanos = message.get_fixed64();
        break;
      case wire::bytes(2):
        event.name = text_of(message);
        break;
      case wire::bytes(3):
        read_attribute(message.get_message(), event.attributes);
        break;
      case wire::varint(4):
        event.dropped_attributes = message.get_uint32();
        break;
      default:
        message.skip();
    }
  }
}

void read_link(pbf_reader message, SpanLink& link) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::bytes(1):
        link.trace_id = trace_id_of(message.get_view());
        break;
      case wire::bytes(2):
        link.span_id = span_id_of(message.get_view());
        break;
      case wire::bytes(3):
        link.tracestate = text_of(message);
        break;
      case wire::bytes(4):
        read_attribute(message.get_message(), link.attributes);
        break;
      case wire::varint(5):
        link.dropped_attributes = message.get_uint32();
        break;
      case wire::fixed32(6):
        link.flags = message.get_fixed32();
        break;
      default:
        message.skip();
    }
  }
}

void read_status(pbf_reader message, Span& span) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::bytes(2):
        span.status_message = text_of(message);
        break;
      case wire::varint(3):
        if (const auto code = message.get_int32();
            code >= 0 && code <= static_cast<int>(StatusCode::kError)) {
          span.status = static_cast<StatusCode>(code);
        }
        break;
      default:
        message.skip();
    }
  }
}

void read_kind(std::int32_t kind, Span& span) {
  if (kind >= 0 && kind <= static_cast<int>(SpanKind::kConsumer)) span.kind = static_cast<SpanKind>(kind);
}

// The fields of a span that are single values. Returns false where `message` stands before something else.
bool read_span_field(pbf_reader& message, Span& span) {
  switch (message.tag_and_type()) {
    case wire::bytes(1):
      span.trace_id = trace_id_of(message.get_view());
      return true;
    case wire::bytes(2):
      span.span_id = span_id_of(message.get_view());
      return true;
    case wire::bytes(3):
      span.tracestate = text_of(message);
      return true;
    case wire::bytes(4):
      span.parent_span_id = span_id_of(message.get_view());
      return true;
    case wire::bytes(5):
      span.name = text_of(message);
      return true;
    case wire::varint(6):
      read_kind(message.get_int32(), span);
      return true;
    case wire::fixed64(7):
      span.start_unix_nanos = message.get_fixed64();
      return true;
    case wire::fixed64(8):
      span.end_unix_nanos = message.get_fixed64();
      return true;
    case wire::varint(10):
      span.dropped_attributes = message.get_uint32();
      return true;
    case wire::varint(12):
      span.dropped_events = message.get_uint32();
      return true;
    case wire::varint(14):
      span.dropped_links = message.get_uint32();
      return true;
    case wire::fixed32(16):
      span.flags = message.get_fixed32();
      return true;
    default:
      return false;
  }
}

// What a list could not take, on top of what its writer had left out; the message may name that later.
struct Overflow {
  std::uint32_t events = 0;
  std::uint32_t links = 0;
};

void read_span_list(pbf_reader& message, Span& span, Overflow& overflow) {
  switch (message.tag_and_type()) {
    case wire::bytes(9):
      read_attribute(message.get_message(), span.attributes);
      break;
    case wire::bytes(11): {
      const pbf_reader event = message.get_message();
      if (SpanEvent* const to = add_to(span.events, overflow.events)) read_event(event, *to);
      break;
    }
    case wire::bytes(13): {
      const pbf_reader link = message.get_message();
      if (SpanLink* const to = add_to(span.links, overflow.links)) read_link(link, *to);
      break;
    }
    case wire::bytes(15):
      read_status(message.get_message(), span);
      break;
    default:
      message.skip();
  }
}

std::optional<Span> read_span(pbf_reader message) {
  Span span;
  Overflow overflow;
  while (message.next()) {
    if (!read_span_field(message, span)) read_span_list(message, span, overflow);
  }
  if (!is_valid(span.trace_id) || span.span_id == 0) return std::nullopt;
  if (span.name.empty()) span.name = "unnamed";
  span.end_unix_nanos = std::max(span.start_unix_nanos, span.end_unix_nanos);
  span.dropped_events += overflow.events;
  span.dropped_links += overflow.links;
  // A link that leads nowhere is none.
  std::erase_if(span.links,
                [](const SpanLink& link) { return !is_valid(link.trace_id) || link.span_id == 0; });
  return span;
}

std::shared_ptr<const Resource> read_resource(pbf_reader message) {
  const auto resource = std::make_shared<Resource>();
  while (message.next(1, wire::kBytes)) read_attribute(message.get_message(), resource->attributes);
  return resource;
}

Scope read_scope(pbf_reader message) {
  Scope scope;
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::bytes(1):
        scope.name = text_of(message);
        break;
      case wire::bytes(2):
        scope.version = text_of(message);
        break;
      case wire::bytes(3):
        read_attribute(message.get_message(), scope.attributes);
        break;
      default:
        message.skip();
    }
  }
  return scope;
}

// Hands the spans of requests over. What belongs to many spans may stand behind them: it is looked up first.
class RequestReader {
 public:
  RequestReader(const file::SpanCallback& take, file::ReadCounts& counts) : take_(take), counts_(counts) {}

  void read(pbf_reader request) {
    while (request.next(1, wire::kBytes)) read_resource_spans(request.get_message());
  }

 private:
  void read_resource_spans(pbf_reader message) {
    auto resource = std::make_shared<const Resource>();
    for (pbf_reader ahead = message; ahead.next(1, wire::kBytes);)
      resource = read_resource(ahead.get_message());
    while (message.next(2, wire::kBytes)) read_scope_spans(message.get_message(), resource);
  }

  void read_scope_spans(pbf_reader message, const std::shared_ptr<const Resource>& resource) {
    Scope read;
    for (pbf_reader ahead = message; ahead.next(1, wire::kBytes);) read = read_scope(ahead.get_message());
    const auto scope = shared_scope(std::move(read));
    while (message.next(2, wire::kBytes)) {
      std::optional<Span> span = read_span(message.get_message());
      if (!span) {
        ++counts_.damaged_spans;
        continue;
      }
      span->resource = resource;
      span->scope = scope;
      ++counts_.spans;
      take_(std::move(*span));
    }
  }

  const file::SpanCallback& take_;
  file::ReadCounts& counts_;
};

}  // namespace

bool read_otlp_protobuf(std::string_view bytes, const file::SpanCallback& take, file::ReadCounts& counts) {
  try {
    RequestReader(take, counts).read(pbf_reader(bytes.data(), bytes.size()));
  } catch (const protozero::exception&) {
    ++counts.damaged_lines;
    return false;
  }
  ++counts.lines;
  return true;
}

}  // namespace llmo::otlp
