#include "exporters/span/attributes.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "exporters/span/utf8.h"
#include "shim/journal/format.h"

namespace llmo {
namespace {

using Bytes = std::span<const std::byte>;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// These return false, with the value untouched or half done, where the bytes are not what the type says.
template <typename T>
bool read_number(Bytes bytes, AttributeValue& value) {
  T number{};
  if (bytes.size() != sizeof number) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  value = number;
  return true;
}

bool read_bool(Bytes bytes, AttributeValue& value) {
  if (bytes.size() != 1 || std::to_integer<unsigned>(bytes[0]) > 1) return false;
  value = bytes[0] == std::byte{1};
  return true;
}

bool read_strings(Bytes bytes, AttributeValue& value) {
  auto& strings = value.emplace<std::vector<std::string>>();
  while (!bytes.empty()) {
    std::uint32_t size = 0;
    if (bytes.size() < sizeof size) return false;
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes = bytes.subspan(sizeof size);
    if (size > bytes.size()) return false;
    strings.push_back(valid_utf8(text_of(bytes.first(size))));
    bytes = bytes.subspan(size);
  }
  return true;
}

bool read_value(journal::AttributeType type, Bytes bytes, AttributeValue& value) {
  switch (type) {
    case journal::AttributeType::kString:
      value = valid_utf8(text_of(bytes));
      return true;
    case journal::AttributeType::kBool:
      return read_bool(bytes, value);
    case journal::AttributeType::kInt:
      return read_number<std::int64_t>(bytes, value);
    case journal::AttributeType::kDouble:
      return read_number<double>(bytes, value);
    case journal::AttributeType::kStrings:
      return read_strings(bytes, value);
  }
  return false;
}

AttributeValue* value_for(std::vector<Attribute>& attributes, std::string_view key) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [key](const Attribute& attribute) { return attribute.key == key; });
  return found == attributes.end() ? nullptr : &found->value;
}

}  // namespace

void set_attribute(std::vector<Attribute>& attributes, std::string key, AttributeValue value) {
  if (AttributeValue* const old = value_for(attributes, key)) {
    *old = std::move(value);
  } else {
    attributes.push_back({std::move(key), std::move(value)});
  }
}

std::uint32_t append_attributes(Bytes bytes, std::vector<Attribute>& attributes) {
  std::uint32_t dropped = 0;
  while (!bytes.empty()) {
    journal::AttributeHeader header{};
    if (bytes.size() < sizeof header) return dropped + 1;
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes = bytes.subspan(sizeof header);
    if (std::uint64_t{header.key_size} + header.value_size > bytes.size()) return dropped + 1;

    std::string key = valid_utf8(text_of(bytes.first(header.key_size)));
    AttributeValue value;
    const Bytes value_bytes = bytes.subspan(header.key_size, header.value_size);
    if (key.empty() || !read_value(header.type, value_bytes, value)) return dropped + 1;
    if (attributes.size() < kMaxAttributes || value_for(attributes, key) != nullptr) {
      set_attribute(attributes, std::move(key), std::move(value));
    } else {
      ++dropped;
    }
    bytes = bytes.subspan(std::size_t{header.key_size} + header.value_size);
  }
  return dropped;
}

}  // namespace llmo
