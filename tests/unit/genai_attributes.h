// What stands in a span draft, as text that a test can compare.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shim/journal/span_draft.h"

namespace llmo::genai {

// Attribute key to value: strings as they are, `true`, `12`, doubles with a point (`1.0`), lists as `[a|b]`.
// The status stands under `status` as `<number> <message>`, and only where it is set.
using Attributes = std::map<std::string, std::string>;

inline std::string value_text(journal::AttributeType type, std::string_view bytes) {
  switch (type) {
    case journal::AttributeType::kString:
      return std::string{bytes};
    case journal::AttributeType::kBool:
      return bytes[0] != 0 ? "true" : "false";
    case journal::AttributeType::kInt: {
      std::int64_t number = 0;
      std::memcpy(&number, bytes.data(), sizeof number);
      return std::to_string(number);
    }
    case journal::AttributeType::kDouble: {
      double number = 0;
      std::memcpy(&number, bytes.data(), sizeof number);
      char text[40];
      std::snprintf(text, sizeof text, "%.12g", number);
      return std::strpbrk(text, ".e") != nullptr ? text : std::string{text} + ".0";
    }
    case journal::AttributeType::kStack:
      return std::to_string(bytes.size() / sizeof(journal::CodeAddress)) + " addresses";
    case journal::AttributeType::kEvent:
      return "event";
    case journal::AttributeType::kLink:
      return "link";
    case journal::AttributeType::kStrings:
      break;
  }
  std::string list = "[";
  while (!bytes.empty()) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    list.append(list.size() > 1 ? "|" : "").append(bytes.substr(sizeof size, size));
    bytes.remove_prefix(sizeof size + size);
  }
  return list + "]";
}

inline Attributes attributes_of(const journal::SpanDraft& draft) {
  alignas(8) static char storage[journal::SpanDraft::kMaxSize];
  auto* const record = new (storage) journal::SpanRecord{};
  draft.write_to(record, sizeof storage);
  Attributes found;
  std::string_view rest{storage + sizeof *record + record->name_size, sizeof storage - sizeof *record};
  if (record->status != journal::SpanStatus::kUnset) {
    found["status"] = std::to_string(static_cast<int>(record->status)) + " " +
                      std::string{rest.substr(0, record->status_message_size)};
  }
  rest = rest.substr(record->status_message_size, record->attributes_size);
  while (!rest.empty()) {
    journal::AttributeHeader header;
    std::memcpy(&header, rest.data(), sizeof header);
    rest.remove_prefix(sizeof header);
    const std::string key{rest.substr(0, header.key_size)};
    found[key] = value_text(header.type, rest.substr(header.key_size, header.value_size));
    rest.remove_prefix(header.key_size + header.value_size);
  }
  return found;
}

// The pieces to which a body is cut before it is fed: whole, byte by byte, and, for a short one, every cut in
// two.
inline std::vector<std::vector<std::string_view>> cuts_of(std::string_view body) {
  std::vector<std::vector<std::string_view>> cuts{{body}, {}};
  for (std::size_t at = 0; at < body.size(); ++at) cuts[1].push_back(body.substr(at, 1));
  for (std::size_t at = 1; at < body.size() && body.size() < 3000; ++at) {
    cuts.push_back({body.substr(0, at), body.substr(at)});
  }
  return cuts;
}

}  // namespace llmo::genai
