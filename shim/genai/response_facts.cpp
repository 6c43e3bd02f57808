#include <algorithm>
#include <charconv>

#include "shim/config/text.h"
#include "shim/genai/body_facts.h"
#include "shim/genai/secrets.h"

namespace llmo::genai {
namespace {

using R = ResponseField;

// What ends a stream of OpenAI's kind; it is no JSON.
constexpr std::string_view kEndMark = "[DONE]";
// Events that say that an answer is whole, however it ended.
constexpr std::string_view kEndEvents[] = {
    "message_stop", "response.completed",   "response.incomplete",        "response.failed",
    "message-end",  "transcript.text.done", "image_generation.completed", "image_edit.completed",
};

constexpr std::size_t kMaxText = 128;
constexpr std::size_t kMaxMessage = TextStore::kMaxText;
constexpr std::size_t kMaxToolName = 64;
constexpr std::size_t kMaxToolNames = 32;
constexpr std::size_t kMaxReason = 32;

// The names of gRPC's status codes (google/rpc/code.proto), in their order: 3 alone tells nobody anything.
constexpr std::string_view kGrpcCodes[] = {
    "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED",
};

constexpr std::size_t slot(ResponseField field) { return static_cast<std::size_t>(field); }
// Finish reasons have the slots behind those of the fields.
constexpr std::size_t kFirstReason = TextStore::kSlots - 16;
static_assert(slot(R::kFirstToken) < kFirstReason);

bool is_end_event(std::string_view type) {
  for (const std::string_view end : kEndEvents) {
    if (type == end) return true;
  }
  return false;
}

bool is_generating(std::string_view operation) {
  return operation == "chat" || operation == "text_completion" || operation == "generate_content";
}

bool has_only_input(std::string_view operation) {
  return operation == "embeddings" || operation == "rerank" || operation == "classify";
}

// The name that an error has within what is sent as its type: behind a namespace, before what explains it.
// `com.amazon.coral.service#ThrottlingException` and `ValueError('no such collection')` hold one each.
std::string_view error_name(std::string_view text) {
  text.remove_prefix(text.find('#') + 1);
  std::size_t size = 0;
  const auto is_word = [](char byte) {
    return config::is_letter_or_digit(byte) || byte == '_' || byte == '.';
  };
  while (size < text.size() && is_word(text[size])) ++size;
  return text.substr(0, size);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool is_error_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return config::is_letter_or_digit(byte) ||
           std::string_view("_-.:/#").find(byte) != std::string_view::npos;
  });
}

// Gemini's modalities, and the kinds of tokens that they are of.
struct Modality {
  std::string_view name;
  Tokens input;
  Tokens output;
};
constexpr Modality kModalities[] = {
    {"TEXT", Tokens::kTextInput, Tokens::kTextOutput},
    {"IMAGE", Tokens::kImageInput, Tokens::kImageOutput},
    {"AUDIO", Tokens::kAudioInput, Tokens::kAudioOutput},
};

}  // namespace

// --- the body --------------------------------------------------------------------------------------------

void ResponseFacts::begin(const ApiMatch& match, const ResponseHead& head) {
  state_ = State{};
  state_.kind = match.kind;
  state_.shape = match.shape;
  state_.http_status = head.http_status;
  state_.generates = is_generating(match.operation);
  finished_ = false;
  chunks_ = 0;
  content_started_ = false;
  UsageRules rules = usage_rules(match.shape);
  rules.only_input = has_only_input(match.operation);
  usage_.begin(rules);
  texts_.clear();
  if (!head.error_name.empty()) set_text(R::kErrorType, error_name(head.error_name));
  body_.begin(match.shape, head);
}

void ResponseFacts::feed(std::string_view bytes) {
  if (!finished_) body_.feed(bytes, this);
}

void ResponseFacts::finish(bool complete) {
  if (finished_) return;
  const bool is_json = body_.format() == BodyStream::Format::kJson;
  // A body that came whole but could not be read to its end has ended all the same. A stream has not, as
  // long as it did not say so: what cuts streams, proxies above all, closes them cleanly.
  if (is_json) state_.ended = complete || json_.complete();
  body_.finish(this);
  finished_ = true;
}

void ResponseFacts::on_event_head(const EventHead& head) {
  state_.fails = !head.exception_type.empty();
  if (!state_.fails) return;
  set_text(R::kErrorType, head.exception_type);
  if (!head.error_message.empty()) set_text(R::kErrorMessage, head.error_message);
}

