#include "shim/http/response_headers.h"

#include <cstring>

#include "shim/config/text.h"
#include "shim/genai/byte_search.h"

namespace llmo::http {
namespace {

using journal::AttributeHeader;
using journal::AttributeType;

constexpr std::string_view kKeyBegin = "http.response.header.";
constexpr std::string_view kContentEncoding = "content-encoding";
using ValueSize = std::uint32_t;  // before each value of a list

// An attribute without name and value.
constexpr std::size_t kFrame = sizeof(AttributeHeader) + kKeyBegin.size() + sizeof(ValueSize);

}  // namespace

void ResponseHeaders::note_line(std::string_view line) {
  size_before_line_ = size_;
  if (line.empty()) return;
  static_assert(!may_begin_kept_header('H') && may_begin_kept_header(kContentEncoding[0]));
  if (!may_begin_kept_header(line[0])) {
    if (line.starts_with("HTTP/")) begin_response();
    return;
  }
  const char* const end = line.data() + line.size();
  const char* const colon = genai::find_either(line.data(), end, ':', ':');
  if (colon == end) return;
  const std::string_view name{line.data(), static_cast<std::size_t>(colon - line.data())};
  const std::string_view value = config::trim(line.substr(name.size() + 1));
  if (config::equal_ignoring_case(name, kContentEncoding)) {
    if (content_encoding_.empty()) content_encoding_.assign(value);
  } else {
    note(name, value);
  }
}

void ResponseHeaders::begin_response() {
  size_ = 0;
  places_.reset();
  may_repeat_ = false;
  content_encoding_.clear();
}

// Its place stays taken: if it comes again, it is looked at twice, which does no harm.
void ResponseHeaders::forget_line() { size_ = size_before_line_; }

void ResponseHeaders::note(std::string_view name, std::string_view value) {
  const std::string_view cut = value.substr(0, kMaxHeaderValue);
  const std::size_t needed = kFrame + name.size() + cut.size();
  if (cut.empty() || needed > kMaxText - size_) return;
  char* const lower_name = text_ + size_ + sizeof(AttributeHeader) + kKeyBegin.size();
  const KeptHeader kept = find_kept_header(name, lower_name);
  if (kept.name.empty()) return;
  note_place(kept.place);
  append(kept.name, cut);
}

void ResponseHeaders::note_place(std::size_t place) {
  may_repeat_ = may_repeat_ || place == KeptHeader::kNowhere || places_[place];
  if (place != KeptHeader::kNowhere) places_.set(place);
}

// `kept_name` stands in its place already.
void ResponseHeaders::append(std::string_view kept_name, std::string_view value) {
  const auto value_size = static_cast<ValueSize>(value.size());
  const AttributeHeader header{AttributeType::kStrings, 0,
                               static_cast<std::uint16_t>(kKeyBegin.size() + kept_name.size()),
                               static_cast<std::uint32_t>(sizeof value_size + value.size())};
  char* at = text_ + size_;
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + sizeof header, kKeyBegin.data(), kKeyBegin.size());
  at += sizeof header + header.key_size;
  std::memcpy(at, &value_size, sizeof value_size);
  std::memcpy(at + sizeof value_size, value.data(), value.size());
  size_ = static_cast<std::uint16_t>(size_ + kFrame + kept_name.size() + value.size());
}

ResponseHeaders::Entry ResponseHeaders::entry_at(std::size_t begin) const {
  AttributeHeader header;
  std::memcpy(&header, text_ + begin, sizeof header);
  const char* const key = text_ + begin + sizeof header;
  const char* const value = key + header.key_size + sizeof(ValueSize);
  return {{key, header.key_size},
          {value, header.value_size - sizeof(ValueSize)},
          begin + sizeof header + header.key_size + header.value_size};
}

std::string_view ResponseHeaders::value(std::string_view lower_name) const {
  for (std::size_t at = 0; at < size_;) {
    const Entry entry = entry_at(at);
    if (entry.key.substr(kKeyBegin.size()) == lower_name) return entry.value;
    at = entry.end;
  }
  return {};
}

bool ResponseHeaders::has_key_before(std::size_t end, std::string_view key) const {
  for (std::size_t at = 0; at < end;) {
    const Entry entry = entry_at(at);
    if (entry.key == key) return true;
    at = entry.end;
  }
  return false;
}

void ResponseHeaders::write(journal::SpanDraft* draft) const {
  if (may_repeat_) return write_lists(draft);
  draft->add_encoded(std::as_bytes(std::span(text_, size_)));
}

// What was sent several times is one list.
void ResponseHeaders::write_lists(journal::SpanDraft* draft) const {
  std::string_view values[kMaxText / kFrame];
  for (std::size_t first = 0; first < size_;) {
    const Entry entry = entry_at(first);
    if (!has_key_before(first, entry.key)) {
      std::size_t count = 0;
      for (std::size_t other = first; other < size_;) {
        const Entry same = entry_at(other);
        if (same.key == entry.key) values[count++] = same.value;
        other = same.end;
      }
      draft->add_strings(entry.key, {values, count});
    }
    first = entry.end;
  }
}

}  // namespace llmo::http
