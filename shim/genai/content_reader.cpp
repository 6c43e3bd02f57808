#include "shim/genai/content_reader.h"

#include <algorithm>
#include <limits>

namespace llmo::genai {
namespace {

constexpr std::string_view kDataScheme = "data:";

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// What the text of an event of OpenAI's responses API is; kUnknown where it is none, as sound is not.
ContentKind kind_of_event(std::string_view type) {
  if (contains(type, "_arguments.") || contains(type, "tool_call_input.")) return ContentKind::kToolCall;
  if (contains(type, "reasoning")) return ContentKind::kReasoning;
  if (contains(type, "text.") || contains(type, "refusal.") || contains(type, "transcript.")) {
    return ContentKind::kText;
  }
  return ContentKind::kUnknown;
}

// An address without what may be secret in it: user name, query, fragment.
void append_address(std::string_view uri, std::string* out) {
  uri = uri.substr(0, uri.find_first_of("?#"));
  const std::size_t scheme = uri.find("://");
  const std::size_t begin = scheme == uri.npos ? 0 : scheme + 3;
  const std::size_t end = std::min(uri.size(), uri.find('/', begin));
  const std::size_t user = uri.substr(0, end).rfind('@');
  out->append(uri.substr(0, begin));
  out->append(uri.substr(user == uri.npos || user < begin ? begin : user + 1));
}

std::string_view default_role(const ContentMessage& message) {
  if (message.parts.empty()) return "user";
  switch (message.parts.front().kind) {
    case ContentKind::kToolResult:
      return "tool";
    case ContentKind::kToolCall:
    case ContentKind::kReasoning:
      return "assistant";
    default:
      return "user";
  }
}

}  // namespace

void ContentReader::begin(const JsonPaths& paths) {
  paths_ = &paths;
  documents_ = 0;
  message_.clear();
  json_ = {};
}

void ContentReader::on_document_begin() {
  if (paths_ == nullptr) return;
  ++documents_;
  begin_document();
  json_.begin(*paths_);
  event_type_.clear();
  part_number_ = -1;
  next_choice_ = 0;
  has_event_text_ = has_whole_text_ = is_whole_ = false;
}

void ContentReader::on_document_end() {
  json_.finish(this);
  end_message();
}

// --- what the scanner finds ------------------------------------------------------------------------------

void ContentReader::on_value(std::uint8_t field, const JsonValue& value) {
  const auto path = static_cast<ContentPath>(field);
  target_ = nullptr;
  switch (value.type) {
    case JsonType::kObject:
    case JsonType::kArray:
      return begin_container(path, value.type);
    case JsonType::kInt:
      return take_number(path, value.integer);
    case JsonType::kString:
      // A text that comes in pieces has none yet.
      return value.text.empty() ? begin_text(path) : take_word(path, value.text);
    case JsonType::kBool:
      if (path == ContentPath::kPartIsReasoning && value.boolean) {
        if (ContentPart* const part = message_.last(); part != nullptr) part->kind = ContentKind::kReasoning;
      }
      return;
    default:
      return;
  }
}

void ContentReader::on_piece(std::uint8_t field, std::string_view bytes) {
  const auto path = static_cast<ContentPath>(field);
  if (path == ContentPath::kSystem || path == ContentPath::kTools) return append_aside(path, bytes);
  message_.append(target_, bytes);
}

void ContentReader::begin_container(ContentPath path, JsonType type) {
  const bool is_object = type == JsonType::kObject;
  switch (path) {
    case ContentPath::kMessage:
      if (is_object) end_message();
      return;
    case ContentPath::kChoice:
      if (!is_object) return;
      end_message();
      message_.choice = next_choice_++;
      return;
    case ContentPath::kPart:
      if (is_object) message_.open(ContentKind::kUnknown);
      return;
    case ContentPath::kToolCall:
      if (is_object) message_.open(ContentKind::kToolCall);
      return;
    case ContentPath::kWhole:
      return begin_whole();
    case ContentPath::kTools:
      return begin_aside(path);
    case ContentPath::kArguments:
    case ContentPath::kResult:
      target_ = part_for_text(path);
      return;
    default:
      return;
  }
}

void ContentReader::begin_text(ContentPath path) {
  switch (path) {
    case ContentPath::kSystem:
    case ContentPath::kTools:
      return begin_aside(path);
    case ContentPath::kImageData:
      return note_data("image", {});
    case ContentPath::kMessage:
    case ContentPath::kPrompt:
      end_message();
      break;
    case ContentPath::kWhole:
      begin_whole();
      break;
    case ContentPath::kEventText:
      has_event_text_ = true;
      break;
    case ContentPath::kEventWholeText:
      has_whole_text_ = true;
      break;
    default:
      break;
  }
  target_ = part_for_text(path);
}

// The part that gets the text that begins; nullptr for what is none, as an empty word.
ContentPart* ContentReader::part_for_text(ContentPath path) {
  switch (path) {
    case ContentPath::kMessage:
    case ContentPath::kPrompt:
    case ContentPath::kWhole:
    case ContentPath::kText:
    case ContentPath::kPart:
      return message_.open(ContentKind::kText);
    case ContentPath::kReasoning:
      return message_.open(ContentKind::kReasoning);
    case ContentPath::kEventText:
    case ContentPath::kEventWholeText:
      return message_.open(ContentKind::kUnknown);
    case ContentPath::kPartText: {
      // A part that is already known for a thought stays one.
      const bool thought = !message_.parts.empty() && message_.parts.back().text.empty() &&
                           message_.parts.back().kind == ContentKind::kReasoning;
      return message_.ensure(thought ? ContentKind::kReasoning : ContentKind::kText);
    }
    case ContentPath::kPartReasoning:
      return message_.ensure(ContentKind::kReasoning);
    case ContentPath::kArguments:
      return message_.ensure(ContentKind::kToolCall);
    case ContentPath::kResult: {
      ContentPart* const part = message_.ensure(ContentKind::kToolResult);
      if (part != nullptr && !part->text.empty()) message_.append(part, "\n");
      return part;
    }
    default:
      return nullptr;
  }
}

// The answer comes once more, whole: what its pieces gave is not needed any more.
void ContentReader::begin_whole() {
  is_whole_ = true;
  message_.clear();
  forget();
}

void ContentReader::take_number(ContentPath path, std::int64_t number) {
  if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) return;
  const auto index = static_cast<std::int32_t>(number);
  if (path == ContentPath::kChoiceNumber) message_.choice = index;
  if (path == ContentPath::kPartNumber) part_number_ = index;
  if (path != ContentPath::kOwnNumber) return;
  if (ContentPart* const part = message_.last(); part != nullptr) part->key = index;
}

