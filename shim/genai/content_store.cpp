#include "shim/genai/content_store.h"

#include <utility>

#include "shim/genai/secrets.h"

namespace llmo::genai {
namespace {

// What the last messages may take in memory: twice what a span gets, so that a long message does not drive
// out the one before it before it is known how much of both fits.
constexpr std::size_t kMaxHeld = 2 * (kMaxContent + sizeof(ContentMessage)) + 8 * 1024;
// Instructions that begin a conversation, all together.
constexpr std::size_t kMaxInstructions = 2 * 1024;
// Less than this of a message is not worth showing.
constexpr std::size_t kLeastMessage = 128;

bool is_instruction(std::string_view role) { return role == "system" || role == "developer"; }

}  // namespace

// --- requests --------------------------------------------------------------------------------------------

void InputStore::clear() { *this = InputStore{}; }

void InputStore::add(ContentMessage* message) {
  const bool begins = messages_.empty() && omitted_ == 0 && is_instruction(message->role);
  if (begins && instructions_size_ + written_size(*message) <= kMaxInstructions) {
    instructions_size_ += written_size(*message);
    instructions_.push_back(std::exchange(*message, {}));
    return;
  }
  size_ += message->size();
  messages_.push_back(std::exchange(*message, {}));
  while (size_ > kMaxHeld && messages_.size() > 1) drop_oldest();
}

void InputStore::drop_oldest() {
  size_ -= messages_.front().size();
  messages_.pop_front();
  ++omitted_;
}

void InputStore::begin_system() {
  system_.role = "system";
  system_.open(ContentKind::kText);
}

void InputStore::append_system(std::string_view bytes) { system_.append(system_.last(), bytes); }

void InputStore::begin_tools() {
  tools_.clear();
  tools_cut_ = false;
}

void InputStore::append_tools(std::string_view bytes) {
  if (!tools_cut_) tools_cut_ = !append_bounded(bytes, kMaxToolsSize - 2, &tools_);
}

std::string InputStore::system() {
  std::string out;
  if (system_.parts.empty()) return out;
  system_.redact();
  append_message(system_, kMaxSystemSize, &out);
  return out;
}

std::string InputStore::tools() {
  std::string out = tools_;
  redact_secrets(&out);
  if (tools_cut_) out.append({journal::kContentField, static_cast<char>(journal::ContentField::kCut)});
  return out;
}

// From the last message back as far as there is room; the first of those that are shown may be cut.
std::string InputStore::messages(std::size_t* omitted) {
  std::size_t room = kMaxMessagesSize;
  for (ContentMessage& message : instructions_) {
    message.redact();
    room -= written_size(message);
  }
  std::size_t first = messages_.size();
  std::size_t first_limit = 0;
  while (first > 0 && room >= kLeastMessage) {
    ContentMessage& message = messages_[--first];
    message.redact();
    const std::size_t size = written_size(message);
    first_limit = size < room ? size : room;
    room -= first_limit;
  }
  std::string out;
  for (const ContentMessage& message : instructions_) append_message(message, kMaxMessagesSize, &out);
  for (std::size_t at = first; at < messages_.size(); ++at) {
    append_message(messages_[at], at == first ? first_limit : kMaxMessagesSize, &out);
  }
  *omitted = omitted_ + first;
  return out;
}

// --- answers ---------------------------------------------------------------------------------------------

void OutputStore::clear() { *this = OutputStore{}; }

ContentMessage* OutputStore::choice(std::int32_t number) {
  for (ContentMessage& message : choices_) {
    if (message.choice == number) return &message;
  }
  if (choices_.size() >= kMaxChoices) return nullptr;
  ContentMessage& message = choices_.emplace_back();
  message.choice = number;
  return &message;
}

void OutputStore::add(ContentMessage* message, bool continues) {
  if (ContentMessage* const whole = choice(message->choice); whole != nullptr) {
    if (!message->role.empty()) whole->role = message->role;
    whole->cut |= message->cut;
    for (const ContentPart& part : message->parts) {
      if (ContentPart* const place = part_for(part, whole, continues); place != nullptr) append(part, place);
    }
  }
  message->clear();
}

ContentPart* OutputStore::part_for(const ContentPart& part, ContentMessage* message, bool continues) {
  if (!continues) return message->open(part.kind);
  if (part.key >= 0) {
    for (ContentPart& known : message->parts) {
      if (known.key == part.key && known.kind == part.kind) return &known;
    }
    return message->open(part.kind);
  }
  const bool is_prose = part.kind == ContentKind::kText || part.kind == ContentKind::kReasoning;
  const bool is_rest = is_prose || (part.id.empty() && part.name.empty());
  if (is_rest && !message->parts.empty() && message->parts.back().kind == part.kind) {
    return &message->parts.back();
  }
  return message->open(part.kind);
}

// The limit holds for all choices together.
void OutputStore::append(const ContentPart& from, ContentPart* to) {
  to->key = from.key;
  if (!from.id.empty()) to->id = from.id;
  if (!from.name.empty()) to->name = from.name;
  if (!from.mime.empty()) to->mime = from.mime;
  if (to->cut) return;
  const std::size_t before = to->text.size();
  to->cut = !append_bounded(from.text, before + (kMaxContent - text_size_), &to->text) || from.cut;
  if (to->text.size() > before) text_size_ += to->text.size() - before;
}

std::string OutputStore::messages() {
  std::string out;
  for (ContentMessage& message : choices_) {
    message.redact();
    const std::size_t room = kMaxMessagesSize - out.size();
    if (room >= kLeastMessage && !message.parts.empty()) append_message(message, room, &out);
  }
  return out;
}

}  // namespace llmo::genai