void ResponseFacts::on_document_begin() {
  json_.begin(response_paths(state_.shape));
  state_.choices_in_document = 0;
  state_.has_content = false;
  document_start_.clear();
  event_type_.clear();
  item_name_.clear();
  texts_.remove(slot(R::kLooseCode));
  texts_.remove(slot(R::kLooseMessage));
  if (listener_ != nullptr) listener_->on_document_begin();
}

void ResponseFacts::on_document_bytes(std::string_view bytes) {
  // One byte more than the mark has. No more is taken than there is room for: it is not to be cut at a
  // character, which may have begun in an earlier piece.
  document_start_.append(bytes.substr(0, kEndMark.size() + 1 - document_start_.size()));
  json_.feed(bytes, this);
  if (listener_ != nullptr) listener_->on_document_bytes(bytes);
}

void ResponseFacts::on_document_end() {
  json_.finish(this);
  if (is_stream()) end_chunk();
  end_choice();
  adopt_loose_error();
  if (listener_ != nullptr) listener_->on_document_end();
}

void ResponseFacts::end_chunk() {
  const bool is_end_mark = document_start_.view() == kEndMark;
  const std::string_view type = event_type_.view();
  if (is_end_mark || is_end_event(type)) state_.ended = true;
  if (!is_end_mark && type != "ping" && state_.http_status < 400) ++chunks_;
  if (state_.has_content || type.ends_with(".delta")) content_started_ = true;
  // An item of OpenAI's responses API is announced once, shown again when it is done and in the whole answer.
  if (type == "response.output_item.added" && texts_.count(slot(R::kToolName)) < kMaxToolNames)
    texts_.add(slot(R::kToolName), item_name_.view(), kMaxToolName);
}

// An error whose parts stand at the top of the document, beside or instead of an `error` object.
void ResponseFacts::adopt_loose_error() {
  if (!is_loose_error()) return;
  const auto adopt = [this](R from, R to) {
    if (!texts_.has(slot(from)) || texts_.has(slot(to))) return;
    platform::FixedText<kMaxMessage> copy;  // as the store moves its texts about when it is changed
    copy.assign(text(from));
    texts_.set(slot(to), copy.view(), kMaxMessage);
  };
  adopt(R::kLooseMessage, R::kErrorMessage);
  adopt(R::kLooseCode, R::kErrorCode);
  if (event_type_.view() != "error" && !texts_.has(slot(R::kErrorType)))
    set_text(R::kErrorType, event_type_.view());
}

bool ResponseFacts::is_loose_error() const {
  if (event_type_.view() == "error" || state_.http_status >= 400 || state_.fails || failed()) return true;
  // Servers of OpenAI's language that put an error into a stream without saying `error`.
  return state_.shape == BodyShape::kOpenAi && !event_type_.empty() && texts_.has(slot(R::kLooseMessage));
}

// --- its values ------------------------------------------------------------------------------------------

void ResponseFacts::on_value(std::uint8_t number, const JsonValue& value) {
  const auto field = static_cast<R>(number);
  if (field < kFirstResponseOther) return take_text(field, value);
  if (value.type == JsonType::kInt) return take_count(field, value.integer);
  if (value.type == JsonType::kDouble) {
    if (field == R::kCost) {
      set_cost(value.number);
    } else if (is_whole(value.number)) {
      take_count(field, static_cast<std::int64_t>(value.number));
    }
    return;
  }
  take_other(field, value);
}

void ResponseFacts::take_text(ResponseField field, const JsonValue& value) {
  const bool is_code = field == R::kErrorCode || field == R::kLooseCode || field == R::kErrorNumber;
  if (value.type == JsonType::kString && field != R::kErrorNumber) set_text(field, value.text);
  if (value.type == JsonType::kInt && is_code) take_code(field, value.integer);
}

void ResponseFacts::take_code(ResponseField field, std::int64_t code) {
  if (state_.shape == BodyShape::kPinecone) {
    if (code > 0 && code < std::ssize(kGrpcCodes)) set_text(field, kGrpcCodes[code]);
    return;
  }
  const bool is_milvus = state_.shape == BodyShape::kMilvus;
  const bool says_success = code == 0 || (is_milvus && code == 200);  // of its older API
  if (says_success || field == R::kLooseCode) return;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, code).ptr;
  set_text(is_milvus ? R::kErrorCode : R::kErrorNumber, {digits, static_cast<std::size_t>(end - digits)});
}

