#include <bit>
#include <cmath>

#include "shim/genai/body_facts.h"
#include "shim/genai/percent.h"
#include "shim/genai/secrets.h"

namespace llmo::genai {
namespace {

struct NumberAttribute {
  std::string_view key;
  RequestField field;
};

constexpr NumberAttribute kNumberAttributes[] = {
    {"gen_ai.request.temperature", RequestField::kTemperature},
    {"gen_ai.request.top_p", RequestField::kTopP},
    {"gen_ai.request.frequency_penalty", RequestField::kFrequencyPenalty},
    {"gen_ai.request.presence_penalty", RequestField::kPresencePenalty},
    {"gen_ai.request.max_tokens", RequestField::kMaxTokens},
    {"gen_ai.request.top_k", RequestField::kTopK},
    {"gen_ai.request.seed", RequestField::kSeed},
    {"gen_ai.request.choice.count", RequestField::kChoiceCount},
    {"gen_ai.embeddings.dimension.count", RequestField::kDimensions},
    {"llmobserve.db.top_k", RequestField::kDatabaseTopK},
};

struct TextAttribute {
  RequestField field;
  std::string_view key;
};

constexpr TextAttribute kGenAiTexts[] = {
    {RequestField::kModel, "gen_ai.request.model"},
    {RequestField::kReasoningLevel, "gen_ai.request.reasoning.level"},
    {RequestField::kPreviousResponse, "gen_ai.request.previous_response.id"},
    {RequestField::kConversation, "gen_ai.conversation.id"},
    {RequestField::kGuardrail, "aws.bedrock.guardrail.id"},
};
constexpr TextAttribute kDatabaseTexts[] = {
    {RequestField::kCollection, "db.collection.name"},
    {RequestField::kNamespace, "db.namespace"},
};

// A list of texts, as far as it goes.
struct ListAttribute {
  RequestField field;
  std::string_view key;
};
constexpr ListAttribute kLists[] = {
    {RequestField::kStopSequence, "gen_ai.request.stop_sequences"},
    {RequestField::kEncodingFormat, "gen_ai.request.encoding_formats"},
};
constexpr std::size_t kMaxListItems = 8;
constexpr std::size_t kMaxListText = 64;
constexpr std::size_t kMaxText = 128;

constexpr bool is_double(RequestField field) { return field < kFirstRequestInteger; }
constexpr std::size_t number_index(RequestField field) {
  return static_cast<std::size_t>(field) - static_cast<std::size_t>(kFirstRequestNumber);
}
constexpr std::size_t slot(RequestField field) { return static_cast<std::size_t>(field); }

// What the conventions call the format that was asked for, be it by a word or by a media type; empty for one
// that they do not know.
std::string_view output_type(std::string_view format) {
  if (format.starts_with("json") || format == "application/json") return "json";  // json_object, json_schema
  if (format.starts_with("image/")) return "image";
  return format == "text" || format == "text/plain" ? "text" : std::string_view{};
}

bool is_sending(std::string_view operation) {
  return operation == "upsert" || operation == "insert" || operation == "add" || operation == "update";
}

void write_list(const TextStore& texts, const ListAttribute& list, journal::SpanDraft* draft) {
  std::string_view views[kMaxListItems];
  std::size_t count = 0;
  texts.each(slot(list.field), [&](std::string_view text) {
    if (count < kMaxListItems) views[count++] = text;
  });
  if (count > 0) draft->add_strings(list.key, {views, count});
}

}  // namespace

void RequestFacts::begin(const ApiMatch& match, std::string_view query) {
  kind_ = match.kind;
  shape_ = match.shape;
  stream_ = match.streams;
  streams_unasked_ =
      shape_ == BodyShape::kOllama && (match.operation == "chat" || match.operation == "text_completion");
  // Pinecone's records come one a line.
  in_lines_ = shape_ == BodyShape::kPinecone && match.operation == "upsert" && !match.name_space.empty();
  in_body_ = false;
  sends_vectors_ = is_sending(match.operation);
  numbers_seen_ = 0;
  vectors_ = batch_items_ = 0;
  texts_.clear();
  lines_.begin(JsonDocuments::Layout::kLines);
  if (kind_ != ApiKind::kDatabase || shape_ == BodyShape::kNone) return;
  for_each_query_parameter(query, [this](std::string_view key, std::string_view value, bool) {
    if (key != "namespace") return;
    platform::FixedText<kMaxText> decoded;
    percent_decode(value, &decoded);
    texts_.set(slot(RequestField::kNamespace), decoded.view(), kMaxText);
  });
}

// --- the body --------------------------------------------------------------------------------------------

void RequestFacts::feed(std::string_view bytes) {
  if (shape_ == BodyShape::kNone || bytes.empty()) return;
  if (in_lines_) return lines_.feed(bytes, this);
  if (!in_body_) on_document_begin();
  on_document_bytes(bytes);
}

void RequestFacts::on_document_begin() {
  in_body_ = true;
  if (streams_unasked_) stream_ = true;
  json_.begin(request_paths(shape_));
  if (listener_ != nullptr) listener_->on_document_begin();
}

void RequestFacts::on_document_bytes(std::string_view bytes) {
  json_.feed(bytes, this);
  if (listener_ != nullptr) listener_->on_document_bytes(bytes);
}

void RequestFacts::on_document_end() {
  ++vectors_;
  if (listener_ != nullptr) listener_->on_document_end();
}

// --- its values ------------------------------------------------------------------------------------------

void RequestFacts::on_value(std::uint8_t number, const JsonValue& value) {
  const auto field = static_cast<RequestField>(number);
  if (field < kFirstRequestText) return take_number(field, value);
  if (field >= kFirstRequestOther) return take_other(field, value);
  if (value.type == JsonType::kString) texts_.set(slot(field), value.text, kMaxText);
  // Ollama takes a schema where others take the word.
  if (field == RequestField::kOutputFormat && value.type == JsonType::kObject)
    texts_.set(slot(field), "json", kMaxText);
}

// Some languages know no whole numbers, and send 256.0.
void RequestFacts::take_number(RequestField field, const JsonValue& value) {
  std::int64_t number = value.integer;
  if (value.type == JsonType::kDouble) {
    if (!is_double(field) && !is_whole(value.number)) return;
    number = static_cast<std::int64_t>(is_double(field) ? 0 : value.number);
  } else if (value.type != JsonType::kInt) {
    return;
  }
  if (field == RequestField::kMaxTokens && number < 0) return;  // no limit
  numbers_[number_index(field)] = is_double(field) ? std::bit_cast<std::int64_t>(value.number) : number;
  numbers_seen_ |= 1U << number_index(field);
}

void RequestFacts::take_other(RequestField field, const JsonValue& value) {
  const bool is_text = value.type == JsonType::kString;
  const bool is_object = value.type == JsonType::kObject;
  const bool is_array = value.type == JsonType::kArray;
  switch (field) {
    case RequestField::kStream:
      if (value.type == JsonType::kBool) stream_ = value.boolean;
      break;
    case RequestField::kStopSequence:
    case RequestField::kEncodingFormat:
      if (is_text && texts_.count(slot(field)) < kMaxListItems)
        texts_.add(slot(field), value.text, kMaxListText);
      break;
    case RequestField::kVectorId:
      if (is_text || value.type == JsonType::kInt) ++vectors_;
      break;
    case RequestField::kVector:
      if (is_object) ++vectors_;
      break;
    case RequestField::kBatchItem:
      if (is_object || is_array) ++batch_items_;
      break;
    case RequestField::kRowOrQuery:
      if (is_object) ++vectors_;
      if (is_array) ++batch_items_;
      break;
    default:
      break;
  }
}

// --- the attributes --------------------------------------------------------------------------------------

void RequestFacts::write(journal::SpanDraft* draft) const {
  if (kind_ == ApiKind::kHttp) return;
  write_numbers(draft);
  if (kind_ == ApiKind::kGenAi) write_genai(draft);
  if (kind_ == ApiKind::kDatabase) write_database(draft);
}

void RequestFacts::write_numbers(journal::SpanDraft* draft) const {
  for (const NumberAttribute& attribute : kNumberAttributes) {
    const std::size_t index = number_index(attribute.field);
    if ((numbers_seen_ & 1U << index) == 0) continue;
    // One choice is what everybody gets: the conventions want the count only where it is another.
    if (attribute.field == RequestField::kChoiceCount && numbers_[index] == 1) continue;
    if (is_double(attribute.field)) {
      draft->add_double(attribute.key, std::bit_cast<double>(numbers_[index]));
    } else {
      draft->add_int(attribute.key, numbers_[index]);
    }
  }
}

void RequestFacts::write_genai(journal::SpanDraft* draft) const {
  for (const TextAttribute& attribute : kGenAiTexts) {
    if (const std::string_view value = text(attribute.field); !value.empty())
      draft->add(attribute.key, without_secret(value));
  }
  if (stream_) draft->add_bool("gen_ai.request.stream", true);
  for (const ListAttribute& list : kLists) write_list(texts_, list, draft);
  if (const std::string_view type = output_type(text(RequestField::kOutputFormat)); !type.empty())
    draft->add("gen_ai.output.type", type);
  const std::string_view tier = text(RequestField::kServiceTier);
  if (!tier.empty() && tier != "auto") draft->add("openai.request.service_tier", tier);
}

void RequestFacts::write_database(journal::SpanDraft* draft) const {
  for (const TextAttribute& attribute : kDatabaseTexts) {
    if (const std::string_view value = text(attribute.field); !value.empty())
      draft->add(attribute.key, without_secret(value));
  }
  if (sends_vectors_ && vectors_ > 0) draft->add_int("llmobserve.db.vectors", vectors_);
  // The conventions want no batch of one.
  if (batch_items_ > 1) draft->add_int("db.operation.batch.size", batch_items_);
}

}  // namespace llmo::genai
