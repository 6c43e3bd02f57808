// Which headers of a response stand on its span, as `http.response.header.<name>`.
//
// How long to wait, how much of a quota is left, how long the server took, and the number under which a
// provider finds the request. Never anything that identifies or authorises: a header is kept where its whole
// name is in a table, or is made of a known beginning and words of a second table, and by no other rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "shim/genai/fixed_text.h"
#include "shim/journal/span_draft.h"

namespace llmo::http {

// The longest name that is kept.
inline constexpr std::size_t kMaxHeaderName = 64;
// Of a value so many bytes are kept.
inline constexpr std::size_t kMaxHeaderValue = 256;

// The name of a header (in any case) that is kept, in lower case and in `lower_name`; empty for all others.
std::string_view kept_header(std::string_view name, std::span<char, kMaxHeaderName> lower_name);

// Those of one response, in bounded memory; what is too much for it is left out. Nothing here allocates.
class ResponseHeaders {
 public:
  // A header line as libcurl delivers it. A status line begins another response and forgets the one before.
  void note_line(std::string_view line);
  // Takes the last line back, which will be delivered again. Not where it was a status line.
  void forget_line();

  void note(std::string_view name, std::string_view value);

  // The value of one that is kept, by its lower-case name; empty where it was not sent.
  std::string_view value(std::string_view lower_name) const;

  // How the body is encoded, for whoever reads it; empty where it is not.
  std::string_view content_encoding() const { return content_encoding_.view(); }

  void write(journal::SpanDraft* draft) const;

 private:
  static constexpr std::size_t kMaxHeaders = 32;
  static constexpr std::size_t kMaxText = 2048;

  struct Entry {
    std::uint16_t begin;  // in text_: the key of the attribute, then the value
    std::uint16_t key_size;
    std::uint16_t value_size;
    std::uint16_t mark;  // the same for the same key, rarely for another
  };
  std::string_view key_of(const Entry& entry) const { return {text_ + entry.begin, entry.key_size}; }
  std::string_view value_of(const Entry& entry) const {
    return {text_ + entry.begin + entry.key_size, entry.value_size};
  }
  bool is_same_key(const Entry& one, const Entry& other) const {
    return one.mark == other.mark && key_of(one) == key_of(other);
  }
  bool is_repeated(const Entry& entry) const;

  std::uint16_t size_ = 0;
  std::uint16_t count_ = 0;
  std::uint16_t size_before_line_ = 0;
  std::uint16_t count_before_line_ = 0;
  genai::FixedText<64> content_encoding_;
  Entry entries_[kMaxHeaders];
  char text_[kMaxText];
};

}  // namespace llmo::http