void ResponseFacts::take_count(ResponseField field, std::int64_t number) {
  if (field >= R::kFirstToken) {
    const int kind = static_cast<int>(field) - static_cast<int>(R::kFirstToken);
    return usage_.set(static_cast<Tokens>(kind), number);
  }
  if (number < 0) return;
  if (field == R::kReadUnits) state_.read_units = number;
  if (field == R::kUpserted) state_.upserted = number;
  if (field == R::kChoiceIndex) state_.choice = number;
  if (field == R::kAddedInput) usage_.add(Tokens::kInput, number);
  if (field == R::kModalityTokens) {
    state_.modality_tokens = number;
    end_modality();
  }
  if (field == R::kRow) ++state_.rows;
  if (field == R::kCost) set_cost(static_cast<double>(number));
  if (field == R::kCostTicks) set_cost(static_cast<double>(number) / 1e10);
}

void ResponseFacts::set_cost(double usd) {
  state_.cost = usd;
  state_.cost_seen = true;
}

void ResponseFacts::take_other(ResponseField field, const JsonValue& value) {
  const bool is_text = value.type == JsonType::kString && !value.text.empty();
  const bool is_object = value.type == JsonType::kObject;
  switch (field) {
    case R::kChoice:
      if (is_object) begin_choice();
      break;
    case R::kFinishReason:
      if (is_text) choice_reason_.assign(value.text);
      break;
    case R::kStopReason:
      if (is_text) set_finish_reason(0, value.text);
      break;
    case R::kContent:
      if (is_text || is_object) state_.has_content = true;
      break;
    case R::kToolName:
      if (is_text && texts_.count(slot(field)) < kMaxToolNames)
        texts_.add(slot(field), value.text, kMaxToolName);
      break;
    case R::kItemName:
      if (is_text) item_name_.assign(value.text);
      break;
    case R::kLooseType:
      if (is_text) event_type_.assign(value.text);
      break;
    case R::kErrorName:
      if (is_text) take_error_name(value.text);
      break;
    case R::kEnd:
      if (value.type == JsonType::kBool && value.boolean) state_.ended = true;
      break;
    case R::kRows:
      if (value.type == JsonType::kArray) state_.rows_seen = true;
      break;
    case R::kRow:
      if (is_object || is_text) ++state_.rows;
      break;
    default:
      take_modality(field, value);
  }
}

// Where more than the name is said, that is the message, unless there is another.
void ResponseFacts::take_error_name(std::string_view text) {
  const std::string_view name = error_name(text);
  set_text(R::kErrorType, name);
  if (text.ends_with(')') && name.size() < text.size()) set_text(R::kErrorMessage, text);
}

// One entry of a list that says how many of the tokens are of which modality, in whatever order.
void ResponseFacts::take_modality(ResponseField field, const JsonValue& value) {
  if (field == R::kInputDetail || field == R::kOutputDetail) {
    state_.detail_is_output = field == R::kOutputDetail;
    state_.modality = -1;
    state_.modality_tokens = -1;
  }
  if (field != R::kModality) return;
  for (std::size_t at = 0; at < std::size(kModalities); ++at) {
    if (value.text == kModalities[at].name) state_.modality = static_cast<std::int8_t>(at);
  }
  end_modality();
}

void ResponseFacts::end_modality() {
  if (state_.modality < 0 || state_.modality_tokens < 0) return;
  const Modality& modality = kModalities[state_.modality];
  usage_.set(state_.detail_is_output ? modality.output : modality.input, state_.modality_tokens);
}

// A choice counts as its place in the list, unless it says itself which it is: an event of a stream holds one
// of several.
void ResponseFacts::begin_choice() {
  end_choice();
  state_.choice = state_.choices_in_document++;
  choice_reason_.clear();
}

void ResponseFacts::end_choice() {
  if (state_.choice >= 0 && state_.choice < kMaxChoices) {
    const auto choice = static_cast<std::uint32_t>(state_.choice);
    if (choice >= state_.choices) state_.choices = choice + 1;
    if (!choice_reason_.empty()) set_finish_reason(choice, choice_reason_.view());
  }
  state_.choice = -1;
}

void ResponseFacts::set_finish_reason(std::uint32_t choice, std::string_view reason) {
  if (choice >= state_.choices) state_.choices = choice + 1;
  texts_.set(kFirstReason + choice, reason, kMaxReason);
}

// Messages are cleaned before they are cut to size: half a key would not be known as one.
void ResponseFacts::set_text(ResponseField field, std::string_view value) {
  if (field < kFirstResponseMessage) return texts_.set(slot(field), value, kMaxText);
  platform::FixedText<kMaxMessage> message;
  append_redacted(value, &message);
  texts_.set(slot(field), message.view(), kMaxMessage);
}

bool ResponseFacts::failed() const {
  return texts_.has(slot(R::kErrorType)) || texts_.has(slot(R::kErrorCode)) ||
         texts_.has(slot(R::kErrorNumber)) || texts_.has(slot(R::kErrorMessage));
}

