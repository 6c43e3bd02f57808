#include "tests/support/otlp_protobuf.h"

#include <cstdint>
#include <map>
#include <protozero/pbf_reader.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace llmo::test {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// A message's fields by number, each of the wire type that its type has.
using Types = std::map<std::uint32_t, pbf_wire_type>;
constexpr pbf_wire_type kNumber = pbf_wire_type::varint;
constexpr pbf_wire_type kFixed32 = pbf_wire_type::fixed32;
constexpr pbf_wire_type kFixed64 = pbf_wire_type::fixed64;
constexpr pbf_wire_type kText = pbf_wire_type::length_delimited;

template <typename Visit>
void for_each_field(pbf_reader message, const Types& types, Visit&& visit) {
  while (message.next()) {
    const auto known = types.find(message.tag());
    if (known == types.end() || known->second != message.wire_type()) {
      throw std::runtime_error("a field that is not OTLP's: " + std::to_string(message.tag()));
    }
    visit(message);
  }
}

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    text += {kDigits[code >> 4], kDigits[code & 15]};
  }
  return text;
}

std::string id(const std::string& bytes, std::size_t size) {
  if (bytes.size() != size) throw std::runtime_error("an id of " + std::to_string(bytes.size()) + " bytes");
  return hex(bytes);
}

Value read_value(pbf_reader message);

std::vector<std::string> read_list(pbf_reader message) {
  std::vector<std::string> list;
  for_each_field(message, {{1, kText}}, [&list](pbf_reader& field) {
    list.push_back(std::get<std::string>(read_value(field.get_message())));
  });
  return list;
}

Value read_value(pbf_reader message) {
  Value value;
  int values = 0;
  for_each_field(message, {{1, kText}, {2, kNumber}, {3, kNumber}, {4, kFixed64}, {5, kText}},
                 [&](pbf_reader& field) {
                   ++values;
                   switch (field.tag()) {
                     case 1:
                       value = field.get_string();
                       break;
                     case 2:
                       value = field.get_bool();
                       break;
                     case 3:
                       value = field.get_int64();
                       break;
                     case 4:
                       value = field.get_double();
                       break;
                     default:
                       value = read_list(field.get_message());
                   }
                 });
  if (values != 1) throw std::runtime_error("a value that is not exactly one");
  return value;
}

void read_attribute(pbf_reader message, Attributes& attributes) {
  std::pair<std::string, Value> attribute;
  for_each_field(message, {{1, kText}, {2, kText}}, [&attribute](pbf_reader& field) {
    if (field.tag() == 1) {
      attribute.first = field.get_string();
    } else {
      attribute.second = read_value(field.get_message());
    }
  });
  if (!attributes.insert(attribute).second) throw std::runtime_error("twice: " + attribute.first);
}

Event read_event(pbf_reader message) {
  Event event;
  for_each_field(message, {{1, kFixed64}, {2, kText}, {3, kText}, {4, kNumber}}, [&event](pbf_reader& field) {
    switch (field.tag()) {
      case 1:
        event.unix_nanos = field.get_fixed64();
        break;
      case 2:
        event.name = field.get_string();
        break;
      case 3:
        read_attribute(field.get_message(), event.attributes);
        break;
      default:
        field.skip();
    }
  });
  return event;
}

Link read_link(pbf_reader message) {
  Link link;
  for_each_field(message, {{1, kText}, {2, kText}, {3, kText}, {4, kText}, {5, kNumber}, {6, kFixed32}},
                 [&link](pbf_reader& field) {
                   switch (field.tag()) {
                     case 1:
                       link.trace_id = id(field.get_bytes(), 16);
                       break;
                     case 2:
                       link.span_id = id(field.get_bytes(), 8);
                       break;
                     case 3:
                       link.tracestate = field.get_string();
                       break;
                     case 4:
                       read_attribute(field.get_message(), link.attributes);
                       break;
                     case 6:
                       link.flags = field.get_fixed32();
                       break;
                     default:
                       field.skip();
                   }
                 });
  return link;
}

void read_status(pbf_reader message, Span& span) {
  for_each_field(message, {{2, kText}, {3, kNumber}}, [&span](pbf_reader& field) {
    if (field.tag() == 2) {
      span.status_message = field.get_string();
    } else {
      span.status = field.get_enum();
    }
  });
}

void read_span_field(pbf_reader& field, Span& span) {
  switch (field.tag()) {
    case 1:
      span.trace_id = id(field.get_bytes(), 16);
      break;
    case 2:
      span.span_id = id(field.get_bytes(), 8);
      break;
    case 3:
      span.tracestate = field.get_string();
      break;
    case 4:
      span.parent_span_id = id(field.get_bytes(), 8);
      break;
    case 5:
      span.name = field.get_string();
      break;
    case 6:
      span.kind = field.get_enum();
      break;
    case 7:
      span.start_unix_nanos = field.get_fixed64();
      break;
    case 8:
      span.end_unix_nanos = field.get_fixed64();
      break;
    case 9:
      read_attribute(field.get_message(), span.attributes);
      break;
    case 11:
      span.events.push_back(read_event(field.get_message()));
      break;
    case 13:
      span.links.push_back(read_link(field.get_message()));
      break;
    case 15:
      read_status(field.get_message(), span);
      break;
    case 16:
      span.flags = field.get_fixed32();
      break;
    default:
      field.skip();
  }
}

Span read_span(pbf_reader message) {
  static const Types types{{1, kText},  {2, kText},    {3, kText},    {4, kText},
                           {5, kText},  {6, kNumber},  {7, kFixed64}, {8, kFixed64},
                           {9, kText},  {10, kNumber}, {11, kText},   {12, kNumber},
                           {13, kText}, {14, kNumber}, {15, kText},   {16, kFixed32}};
  Span span;
  for_each_field(message, types, [&span](pbf_reader& field) { read_span_field(field, span); });
  if (span.trace_id.empty() || span.span_id.empty() || span.name.empty()) {
    throw std::runtime_error("a span without an id or without a name");
  }
  return span;
}

void read_resource_spans(pbf_reader message, std::vector<Span>& spans) {
  const auto resource = std::make_shared<Attributes>();
  std::size_t before = spans.size();
  for_each_field(message, {{1, kText}, {2, kText}}, [&](pbf_reader& field) {
    if (field.tag() == 1) {
      for_each_field(field.get_message(), {{1, kText}},
                     [&](pbf_reader& inner) { read_attribute(inner.get_message(), *resource); });
      return;
    }
    for_each_field(field.get_message(), {{1, kText}, {2, kText}}, [&](pbf_reader& inner) {
      if (inner.tag() == 1) return inner.skip();
      spans.push_back(read_span(inner.get_message()));
    });
  });
  if (before == spans.size()) throw std::runtime_error("a resource without spans");
  for (; before < spans.size(); ++before) spans[before].resource = resource;
}

}  // namespace

std::vector<Span> read_otlp_protobuf(std::string_view request) {
  std::vector<Span> spans;
  for_each_field(pbf_reader(request.data(), request.size()), {{1, kText}},
                 [&spans](pbf_reader& field) { read_resource_spans(field.get_message(), spans); });
  return spans;
}

}  // namespace llmo::test
