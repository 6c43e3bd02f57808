#include "shim/genai/content_message.h"

#include <algorithm>

#include "shim/genai/secrets.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {
namespace {

using journal::ContentField;

// What a part costs beside its text.
constexpr std::size_t kPartOverhead = sizeof(ContentPart);
// Parts that a limit cuts to less than this are left out.
constexpr std::size_t kLeastPart = 16;

// Letters of our own format that stand in a text.
bool is_mark(char byte) { return byte >= '\x1c' && byte <= '\x1f'; }

void append_plain(std::string_view text, std::string* out) {
  for (const char byte : text) out->push_back(is_mark(byte) ? ' ' : byte);
}

void append_field(ContentField field, std::string_view value, std::string* out) {
  if (value.empty()) return;
  out->push_back(journal::kContentField);
  out->push_back(static_cast<char>(field));
  append_plain(value, out);
}

void append_cut_mark(std::string* out) {
  out->push_back(journal::kContentField);
  out->push_back(static_cast<char>(ContentField::kCut));
}

std::size_t field_size(std::string_view value) { return value.empty() ? 0 : value.size() + 2; }

std::size_t written_size(const ContentPart& part) {
  return 2 + field_size(part.id) + field_size(part.name) + field_size(part.mime) + field_size(part.text) +
         (part.cut ? 2 : 0);
}

// The text comes last: it is what a limit cuts.
void append_part(const ContentPart& part, std::size_t limit, std::string* out) {
  const std::size_t size = written_size(part);
  std::size_t text_size = part.text.size();
  if (size > limit) {
    const std::size_t excess = size - limit + 2;
    text_size = excess < text_size ? platform::utf8_prefix(part.text, text_size - excess) : 0;
  }
  out->push_back(journal::kContentPart);
  out->push_back(static_cast<char>(part.kind));
  append_field(ContentField::kId, part.id, out);
  append_field(ContentField::kName, part.name, out);
  append_field(ContentField::kMime, part.mime, out);
  append_field(ContentField::kText, std::string_view{part.text}.substr(0, text_size), out);
  if (part.cut || text_size < part.text.size()) append_cut_mark(out);
}

// The word that a limit cut may be the beginning of a secret that is not long enough to be known as one. A
// longer word is: keys are known by how they begin.
std::size_t without_last_word(std::string_view text) {
  constexpr std::size_t kLongestUnknown = 40;
  std::size_t size = text.size();
  while (size > 0 && !is_word_end(text[size - 1])) {
    --size;
    if (text.size() - size > kLongestUnknown) return text.size();
  }
  return size;
}

}  // namespace

bool append_bounded(std::string_view bytes, std::size_t limit, std::string* text) {
  if (text->size() + bytes.size() <= limit) {
    text->append(bytes);
    return true;
  }
  const std::size_t room = text->size() < limit ? limit - text->size() : 0;
  text->append(bytes.substr(0, platform::utf8_prefix(bytes, room)));
  text->resize(without_last_word(*text));
  return false;
}

ContentPart* ContentMessage::open(ContentKind kind) {
  if (parts.size() >= kMaxContentParts) {
    cut = true;
    return nullptr;
  }
  ContentPart& part = parts.emplace_back();
  part.kind = kind;
  return &part;
}

ContentPart* ContentMessage::ensure(ContentKind kind) {
  if (cut) return nullptr;
  if (!parts.empty() && parts.back().kind == kind) return &parts.back();
  if (parts.empty() || parts.back().kind != ContentKind::kUnknown) return open(kind);
  parts.back().kind = kind;
  return &parts.back();
}

ContentPart* ContentMessage::last() {
  if (cut) return nullptr;
  return parts.empty() ? open(ContentKind::kUnknown) : &parts.back();
}

void ContentMessage::append(ContentPart* part, std::string_view bytes) {
  if (part == nullptr || part->cut) return;
  const std::size_t before = part->text.size();
  part->cut = !append_bounded(bytes, before + (kMaxContent - text_size_), &part->text);
  // What a cut takes away again counts as used: nothing is to follow it.
  if (part->text.size() > before) text_size_ += part->text.size() - before;
  if (part->cut) text_size_ = kMaxContent;
}

std::size_t ContentMessage::size() const { return sizeof *this + text_size_ + parts.size() * kPartOverhead; }

void ContentMessage::clear() {
  choice = 0;
  cut = false;
  role.clear();
  parts.clear();
  text_size_ = 0;
}

void ContentMessage::redact() {
  for (ContentPart& part : parts) {
    for (std::string* const text : {&part.text, &part.id, &part.name, &part.mime}) redact_secrets(text);
  }
  redact_secrets(&role);
}

std::size_t written_size(const ContentMessage& message) {
  std::size_t size = 1 + message.role.size() + (message.cut ? 2 : 0);
  for (const ContentPart& part : message.parts) size += written_size(part);
  return size;
}

// What does not fit is cut, part by part; what tells a part's kind, id and name goes before the text of those
// in front of it.
void append_message(const ContentMessage& message, std::size_t limit, std::string* out) {
  const std::size_t end = out->size() + limit;
  out->push_back(journal::kContentMessage);
  append_plain(message.role, out);
  std::size_t bare_size = 0;
  for (const ContentPart& part : message.parts) bare_size += written_size(part) - part.text.size();
  bool cut = message.cut;
  for (const ContentPart& part : message.parts) {
    const std::size_t bare = written_size(part) - part.text.size();
    const std::size_t room = end - std::min(end, out->size() + (message.cut ? 2 : 0));
    bare_size -= bare;
    const std::size_t mine =
        written_size(part) + bare_size <= room ? room : room - std::min(room / 2, bare_size);
    const bool shown = written_size(part) <= mine || bare + kLeastPart <= mine;
    if (shown) append_part(part, mine, out);
    cut |= !shown;
  }
  if (cut && out->size() + 2 <= end) append_cut_mark(out);
}

}  // namespace llmo::genai
