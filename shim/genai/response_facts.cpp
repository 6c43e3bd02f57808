#include "shim/genai/body_facts.h"
#include "shim/genai/secrets.h"

namespace llmo::genai {
namespace {

constexpr std::string_view kStreamType = "text/event-stream";
// What ends a stream of OpenAI's kind; it is no JSON.
constexpr std::string_view kEndMark = "[DONE]";
// Events that say that an answer is whole, however it ended.
constexpr std::string_view kEndEvents[] = {
    "message_stop",
    "response.completed",
    "response.incomplete",
    "response.failed",
};

struct TextAttribute {
  ResponseField field;
  std::string_view key;
};

constexpr TextAttribute kTextAttributes[] = {
    {ResponseField::kId, "gen_ai.response.id"},
    {ResponseField::kModel, "gen_ai.response.model"},
    {ResponseField::kServiceTier, "openai.response.service_tier"},
    {ResponseField::kFingerprint, "openai.response.system_fingerprint"},
};

// The names of gRPC's status codes (google/rpc/code.proto), in their order: 3 alone tells nobody anything.
constexpr std::string_view kGrpcCodes[] = {
    "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED",
};

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

bool is_stream_type(std::string_view content_type) {
  while (content_type.starts_with(' ')) content_type.remove_prefix(1);
  if (content_type.size() < kStreamType.size()) return false;
  for (std::size_t at = 0; at < kStreamType.size(); ++at) {
    if (lower(content_type[at]) != kStreamType[at]) return false;
  }
  return content_type.size() == kStreamType.size() ||
         std::string_view{" ;\t"}.find(content_type[kStreamType.size()]) != std::string_view::npos;
}

bool is_end_event(std::string_view type) {
  for (const std::string_view end : kEndEvents) {
    if (type == end) return true;
  }
  return false;
}

bool is_generating(std::string_view operation) {
  return operation == "chat" || operation == "text_completion" || operation == "generate_content";
}

constexpr std::size_t text_index(ResponseField field) {
  return static_cast<std::size_t>(field) - static_cast<std::size_t>(kFirstResponseText);
}
constexpr std::size_t message_index(ResponseField field) {
  return static_cast<std::size_t>(field) - static_cast<std::size_t>(kFirstResponseMessage);
}

}  // namespace

// --- the body ------------------------------------------------------------------------------------------------

void ResponseFacts::begin(const ApiMatch& match, std::string_view content_type, int http_status) {
  *this = ResponseFacts{};
  kind_ = match.kind;
  shape_ = match.shape;
  http_status_ = http_status;
  format_ = shape_ == BodyShape::kNone ? Format::kIgnored : Format::kUnknown;
  typed_as_stream_ = is_stream_type(content_type);
  generates_ = is_generating(match.operation);
  usage_.set_rule(input_rule(shape_));
}

void ResponseFacts::feed(std::string_view bytes) {
  if (finished_ || (format_ == Format::kUnknown && !choose_format(bytes))) return;
  if (format_ == Format::kJson) json_.feed(bytes, this);
  if (format_ == Format::kSse) sse_.feed(bytes, this);
}

// The first byte that is not blank tells: JSON begins with a brace or bracket, an event stream never does. It
// is a better witness than the content type, which servers get wrong, errors in streams above all.
bool ResponseFacts::choose_format(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == bytes.npos) return false;
  const char byte = bytes[first];
  if (byte == '{' || byte == '[') {
    format_ = Format::kJson;
    begin_document();
  } else if (typed_as_stream_ || std::string_view{"deir:\xef"}.find(byte) != std::string_view::npos) {
    format_ = Format::kSse;  // data, event, id, retry, a comment or a byte order mark
  } else {
    format_ = Format::kIgnored;
  }
  return true;
}

void ResponseFacts::finish(bool complete) {
  if (finished_) return;
  if (format_ == Format::kSse) sse_.finish(this);
  if (format_ == Format::kJson) {
    json_.finish(this);
    // A body that came whole but could not be read to its end has ended all the same. A stream has not, as
    // long as it did not say so: what cuts streams, proxies above all, closes them cleanly.
    ended_ = complete || json_.complete();
    end_document();
  }
  finished_ = true;
}

