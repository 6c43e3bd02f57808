// The field numbers are those of opentelemetry-proto 1.x, common/v1/common.proto.
//
// In protobuf the size of a message stands before it. Attributes are most of what is written, so theirs is
// worked out first, and their bytes are put where they belong: nothing is moved afterwards.
#include "exporters/otlp/attribute_writer.h"

#include <protozero/varint.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <variant>
#include <vector>

#include "exporters/otlp/wire.h"

namespace llmo::otlp {
namespace {

namespace key_value {
constexpr protozero::pbf_tag_type kKey = 1;
constexpr protozero::pbf_tag_type kValue = 2;
}  // namespace key_value

namespace any_value {
constexpr protozero::pbf_tag_type kString = 1;
constexpr protozero::pbf_tag_type kBool = 2;
constexpr protozero::pbf_tag_type kInt = 3;
constexpr protozero::pbf_tag_type kDouble = 4;
constexpr protozero::pbf_tag_type kArray = 5;
}  // namespace any_value

namespace array_value {
constexpr protozero::pbf_tag_type kValues = 1;
}  // namespace array_value

using Values = std::vector<std::string>;

using wire::field_size;
using wire::varint_size;

std::size_t array_size(const Values& values) {
  std::size_t size = 0;
  for (const std::string& value : values) size += field_size(field_size(value.size()));
  return size;
}

struct ValueSize {
  std::size_t operator()(const std::string& value) const { return field_size(value.size()); }
  std::size_t operator()(bool) const { return 2; }
  std::size_t operator()(std::int64_t value) const {
    return 1 + varint_size(static_cast<std::uint64_t>(value));
  }
  std::size_t operator()(double) const { return 1 + sizeof(double); }
  std::size_t operator()(const Values& values) const { return field_size(array_size(values)); }
};

// Writes where there is room.
class Cursor {
 public:
  explicit Cursor(char* at) : at_(at) {}

  void put_varint(std::uint64_t number) { at_ += protozero::write_varint(at_, number); }
  void put_header(protozero::pbf_tag_type field, std::size_t size) {
    put_varint(wire::bytes(field));
    put_varint(size);
  }
  void put_text(protozero::pbf_tag_type field, std::string_view text) {
    put_header(field, text.size());
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void put_double(protozero::pbf_tag_type field, double number) {
    put_varint(wire::fixed64(field));
    std::memcpy(at_, &number, sizeof number);
    at_ += sizeof number;
  }

 private:
  char* at_;
};

// A value is a choice of one field: it is there even where it is empty, 0 or false.
struct ValueWriter {
  Cursor& out;

  void operator()(const std::string& value) const { out.put_text(any_value::kString, value); }
  void operator()(bool value) const {
    out.put_varint(wire::varint(any_value::kBool));
    out.put_varint(value ? 1 : 0);
  }
  void operator()(std::int64_t value) const {
    out.put_varint(wire::varint(any_value::kInt));
    out.put_varint(static_cast<std::uint64_t>(value));
  }
  void operator()(double value) const { out.put_double(any_value::kDouble, value); }
  void operator()(const Values& values) const {
    out.put_header(any_value::kArray, array_size(values));
    for (const std::string& value : values) {
      out.put_header(array_value::kValues, field_size(value.size()));
      (*this)(value);
    }
  }
};

}  // namespace

void add_attribute(std::string& out, protozero::pbf_tag_type field, const Attribute& attribute) {
  const std::string_view key = attribute.key;
  const std::size_t value_size = std::visit(ValueSize{}, attribute.value);
  const std::size_t pair_size = field_size(key.size()) + field_size(value_size);
  const std::size_t begin = out.size();
  out.resize(begin + field_size(pair_size));
  Cursor cursor(out.data() + begin);
  cursor.put_header(field, pair_size);
  cursor.put_text(key_value::kKey, key);
  cursor.put_header(key_value::kValue, value_size);
  std::visit(ValueWriter{cursor}, attribute.value);
}

}  // namespace llmo::otlp
