#include "exporters/span/attributes.h"

#include <array>
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
    case journal::AttributeType::kStack:
    case journal::AttributeType::kEvent:
    case journal::AttributeType::kLink:
      break;  // not values: take_attribute()
  }
  return false;
}

// Attributes that the builder adds to a span: the place of the call, its cost.
constexpr std::size_t kAddedLater = 8;

AttributeKey key_of(std::string_view text) {
  return is_ascii(text) ? AttributeKey(text) : AttributeKey(valid_utf8(text));
}

// One attribute as it lies in the bytes.
struct Entry {
  journal::AttributeType type;
  std::string_view key;  // not empty
  Bytes value;
};

// Calls `take` for one after the other. False where `take` is, or where the bytes hold no attribute.
template <typename Take>
bool for_each_entry(Bytes bytes, Take take) {
  while (!bytes.empty()) {
    journal::AttributeHeader header{};
    if (bytes.size() < sizeof header) return false;
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes = bytes.subspan(sizeof header);
    if (std::uint64_t{header.key_size} + header.value_size > bytes.size()) return false;
    const Entry entry{header.type, text_of(bytes.first(header.key_size)),
                      bytes.subspan(header.key_size, header.value_size)};
    if (entry.key.empty() || !take(entry)) return false;
    bytes = bytes.subspan(std::size_t{header.key_size} + header.value_size);
  }
  return true;
}

std::size_t count_entries(Bytes bytes) {
  std::size_t count = 0;
  for_each_entry(bytes, [&](const Entry&) { return ++count < kMostListed; });
  return count;
}

bool take_stack(const Entry& entry, RecordedAttributes& list) {
  if (entry.value.size() % sizeof(journal::CodeAddress) != 0) return false;
  if (list.stacks.size() < kMostListed) {
    list.stacks.push_back({key_of(entry.key), entry.value});
  } else {
    ++list.dropped;
  }
  return true;
}

// What keys a list may have: one that is not among them is new to it.
class SeenKeys {
 public:
  explicit SeenKeys(const AttributeList& list) {
    for (const Attribute& attribute : list) add(attribute.key);
  }

  // Returns whether it may have been there.
  bool add(const AttributeKey& key) {
    std::uint64_t& word = bits_[key.hash() / 64 % bits_.size()];
    const std::uint64_t bit = std::uint64_t{1} << key.hash() % 64;
    return (std::exchange(word, word | bit) & bit) != 0;
  }

 private:
  std::array<std::uint64_t, 4> bits_{};
};

bool take_attribute(const Entry& entry, RecordedAttributes& list, SeenKeys& seen) {
  if (entry.type == journal::AttributeType::kStack) return take_stack(entry, list);
  AttributeValue value;
  if (!read_value(entry.type, entry.value, value)) return false;
  AttributeKey key = key_of(entry.key);
  const bool is_new = !seen.add(key) || list.plain.value_of(key) == nullptr;
  if (!is_new) {
    list.plain.set(std::move(key), std::move(value));
  } else if (list.plain.size() < kMostListed) {
    list.plain.push_back({std::move(key), std::move(value)});
  } else {
    ++list.dropped;
  }
  return true;
}

// False where the bytes end in damage: what comes before it is kept.
bool take_inner(Bytes bytes, RecordedAttributes& list) {
  SeenKeys seen(list.plain);
  return for_each_entry(bytes, [&](const Entry& inner) { return take_attribute(inner, list, seen); });
}

bool take_event(const Entry& entry, SpanAttributes& attributes) {
  EventAttribute event{valid_utf8(entry.key), 0, {}};
  if (entry.value.size() < sizeof event.ticks) return false;
  std::memcpy(&event.ticks, entry.value.data(), sizeof event.ticks);
  if (!take_inner(entry.value.subspan(sizeof event.ticks), event.attributes)) ++attributes.dropped;
  if (attributes.events.size() < kMostListed) {
    attributes.events.push_back(std::move(event));
  } else {
    ++attributes.dropped;
  }
  return true;
}

bool take_link(const Entry& entry, SpanAttributes& attributes) {
  LinkAttribute link;
  if (entry.value.size() < sizeof link.link) return false;
  std::memcpy(&link.link, entry.value.data(), sizeof link.link);
  const Bytes rest = entry.value.subspan(sizeof link.link);
  const std::size_t tracestate_size = link.link.tracestate_size;
  if (link.link.span_id == 0 || tracestate_size > rest.size()) return false;
  link.tracestate = valid_utf8(text_of(rest.first(tracestate_size)));
  if (!take_inner(rest.subspan(tracestate_size), link.attributes)) ++attributes.dropped;
  if (attributes.links.size() < kMostListed) {
    attributes.links.push_back(std::move(link));
  } else {
    ++attributes.dropped;
  }
  return true;
}

bool take_entry(const Entry& entry, SpanAttributes& attributes, SeenKeys& seen) {
  switch (entry.type) {
    case journal::AttributeType::kEvent:
      return take_event(entry, attributes);
    case journal::AttributeType::kLink:
      return take_link(entry, attributes);
    default:
      return take_attribute(entry, attributes, seen);
  }
}

}  // namespace

SpanAttributes read_attributes(Bytes bytes, AttributeList::Shared shared) {
  SpanAttributes attributes;
  attributes.plain = AttributeList(std::move(shared));
  attributes.plain.reserve_own(count_entries(bytes) + kAddedLater);
  SeenKeys seen(attributes.plain);
  const bool whole =
      for_each_entry(bytes, [&](const Entry& entry) { return take_entry(entry, attributes, seen); });
  if (!whole) ++attributes.dropped;
  return attributes;
}

}  // namespace llmo
