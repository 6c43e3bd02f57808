#include "shim/genai/body_facts.h"
#include "shim/genai/percent.h"

namespace llmo::genai {
namespace {

struct NumberAttribute {
  std::string_view key;
  RequestField field;
  bool whole;
};

constexpr NumberAttribute kNumberAttributes[] = {
    {"gen_ai.request.temperature", RequestField::kTemperature, false},
    {"gen_ai.request.top_p", RequestField::kTopP, false},
    {"gen_ai.request.frequency_penalty", RequestField::kFrequencyPenalty, false},
    {"gen_ai.request.presence_penalty", RequestField::kPresencePenalty, false},
    {"gen_ai.request.max_tokens", RequestField::kMaxTokens, true},
    {"gen_ai.request.top_k", RequestField::kTopK, true},
    {"gen_ai.request.seed", RequestField::kSeed, true},
    {"gen_ai.request.choice.count", RequestField::kChoiceCount, true},
    {"gen_ai.embeddings.dimension.count", RequestField::kDimensions, true},
    {"llmobserve.db.top_k", RequestField::kDatabaseTopK, true},
};

struct TextAttribute {
  RequestField field;
  std::string_view key;
};

constexpr TextAttribute kTextAttributes[] = {
    {RequestField::kModel, "gen_ai.request.model"},
    {RequestField::kReasoningLevel, "gen_ai.request.reasoning.level"},
    {RequestField::kPreviousResponse, "gen_ai.request.previous_response.id"},
    {RequestField::kConversation, "gen_ai.conversation.id"},
};

constexpr std::size_t number_index(RequestField field) {
  return static_cast<std::size_t>(field) - static_cast<std::size_t>(kFirstRequestDouble);
}
constexpr std::size_t text_index(RequestField field) {
  return static_cast<std::size_t>(field) - static_cast<std::size_t>(kFirstRequestText);
}

// What the conventions call the format that was asked for; empty for one that they do not know.
std::string_view output_type(std::string_view format) {
  if (format.starts_with("json")) return "json";  // json_object, json_schema
  return format == "text" ? format : std::string_view{};
}

}  // namespace

void RequestFacts::begin(const ApiMatch& match, std::string_view query) {
  *this = RequestFacts{};
  kind_ = match.kind;
  if (match.shape == BodyShape::kNone) return;
  json_.begin(request_paths(match.shape));
  if (kind_ != ApiKind::kDatabase) return;
  for_each_query_parameter(query, [this](std::string_view key, std::string_view value, bool) {
    if (key == "namespace") percent_decode(value, &texts_[text_index(RequestField::kNamespace)]);
  });
}

void RequestFacts::feed(std::string_view bytes) { json_.feed(bytes, this); }

void RequestFacts::on_value(std::uint8_t number, const JsonValue& value) {
  const auto field = static_cast<RequestField>(number);
  if (field < kFirstRequestText) return take_number(field, value);
  if (field < kFirstRequestOther) {
    if (value.type == JsonType::kString) texts_[text_index(field)].assign(value.text);
    return;
  }
  if (field == RequestField::kStream && value.type == JsonType::kBool) stream_ = value.boolean;
  if (field == RequestField::kStopSequence && value.type == JsonType::kString)
    stop_sequences_.add(value.text);
  if (field == RequestField::kVector && value.type == JsonType::kObject) ++vectors_;
}

void RequestFacts::take_number(RequestField field, const JsonValue& value) {
  const bool is_integer = value.type == JsonType::kInt;
  if (!is_integer && (value.type != JsonType::kDouble || field >= kFirstRequestInteger)) return;
  numbers_[number_index(field)] = value.number;
  integers_[number_index(field)] = value.integer;
  numbers_seen_ |= 1U << number_index(field);
}

std::string_view RequestFacts::text(RequestField field) const { return texts_[text_index(field)].view(); }

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
    if (attribute.field == RequestField::kChoiceCount && integers_[index] == 1) continue;
    if (attribute.whole) {
      draft->add_int(attribute.key, integers_[index]);
    } else {
      draft->add_double(attribute.key, numbers_[index]);
    }
  }
}

void RequestFacts::write_genai(journal::SpanDraft* draft) const {
  for (const TextAttribute& attribute : kTextAttributes) {
    if (const std::string_view value = text(attribute.field); !value.empty())
      draft->add(attribute.key, value);
  }
  if (stream_) draft->add_bool("gen_ai.request.stream", true);
  stop_sequences_.write("gen_ai.request.stop_sequences", draft);
  if (const std::string_view type = output_type(text(RequestField::kOutputFormat)); !type.empty()) {
    draft->add("gen_ai.output.type", type);
  }
  if (const std::string_view encoding = text(RequestField::kEncodingFormat); !encoding.empty()) {
    draft->add_strings("gen_ai.request.encoding_formats", {&encoding, 1});
  }
  const std::string_view tier = text(RequestField::kServiceTier);
  if (!tier.empty() && tier != "auto") draft->add("openai.request.service_tier", tier);
}

void RequestFacts::write_database(journal::SpanDraft* draft) const {
  const std::string_view name_space = text(RequestField::kNamespace);
  if (!name_space.empty()) draft->add("db.namespace", name_space);
  if (vectors_ > 0) draft->add_int("llmobserve.db.vectors", vectors_);
}

}  // namespace llmo::genai