void ResponseFacts::on_sse_data(std::string_view bytes) {
  if (!in_event_) {
    in_event_ = true;
    event_has_content_ = false;
    event_start_.clear();
    begin_document();
  }
  event_start_.append(bytes);
  json_.feed(bytes, this);
}

void ResponseFacts::on_sse_event_end() {
  if (!in_event_) return;  // an event without a byte of data
  in_event_ = false;
  json_.finish(this);
  end_event(event_start_.view() == kEndMark);
}

void ResponseFacts::end_event(bool is_end_mark) {
  const std::string_view type = text(ResponseField::kLooseType);
  if (is_end_mark || is_end_event(type)) ended_ = true;
  if (!is_end_mark && type != "ping") ++chunks_;
  if (event_has_content_ || type.ends_with(".delta")) content_started_ = true;
  // An item of OpenAI's responses API is announced once, shown again when it is done and in the whole answer.
  if (type == "response.output_item.added") tool_calls_.add(item_name_.view());
  end_document();
}

void ResponseFacts::begin_document() {
  json_.begin(response_paths(shape_));
  choices_in_document_ = 0;
  item_name_.clear();
  set_text(ResponseField::kLooseType, {});
  set_text(ResponseField::kLooseCode, {});
  set_text(ResponseField::kLooseMessage, {});
}

void ResponseFacts::end_document() {
  end_choice();
  adopt_loose_error();
}

// An error whose parts stand at the top of the document, beside or instead of an `error` object.
void ResponseFacts::adopt_loose_error() {
  const std::string_view type = text(ResponseField::kLooseType);
  if (type != "error" && http_status_ < 400) return;
  const auto adopt = [this](ResponseField from, ResponseField to) {
    if (text(to).empty()) set_text(to, text(from));
  };
  adopt(ResponseField::kLooseMessage, ResponseField::kErrorMessage);
  adopt(ResponseField::kLooseCode, ResponseField::kErrorCode);
  if (type != "error") adopt(ResponseField::kLooseType, ResponseField::kErrorType);
}

// --- its values ----------------------------------------------------------------------------------------------

void ResponseFacts::on_value(std::uint8_t number, const JsonValue& value) {
  const auto field = static_cast<ResponseField>(number);
  if (field < kFirstResponseOther) return take_text(field, value);
  if (value.type == JsonType::kInt) return take_integer(field, value.integer);
  take_other(field, value);
}

void ResponseFacts::take_text(ResponseField field, const JsonValue& value) {
  const bool is_code = field == ResponseField::kErrorCode || field == ResponseField::kLooseCode;
  if (value.type == JsonType::kString) {
    set_text(field, value.text);
  } else if (is_code && value.type == JsonType::kInt && shape_ == BodyShape::kPinecone) {
    if (value.integer > 0 && value.integer < std::ssize(kGrpcCodes))
      set_text(field, kGrpcCodes[value.integer]);
  }
}

void ResponseFacts::take_integer(ResponseField field, std::int64_t number) {
  if (field >= ResponseField::kFirstToken) {
    const int kind = static_cast<int>(field) - static_cast<int>(ResponseField::kFirstToken);
    return usage_.set(static_cast<Tokens>(kind), number);
  }
  if (number < 0) return;
  if (field == ResponseField::kReadUnits) read_units_ = number;
  if (field == ResponseField::kUpserted) upserted_ = number;
  if (field == ResponseField::kChoiceIndex) choice_ = number;
}

void ResponseFacts::take_other(ResponseField field, const JsonValue& value) {
  const bool is_text = value.type == JsonType::kString && !value.text.empty();
  const bool is_object = value.type == JsonType::kObject;
  if (field == ResponseField::kChoice && is_object) begin_choice();
  if (field == ResponseField::kFinishReason && is_text) choice_reason_.assign(value.text);
  if (field == ResponseField::kContent && (is_text || is_object)) event_has_content_ = true;
  if (field == ResponseField::kToolName && is_text) tool_calls_.add(value.text);
  if (field == ResponseField::kItemName && is_text) item_name_.assign(value.text);
  if (field == ResponseField::kRows && value.type == JsonType::kArray) rows_seen_ = true;
  if (field == ResponseField::kRow && is_object) ++rows_;
  if (field == ResponseField::kStopReason && is_text) {
    choices_ = 1;
    finish_reasons_[0].assign(value.text);
  }
}

