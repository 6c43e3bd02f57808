// A message of a conversation and its parts, bounded in size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shim/journal/content_format.h"

namespace llmo::genai {

using journal::ContentKind;

// The most bytes of text that a message keeps, and the most parts.
inline constexpr std::size_t kMaxContent = 8 * 1024;
inline constexpr std::size_t kMaxContentParts = 64;

struct ContentPart {
  ContentKind kind = ContentKind::kUnknown;
  std::int32_t key = -1;  // tells the parts of a streamed answer apart; -1: none
  bool cut = false;       // its text was longer
  std::string text;       // text, arguments, result or address
  std::string id;
  std::string name;
  std::string mime;

  bool empty() const { return text.empty() && id.empty() && name.empty() && mime.empty(); }
};

class ContentMessage {
 public:
  std::int32_t choice = 0;
  bool cut = false;  // it has more parts than are kept
  std::string role;
  std::vector<ContentPart> parts;

  // A new part; nullptr where the message has too many.
  ContentPart* open(ContentKind kind);
  // The last part if it is of that kind or has none yet, and then gets it; else a new one. nullptr as above.
  ContentPart* ensure(ContentKind kind);
  // The last part, whatever it is; a new one where there is none. nullptr as above.
  ContentPart* last();
  // Appends to the text of one of the parts, as far as the message's limit goes.
  void append(ContentPart* part, std::string_view bytes);

  // Bytes that it takes in memory, about.
  std::size_t size() const;
  // Forgets the content and keeps the memory of `parts`.
  void clear();
  // Replaces keys, tokens and passwords in it.
  void redact();

 private:
  std::size_t text_size_ = 0;
};

// Appends `bytes` to `text` unless it would grow longer than `limit`. Then it gets what fits, without the
// word that was cut, as half a secret would not be known as one, and false is returned.
bool append_bounded(std::string_view bytes, std::size_t limit, std::string* text);

// The message as journal/content_format.h has it, at the end of `out`, in at most `limit` bytes.
void append_message(const ContentMessage& message, std::size_t limit, std::string* out);
// What that takes with no limit.
std::size_t written_size(const ContentMessage& message);

}  // namespace llmo::genai
