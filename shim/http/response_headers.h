// The headers of a response that stand on its span, as `http.response.header.<name>`.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/http/header_names.h"
#include "shim/journal/span_draft.h"
#include "shim/platform/fixed_text.h"

namespace llmo::http {

// Of a value so many bytes are kept.
inline constexpr std::size_t kMaxHeaderValue = 256;

// Those of one response, in bounded memory; what is too much for it is left out. Nothing here allocates. They
// are kept as the attributes that they become, so that nothing is left to do at the end but to copy them.
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
  static constexpr std::size_t kMaxText = 2432;

  // An attribute in text_: its head, its key, and a list of one value.
  struct Entry {
    std::string_view key;
    std::string_view value;
    std::size_t end;  // where the next one begins
  };
  Entry entry_at(std::size_t begin) const;
  bool has_key_before(std::size_t end, std::string_view key) const;
  void begin_response();
  void append(std::string_view kept_name, std::string_view value);
  void note_place(std::size_t place);
  void write_lists(journal::SpanDraft* draft) const;

  std::uint16_t size_ = 0;
  std::uint16_t size_before_line_ = 0;
  bool may_repeat_ = false;  // a name may stand here twice
  std::bitset<KeptHeader::kPlaces> places_;
  platform::FixedText<64> content_encoding_;
  char text_[kMaxText];
};

}  // namespace llmo::http
