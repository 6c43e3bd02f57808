#include "exporters/otlp/any_value_reader.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporters/otlp/base64.h"
#include "exporters/otlp/wire.h"
#include "exporters/span/json_values.h"
#include "exporters/span/utf8.h"

namespace llmo::otlp {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr int kMaxDepth = 32;

std::string_view view_of(pbf_reader& message) {
  const data_view view = message.get_view();
  return {view.data(), view.size()};
}

void put_value(Writer& out, pbf_reader message, int depth);

void put_array(Writer& out, pbf_reader message, int depth) {
  out.StartArray();
  while (message.next(1, wire::kBytes)) put_value(out, message.get_message(), depth);
  out.EndArray();
}

void put_member(Writer& out, pbf_reader message, int depth) {
  std::string key;
  pbf_reader value;
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::bytes(1):
        key = valid_utf8(view_of(message));
        break;
      case wire::bytes(2):
        value = message.get_message();
        break;
      default:
        message.skip();
    }
  }
  put_key(out, key);
  put_value(out, value, depth);
}

void put_map(Writer& out, pbf_reader message, int depth) {
  out.StartObject();
  while (message.next(1, wire::kBytes)) put_member(out, message.get_message(), depth);
  out.EndObject();
}

// The field that `message` stands at. Returns false where it is no value.
bool put_field(Writer& out, pbf_reader& message, int depth) {
  switch (message.tag_and_type()) {
    case wire::bytes(1):
      put_text(out, valid_utf8(view_of(message)));
      return true;
    case wire::varint(2):
      out.Bool(message.get_uint64() != 0);
      return true;
    case wire::varint(3):
      out.Int64(message.get_int64());
      return true;
    case wire::fixed64(4):
      put_double(out, message.get_double());
      return true;
    case wire::bytes(5):
      put_array(out, message.get_message(), depth - 1);
      return true;
    case wire::bytes(6):
      put_map(out, message.get_message(), depth - 1);
      return true;
    case wire::bytes(7):
      put_text(out, base64(view_of(message)));
      return true;
    default:
      return false;
  }
}

// The first value counts: a second one is against the format, and JSON that is written cannot be taken back.
void put_value(Writer& out, pbf_reader message, int depth) {
  if (depth == 0) return put_text(out, "(nested too deep)");
  while (message.next()) {
    if (put_field(out, message, depth)) return;
    message.skip();
  }
  out.Null();
}

template <typename Put>
std::string json_of(Put put, pbf_reader message) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  put(out, message, kMaxDepth);
  return {buffer.GetString(), buffer.GetSize()};
}

// Nothing where one of the elements is no string.
std::optional<std::vector<std::string>> strings_of(pbf_reader array) {
  std::vector<std::string> strings;
  while (array.next(1, wire::kBytes)) {
    pbf_reader element = array.get_message();
    if (!element.next() || element.tag_and_type() != wire::bytes(1)) return std::nullopt;
    strings.push_back(valid_utf8(view_of(element)));
  }
  return strings;
}

AttributeValue array_value(pbf_reader array) {
  if (auto strings = strings_of(array)) return std::move(*strings);
  return json_of(put_array, array);
}

}  // namespace

std::optional<AttributeValue> read_any_value(pbf_reader message) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case wire::bytes(1):
        return valid_utf8(view_of(message));
      case wire::varint(2):
        return message.get_uint64() != 0;
      case wire::varint(3):
        return message.get_int64();
      case wire::fixed64(4):
        return message.get_double();
      case wire::bytes(5):
        return array_value(message.get_message());
      case wire::bytes(6):
        return json_of(put_map, message.get_message());
      case wire::bytes(7):
        return base64(view_of(message));
      default:
        message.skip();
    }
  }
  return std::nullopt;
}

}  // namespace llmo::otlp
