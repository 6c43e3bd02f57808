#include "exporters/span/content.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/span/attributes.h"
#include "exporters/span/content_parser.h"
#include "exporters/span/json_text.h"
#include "exporters/span/tool_definitions.h"
#include "shim/journal/content_format.h"

namespace llmo {
namespace {

using journal::ContentKind;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

// Looked for in every span of an API call.
const AttributeKey kSystem = journal::kContentSystem;
const AttributeKey kInput = journal::kContentInput;
const AttributeKey kOutput = journal::kContentOutput;
const AttributeKey kTools = journal::kContentTools;
const AttributeKey kOmitted = journal::kContentOmitted;

constexpr std::string_view kCutMark = "…[cut]";

void put_text(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put(Writer& out, std::string_view key, std::string_view value) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  put_text(out, value);
}

void put_if_any(Writer& out, std::string_view key, std::string_view value) {
  if (!value.empty()) put(out, key, value);
}

std::string marked(const CapturedPart& part) {
  return part.cut ? std::string(part.text).append(kCutMark) : std::string(part.text);
}

// Arguments and results are JSON where they can be; what is not, or was cut, stays a string.
void put_value(Writer& out, std::string_view key, const CapturedPart& part) {
  if (part.cut || !is_json_container(part.text)) return put(out, key, marked(part));
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  out.RawValue(part.text.data(), part.text.size(), rapidjson::kObjectType);
}

// `image` of `image/png`. A media type that says no more than that is none.
void put_media(Writer& out, std::string_view mime) {
  const std::size_t slash = mime.find('/');
  put_if_any(out, "modality", mime.substr(0, slash));
  if (slash != mime.npos) put(out, "mime_type", mime);
}

void put_part(Writer& out, const CapturedPart& part) {
  out.StartObject();
  switch (part.kind) {
    case ContentKind::kToolCall:
      put(out, "type", "tool_call");
      put_if_any(out, "id", part.id);
      put_if_any(out, "name", part.name);
      if (!part.text.empty() || part.cut) put_value(out, "arguments", part);
      break;
    case ContentKind::kToolResult:
      put(out, "type", "tool_call_response");
      put_if_any(out, "id", part.id);
      put_if_any(out, "name", part.name);
      put_value(out, "response", part);
      break;
    case ContentKind::kBlob:
      put(out, "type", "blob");
      put_media(out, part.mime);
      break;
    case ContentKind::kUri:
      put(out, "type", "uri");
      put_media(out, part.mime);
      put(out, "uri", marked(part));
      break;
    case ContentKind::kFile:
      put(out, "type", "file");
      put_media(out, part.mime);
      put(out, "file_id", part.id);
      break;
    default:
      put(out, "type", part.kind == ContentKind::kReasoning ? "reasoning" : "text");
      put(out, "content", marked(part));
      break;
  }
  out.EndObject();
}

void put_parts(Writer& out, const CapturedMessage& message) {
  out.StartArray();
  for (const CapturedPart& part : message.parts) put_part(out, part);
  if (message.cut) put_part(out, {.kind = ContentKind::kText, .text = kCutMark});
  out.EndArray();
}

// The conventions know four roles; some providers have their own words for them.
std::string role_name(std::string_view role, std::string_view if_none) {
  if (role.empty()) return std::string(if_none);
  std::string name(role);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return name == "model" || name == "chatbot" ? "assistant" : name;
}

void put_messages(Writer& out, const std::vector<CapturedMessage>& messages, std::string_view default_role) {
  out.StartArray();
  for (const CapturedMessage& message : messages) {
    out.StartObject();
    put(out, "role", role_name(message.role, default_role));
    out.Key("parts");
    put_parts(out, message);
    out.EndObject();
  }
  out.EndArray();
}

bool is_cut(const std::vector<CapturedMessage>& messages) {
  return std::any_of(messages.begin(), messages.end(), [](const CapturedMessage& message) {
    return message.cut || std::any_of(message.parts.begin(), message.parts.end(),
                                      [](const CapturedPart& part) { return part.cut; });
  });
}

// Takes an attribute out of the list.
std::optional<std::string> take(AttributeList& attributes, const AttributeKey& key) {
  const AttributeValue* const found = attributes.value_of(key);
  if (found == nullptr) return std::nullopt;
  const auto* const text = std::get_if<std::string>(found);
  std::optional<std::string> value;
  if (text != nullptr) value = *text;
  attributes.erase(key);
  return value;
}

class Conversion {
 public:
  explicit Conversion(AttributeList& attributes) : attributes_(attributes) {}

  void system() {
    const auto text = take(attributes_, kSystem);
    if (!text) return;
    const auto messages = parse_content(*text);
    if (messages.empty()) return;
    rapidjson::StringBuffer buffer;
    Writer out(buffer);
    put_parts(out, messages.front());
    set("gen_ai.system_instructions", buffer, is_cut(messages));
  }

  void messages(const AttributeKey& from, const char* to, std::string_view default_role) {
    const auto text = take(attributes_, from);
    if (!text) return;
    const auto messages = parse_content(*text);
    rapidjson::StringBuffer buffer;
    Writer out(buffer);
    put_messages(out, messages, default_role);
    set(to, buffer, is_cut(messages));
  }

  void tools() {
    auto text = take(attributes_, kTools);
    if (!text) return;
    const std::size_t mark = text->find(journal::kContentField);
    const bool cut = mark != text->npos;
    if (cut) text->resize(mark);
    rapidjson::StringBuffer buffer;
    Writer out(buffer);
    put_tool_definitions(*text, out);
    set("gen_ai.tool.definitions", buffer, cut);
  }

  void finish() {
    const bool omitted = attributes_.value_of(kOmitted) != nullptr;
    if (truncated_ || omitted) set_attribute(attributes_, "llmobserve.content.truncated", true);
  }

 private:
  void set(const char* key, const rapidjson::StringBuffer& json, bool cut) {
    set_attribute(attributes_, key, std::string(json.GetString(), json.GetSize()));
    truncated_ |= cut;
  }

  AttributeList& attributes_;
  bool truncated_ = false;
};

}  // namespace

void convert_content(AttributeList& attributes) {
  Conversion conversion(attributes);
  conversion.system();
  conversion.messages(kInput, "gen_ai.input.messages", "user");
  conversion.messages(kOutput, "gen_ai.output.messages", "assistant");
  conversion.tools();
  conversion.finish();
}

}  // namespace llmo