// A choice counts as its place in the list, unless it says itself which it is: an event of a stream holds one
// of several.
void ResponseFacts::begin_choice() {
  end_choice();
  choice_ = choices_in_document_++;
  choice_reason_.clear();
}

void ResponseFacts::end_choice() {
  if (choice_ >= 0 && choice_ < kMaxChoices) {
    const auto choice = static_cast<std::uint32_t>(choice_);
    if (choice >= choices_) choices_ = choice + 1;
    if (!choice_reason_.empty()) finish_reasons_[choice].assign(choice_reason_.view());
  }
  choice_ = -1;
}

// Messages are cleaned before they are cut to size: half a key would not be known as one.
void ResponseFacts::set_text(ResponseField field, std::string_view value) {
  if (field < kFirstResponseMessage) {
    texts_[text_index(field)].assign(value);
    return;
  }
  FixedText<512>& message = messages_[message_index(field)];
  message.clear();
  append_redacted(value, &message);
}

std::string_view ResponseFacts::text(ResponseField field) const {
  return field < kFirstResponseMessage ? texts_[text_index(field)].view()
                                       : messages_[message_index(field)].view();
}

bool ResponseFacts::failed() const {
  return !text(ResponseField::kErrorType).empty() || !text(ResponseField::kErrorCode).empty() ||
         !text(ResponseField::kErrorMessage).empty();
}

// --- the attributes ------------------------------------------------------------------------------------------

void ResponseFacts::write(journal::SpanDraft* draft) const {
  if (kind_ == ApiKind::kGenAi) {
    write_texts(draft);
    usage_.write(draft);
    write_finish_reasons(draft);
    tool_calls_.write("llmobserve.tool_calls", draft);
  } else if (kind_ == ApiKind::kDatabase) {
    write_database(draft);
  }
  if (failed()) write_error(draft);
}

void ResponseFacts::write_texts(journal::SpanDraft* draft) const {
  for (const TextAttribute& attribute : kTextAttributes) {
    if (const std::string_view value = text(attribute.field); !value.empty())
      draft->add(attribute.key, value);
  }
}

// Why a choice ended. One that never did, because the stream was cut or failed, ended in an error; of one
// whose answer is whole but gives no reason nothing is said.
std::string_view ResponseFacts::finish_reason(std::uint32_t choice) const {
  if (!finish_reasons_[choice].empty()) return finish_reasons_[choice].view();
  if (!ended_ || failed()) return "error";
  const std::string_view status = text(ResponseField::kStatus);
  if (status == "failed" || status == "cancelled") return "error";
  return status == "incomplete" ? text(ResponseField::kIncompleteReason) : status;
}

void ResponseFacts::write_finish_reasons(journal::SpanDraft* draft) const {
  const bool answered = generates_ && (choices_ > 0 || !text(ResponseField::kId).empty());
  if (!answered) return;
  std::string_view reasons[kMaxChoices];
  std::size_t count = 0;
  for (std::uint32_t choice = 0; choice == 0 || choice < choices_; ++choice) {
    if (const std::string_view reason = finish_reason(choice); !reason.empty()) reasons[count++] = reason;
  }
  if (count > 0) draft->add_strings("gen_ai.response.finish_reasons", {reasons, count});
}

void ResponseFacts::write_database(journal::SpanDraft* draft) const {
  const std::string_view name_space = text(ResponseField::kNamespace);
  if (!name_space.empty()) draft->add("db.namespace", name_space);
  if (rows_seen_) draft->add_int("db.response.returned_rows", rows_);
  if (upserted_ >= 0) draft->add_int("llmobserve.db.upserted", upserted_);
  if (read_units_ >= 0) draft->add_int("llmobserve.db.read_units", read_units_);
}

void ResponseFacts::write_error(journal::SpanDraft* draft) const {
  const std::string_view code = text(ResponseField::kErrorCode);
  std::string_view type = code.empty() ? text(ResponseField::kErrorType) : code;
  // With an HTTP error the status is the type that the caller has set.
  if (type.empty() && http_status_ < 400) type = "_OTHER";
  if (!type.empty()) draft->add("error.type", type);
  if (!type.empty() && kind_ == ApiKind::kDatabase) draft->add("db.response.status_code", type);
  draft->set_status(journal::SpanStatus::kError, text(ResponseField::kErrorMessage));
}

}  // namespace llmo::genai
