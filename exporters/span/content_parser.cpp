#include "exporters/span/content_parser.h"

namespace llmo {
namespace {

using journal::ContentField;
using journal::ContentKind;

constexpr std::string_view kMarks{"\x1e\x1d\x1f", 3};

void set_field(ContentField field, std::string_view value, CapturedPart& part) {
  switch (field) {
    case ContentField::kText:
      part.text = value;
      break;
    case ContentField::kId:
      part.id = value;
      break;
    case ContentField::kName:
      part.name = value;
      break;
    case ContentField::kMime:
      part.mime = value;
      break;
    case ContentField::kCut:
      part.cut = true;
      break;
  }
}

void add_field(std::string_view piece, CapturedMessage& message) {
  if (piece.empty()) return;
  const auto field = static_cast<ContentField>(piece.front());
  if (!message.parts.empty()) return set_field(field, piece.substr(1), message.parts.back());
  message.cut |= field == ContentField::kCut;
}

}  // namespace

std::vector<CapturedMessage> parse_content(std::string_view text) {
  std::vector<CapturedMessage> messages;
  while (!text.empty()) {
    const char mark = text.front();
    const std::size_t size = text.substr(1).find_first_of(kMarks);
    const std::string_view piece = text.substr(1, size);
    text.remove_prefix(1 + piece.size());
    if (mark == journal::kContentMessage) {
      messages.push_back({.role = piece});
    } else if (messages.empty()) {
      continue;
    } else if (mark == journal::kContentPart && !piece.empty()) {
      messages.back().parts.push_back({.kind = static_cast<ContentKind>(piece.front())});
    } else if (mark == journal::kContentField) {
      add_field(piece, messages.back());
    }
  }
  return messages;
}

}  // namespace llmo