// --- the attributes --------------------------------------------------------------------------------------

namespace {

struct TextAttribute {
  ResponseField field;
  std::string_view key;
};

constexpr TextAttribute kTextAttributes[] = {
    {R::kId, "gen_ai.response.id"},
    {R::kModel, "gen_ai.response.model"},
    {R::kServiceTier, "openai.response.service_tier"},
    {R::kFingerprint, "openai.response.system_fingerprint"},
};

}  // namespace

void ResponseFacts::write(journal::SpanDraft* draft) const {
  if (state_.kind == ApiKind::kGenAi) write_genai(draft);
  if (state_.kind == ApiKind::kDatabase) write_database(draft);
  if (failed()) write_error(draft);
}

void ResponseFacts::write_genai(journal::SpanDraft* draft) const {
  for (const TextAttribute& attribute : kTextAttributes) {
    if (const std::string_view value = text(attribute.field); !value.empty())
      draft->add(attribute.key, value);
  }
  usage_.write(draft);
  if (state_.cost_seen) draft->add_double("llmobserve.cost.reported_usd", state_.cost);
  write_finish_reasons(draft);
  std::string_view tools[kMaxToolNames];
  std::size_t count = 0;
  texts_.each(slot(R::kToolName), [&](std::string_view name) {
    if (count < kMaxToolNames) tools[count++] = name;
  });
  if (count > 0) draft->add_strings("llmobserve.tool_calls", {tools, count});
}

// Why a choice ended. One that never did, because the stream was cut or failed, ended in an error; of one
// whose answer is whole but gives no reason nothing is said.
std::string_view ResponseFacts::finish_reason(std::uint32_t choice) const {
  if (texts_.has(kFirstReason + choice)) return texts_.get(kFirstReason + choice);
  if (!state_.ended || failed()) return "error";
  const std::string_view status = text(R::kStatus);
  if (status == "failed" || status == "cancelled") return "error";
  return status == "incomplete" ? text(R::kIncompleteReason) : status;
}

void ResponseFacts::write_finish_reasons(journal::SpanDraft* draft) const {
  const bool answered = state_.choices > 0 || content_started_ || texts_.has(slot(R::kId));
  // With an HTTP error nothing was answered, though errors have ids as well.
  if (!state_.generates || !answered || state_.http_status >= 400) return;
  std::string_view reasons[kMaxChoices];
  std::size_t count = 0;
  for (std::uint32_t choice = 0; choice == 0 || choice < state_.choices; ++choice) {
    if (const std::string_view reason = finish_reason(choice); !reason.empty()) reasons[count++] = reason;
  }
  if (count > 0) draft->add_strings("gen_ai.response.finish_reasons", {reasons, count});
}

void ResponseFacts::write_database(journal::SpanDraft* draft) const {
  const std::string_view name_space = text(R::kNamespace);
  if (!name_space.empty()) draft->add("db.namespace", name_space);
  if (state_.rows_seen) draft->add_int("db.response.returned_rows", state_.rows);
  if (state_.upserted >= 0) draft->add_int("llmobserve.db.upserted", state_.upserted);
  if (state_.read_units >= 0) draft->add_int("llmobserve.db.read_units", state_.read_units);
}

// The most telling of the words that the body has for the error. A sentence is none of them (xAI's `code`):
// types are few. A number says less than a word (Mistral sends both).
std::string_view ResponseFacts::error_type() const {
  for (const R field : {R::kErrorCode, R::kErrorType}) {
    if (is_error_word(text(field)) && !is_number(text(field))) return text(field);
  }
  for (const R field : {R::kErrorCode, R::kErrorType, R::kErrorNumber}) {
    if (is_number(text(field))) return text(field);
  }
  return {};
}

void ResponseFacts::write_error(journal::SpanDraft* draft) const {
  const std::string_view type = error_type();
  if (!type.empty()) {
    draft->add("error.type", type);
  } else if (state_.http_status < 400) {
    draft->add("error.type", "_OTHER");  // with an HTTP error the caller has set the status
  }
  if (state_.kind == ApiKind::kDatabase) write_database_status(type, draft);
  draft->set_status(journal::SpanStatus::kError, text(R::kErrorMessage));
}

void ResponseFacts::write_database_status(std::string_view type, journal::SpanDraft* draft) const {
  if (!type.empty()) return draft->add("db.response.status_code", type);
  if (state_.http_status < 400) return;
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, state_.http_status).ptr;
  draft->add("db.response.status_code", {digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace llmo::genai
