// Where captured messages are gathered, within a fixed limit: those of a request as they come, those of an
// answer put together from the pieces of a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "shim/genai/content_message.h"

namespace llmo::genai {

// The most bytes that each attribute gets.
inline constexpr std::size_t kMaxMessagesSize = 8 * 1024;
inline constexpr std::size_t kMaxSystemSize = 4 * 1024;
inline constexpr std::size_t kMaxToolsSize = 4 * 1024;

// What a request says. Of a conversation that is too long the last messages stay, as the earlier ones stand
// in the spans before, and the instructions that it begins with.
class InputStore {
 public:
  void clear();
  // Takes the next message; `message` is left empty.
  void add(ContentMessage* message);
  // Instructions outside the conversation; each begins a part of its own.
  void begin_system();
  void append_system(std::string_view bytes);
  void begin_tools();
  void append_tools(std::string_view bytes);

  // The attributes' values as journal/content_format.h has them, without secrets; empty where there is
  // nothing.
  std::string system();
  std::string tools();
  // `omitted` gets the number of messages that were left out.
  std::string messages(std::size_t* omitted);

 private:
  void drop_oldest();

  ContentMessage system_;
  std::string tools_;
  bool tools_cut_ = false;
  std::vector<ContentMessage> instructions_;  // that the conversation begins with
  std::size_t instructions_size_ = 0;
  std::deque<ContentMessage> messages_;  // the last ones
  std::size_t size_ = 0;                 // of messages_, about, in memory
  std::size_t omitted_ = 0;
};

// What answers say: a message for each choice.
class OutputStore {
 public:
  void clear();
  // Takes a message. One that `continues` an answer goes on where the choice of that number was: texts to the
  // end of its last text, parts with a key to the part with that key.
  void add(ContentMessage* message, bool continues);

  std::string messages();

 private:
  static constexpr std::size_t kMaxChoices = 16;

  ContentMessage* choice(std::int32_t number);
  static ContentPart* part_for(const ContentPart& part, ContentMessage* message, bool continues);
  void append(const ContentPart& from, ContentPart* to);

  std::vector<ContentMessage> choices_;
  std::size_t text_size_ = 0;
};

}  // namespace llmo::genai