void ContentReader::take_word(ContentPath path, std::string_view word) {
  switch (path) {
    case ContentPath::kRole:
      message_.role.assign(word);
      return;
    case ContentPath::kResultOf:
      result_of_.assign(word);
      return;
    case ContentPath::kEventType:
      event_type_.assign(word);
      return;
    case ContentPath::kImageFormat:
      return note_data("image", word);
    case ContentPath::kAudioFormat:
      return note_data("audio", word);
    case ContentPath::kFileFormat:
      return note_data("application", word);
    case ContentPath::kUri:
      return take_uri(word);
    default:
      break;
  }
  ContentPart* const part = message_.last();
  if (part == nullptr) return;
  if (path == ContentPath::kCallId) part->id.assign(word);
  if (path == ContentPath::kToolName) part->name.assign(word);
  if (path == ContentPath::kMime) part->mime.assign(word);
  if (path == ContentPath::kPartResultOf) {
    part->kind = ContentKind::kToolResult;
    part->id.assign(word);
  }
  if (path == ContentPath::kFileId) {
    part->kind = ContentKind::kFile;
    part->id.assign(word);
  }
}

void ContentReader::take_uri(std::string_view uri) {
  if (uri.starts_with(kDataScheme)) {
    const std::string_view type = uri.substr(kDataScheme.size());
    return note_data(type.substr(0, type.find_first_of(";,")), {});
  }
  ContentPart* const part = message_.ensure(ContentKind::kUri);
  if (part != nullptr) append_address(uri, &part->text);
}

// Data that the message holds: what it is, and not a byte of it.
void ContentReader::note_data(std::string_view family, std::string_view format) {
  ContentPart* const part = message_.ensure(ContentKind::kUnknown);
  if (part == nullptr) return;
  part->kind = ContentKind::kBlob;
  part->mime.assign(family);
  if (!format.empty()) part->mime.append("/").append(format);
}

// --- messages --------------------------------------------------------------------------------------------

void ContentReader::end_message() {
  target_ = nullptr;
  std::erase_if(message_.parts, [this](ContentPart& part) { return !settle(&part); });
  if (!message_.parts.empty() || !message_.role.empty()) take(&message_, documents_ > 1 && !is_whole_);
  message_.clear();
  result_of_.clear();
}

// Decides what the part is now that all of it is known. False where it is nothing.
bool ContentReader::settle(ContentPart* part) {
  if (part->key < 0) part->key = part_number_;
  if (part->kind == ContentKind::kUnknown && has_event_text_) part->kind = kind_of_event(event_type_.view());
  if (part->kind == ContentKind::kUnknown && has_whole_text_ && event_type_.empty())
    part->kind = ContentKind::kText;
  if (part->kind == ContentKind::kUnknown && part->text.empty()) {
    part->kind = part->mime.empty() ? ContentKind::kToolCall : ContentKind::kBlob;
  }
  if (part->kind == ContentKind::kText && !result_of_.empty()) {
    part->kind = ContentKind::kToolResult;
    part->id = result_of_;
  }
  return part->kind != ContentKind::kUnknown && !part->empty();
}

// --- requests --------------------------------------------------------------------------------------------

void RequestReader::take(ContentMessage* message, bool /*continues*/) {
  if (message->role.empty()) message->role = default_role(*message);
  store_->add(message);
}

void RequestReader::begin_aside(ContentPath path) {
  if (path == ContentPath::kSystem) store_->begin_system();
  if (path == ContentPath::kTools) store_->begin_tools();
}

void RequestReader::append_aside(ContentPath path, std::string_view bytes) {
  if (path == ContentPath::kSystem) store_->append_system(bytes);
  if (path == ContentPath::kTools) store_->append_tools(bytes);
}

}  // namespace llmo::genai
