#include "exporters/console/span_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "exporters/console/text.h"
#include "exporters/span/diagnostics.h"

namespace llmo::console {
namespace {

constexpr std::size_t kMaxTextBytes = 512;  // of one foreign text; a tree is no place for a page
constexpr std::size_t kMaxMessageColumns = 100;

// The attribute names that a line is made of, first match wins. Beside our own names stand those that other
// instrumentations and older conventions use: a file may come from anywhere.
struct Names {
  std::string_view first;
  std::string_view second = {};
  std::string_view third = {};
  std::string_view fourth = {};
};
constexpr Names kProvider = {"gen_ai.provider.name", "gen_ai.system"};
constexpr Names kModel = {"gen_ai.request.model", "gen_ai.response.model"};
constexpr Names kOperation = {"gen_ai.operation.name"};
constexpr Names kInputTokens = {"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"};
constexpr Names kOutputTokens = {"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"};
constexpr Names kCachedTokens = {"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cached_tokens"};
constexpr Names kFirstToken = {"llmobserve.stream.first_token_seconds",
                               "gen_ai.response.time_to_first_chunk"};
constexpr Names kCost = {"llmobserve.cost.usd", "llmobserve.cost.reported_usd"};
constexpr Names kDatabase = {"db.system.name", "db.system"};
constexpr Names kCollection = {"db.collection.name"};
constexpr Names kNamespace = {"db.namespace"};
constexpr Names kTopK = {"db.operation.parameter.top_k", "llmobserve.db.top_k", "llmobserve.top_k",
                         "gen_ai.retrieval.top_k"};
constexpr Names kVectors = {"llmobserve.db.vectors"};
constexpr Names kMessaging = {"messaging.system"};
constexpr Names kFinishReasons = {"gen_ai.response.finish_reasons"};
constexpr Names kUrl = {"url.full", "http.url"};
constexpr Names kHttpStatus = {"http.response.status_code", "http.status_code"};
constexpr Names kErrorType = {"error.type"};
constexpr Names kRetryAfter = {"http.response.header.retry-after", "llmobserve.retry_after"};
constexpr Names kEnd = {"llmobserve.end"};
constexpr Names kSignal = {"llmobserve.signal"};
constexpr Names kOpen = {"llmobserve.open"};
constexpr Names kThread = {"thread.id"};
constexpr Names kProcess = {"process.pid"};

const AttributeValue* find(const AttributeList& attributes, const Names& names) {
  for (const std::string_view name : {names.first, names.second, names.third, names.fourth}) {
    if (name.empty()) return nullptr;
    if (const AttributeValue* value = find_attribute(attributes, name)) return value;
  }
  return nullptr;
}

// Cut before it is made printable, so that a text of megabytes costs nothing. A character that the cut halves
// shows as an escape.
std::string clean(std::string_view text) { return printable(text.substr(0, kMaxTextBytes)); }

std::string text_of(const AttributeList& attributes, const Names& names) {
  const AttributeValue* value = find(attributes, names);
  if (value == nullptr) return {};
  if (const auto* text = std::get_if<std::string>(value)) return clean(*text);
  if (const auto* number = std::get_if<std::int64_t>(value)) return std::to_string(*number);
  if (const auto* list = std::get_if<std::vector<std::string>>(value)) {
    return list->empty() ? std::string() : clean(list->front());
  }
  return {};
}

std::optional<std::int64_t> integer_of(const AttributeList& attributes, const Names& names) {
  const AttributeValue* value = find(attributes, names);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  return std::nullopt;
}

std::optional<double> number_of(const AttributeList& attributes, const Names& names) {
  const AttributeValue* value = find(attributes, names);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(value)) {
    if (std::isfinite(*number)) return *number;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> tokens_of(const AttributeList& attributes, const Names& names) {
  const auto count = integer_of(attributes, names);
  if (!count || *count < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*count);
}

std::uint64_t first_token_nanos(const AttributeList& attributes) {
  constexpr double kLongest = 1e9;  // seconds; keeps the product within 64 bits
  const auto seconds = number_of(attributes, kFirstToken);
  if (!seconds || *seconds <= 0 || *seconds > kLongest) return 0;
  return static_cast<std::uint64_t>(*seconds * 1e9);
}

std::string model_subject(const AttributeList& attributes) {
  std::string subject = text_of(attributes, kProvider);
  const std::string model = text_of(attributes, kModel);
  if (!subject.empty() && !model.empty()) subject += ' ';
  return subject + model;
}

// What each vector database calls the thing that is searched.
std::string_view collection_word(std::string_view database) {
  if (database == "pinecone") return "index";
  if (database == "weaviate") return "class";
  return "collection";
}

std::string database_subject(const AttributeList& attributes) {
  std::string subject;
  const auto add = [&subject](const std::string& part) {
    if (!subject.empty()) subject += ' ';
    subject += part;
  };
  if (const std::string name = text_of(attributes, kCollection); !name.empty()) {
    add(fmt::format("{} \"{}\"", collection_word(text_of(attributes, kDatabase)), name));
  }
  if (const std::string name = text_of(attributes, kNamespace); !name.empty()) {
    add(fmt::format("namespace \"{}\"", name));
  }
  if (const auto top_k = integer_of(attributes, kTopK)) add(fmt::format("top_k {}", *top_k));
  if (const auto count = integer_of(attributes, kVectors)) {
    add(fmt::format("{} {}", *count, *count == 1 ? "vector" : "vectors"));
  }
  return subject;
}

// Host and path: enough to know the call by, and without the query, where secrets like to stand.
std::string url_subject(const AttributeList& attributes) {
  const AttributeValue* value = find(attributes, kUrl);
  const auto* url = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (url == nullptr) return text_of(attributes, {"server.address"});
  std::string_view rest = *url;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) rest.remove_prefix(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (const auto user = authority.rfind('@'); user != std::string_view::npos) rest.remove_prefix(user + 1);
  return clean(rest);
}

// The trace of whoever sent the message, by the beginning of its id, which is enough to look for.
std::string link_text(const std::vector<SpanLink>& links) {
  if (links.empty()) return {};
  const std::string others = links.size() > 1 ? fmt::format(" and {} more", links.size() - 1) : std::string();
  return fmt::format("linked to trace {:08x}{}", links.front().trace_id.high >> 32, others);
}

void describe(const Span& span, SpanSummary& summary) {
  if (find(span.attributes, kProvider) != nullptr || find(span.attributes, kModel) != nullptr) {
    summary.subject = model_subject(span.attributes);
    summary.operation = text_of(span.attributes, kOperation);
  } else if (find(span.attributes, kDatabase) != nullptr) {
    summary.subject = database_subject(span.attributes);
  } else if (find(span.attributes, kMessaging) != nullptr) {
    summary.subject = text_of(span.attributes, kMessaging);
  } else if (summary.is_call) {
    summary.subject = url_subject(span.attributes);
  }
  const std::string link = link_text(span.links);
  if (!link.empty() && !summary.subject.empty()) summary.subject += ' ';
  summary.subject += link;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the model's answer broke off: then a choice has ended in `error`.
bool broke_off(const AttributeList& attributes) {
  const AttributeValue* value = find(attributes, kFinishReasons);
  const auto* reasons = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  return reasons != nullptr && std::find(reasons->begin(), reasons->end(), "error") != reasons->end();
}

// `std::runtime_error: no such tool` where an exception left the span.
std::string exception_text(const Span& span) {
  for (const SpanEvent& event : span.events) {
    if (event.name != "exception") continue;
    std::string type = text_of(event.attributes, {"exception.type"});
    const std::string message = text_of(event.attributes, {"exception.message"});
    if (type.empty() || message.empty()) return type + message;
    return type + ": " + fit(message, kMaxMessageColumns);
  }
  return {};
}

// What identifies the fault: status code and the provider's name for it. The message is shown where nothing
// else says more than a number.
std::string error_text(const Span& span) {
  const std::string status = text_of(span.attributes, kHttpStatus);
  const std::string type = text_of(span.attributes, kErrorType);
  const std::string exception = exception_text(span);
  std::string out = status;
  const auto add = [&out](const std::string& part, std::string_view between) {
    if (part.empty()) return;
    if (!out.empty()) out += between;
    out += part;
  };
  const bool named = !type.empty() && type != status && !all_digits(type);
  if (!exception.empty()) {
    add(exception, " ");
  } else {
    if (named) add(type, " ");
    const std::string message = fit(clean(span.status_message), kMaxMessageColumns);
    const bool says_more = !named || status.empty();
    if (says_more && message != type && message != status) add(message, out.empty() ? "" : ": ");
  }
  if (const std::string after = text_of(span.attributes, kRetryAfter); !after.empty()) {
    add("retry-after " + (all_digits(after) ? after + " s" : after), ", ");
  }
  return out;
}

// How the span ended, where the error does not say it already: `ERROR SIGSEGV`, `ERROR acme::NoSuchTool: …`.
std::string end_text(const Span& span, const std::string& error) {
  std::string end = text_of(span.attributes, kEnd);
  if (end == "signal") {
    if (std::string name = text_of(span.attributes, kSignal); !name.empty()) end = std::move(name);
  }
  const bool said = end == error || (end == "exception" && !error.empty());
  return said ? std::string() : end;
}

bool is_open(const Span& span) {
  const AttributeValue* const value = find(span.attributes, kOpen);
  const auto* const open = value == nullptr ? nullptr : std::get_if<bool>(value);
  return open != nullptr && *open;
}

std::int64_t process_of(const Span& span) {
  const auto own = integer_of(span.attributes, kProcess);
  if (own) return *own;
  return span.resource ? integer_of(span.resource->attributes, kProcess).value_or(0) : 0;
}

}  // namespace

SpanSummary summarise(const Span& span) {
  constexpr std::uint32_t kRemoteParentFlag = 0x200;  // OTLP, Span.flags
  SpanSummary summary;
  summary.trace_id = span.trace_id;
  summary.span_id = span.span_id;
  summary.parent_span_id = span.parent_span_id;
  summary.start_unix_nanos = span.start_unix_nanos;
  summary.end_unix_nanos = std::max(span.start_unix_nanos, span.end_unix_nanos);
  summary.process = process_of(span);
  summary.thread = integer_of(span.attributes, kThread).value_or(0);
  summary.name = clean(span.name);
  summary.first_token_nanos = first_token_nanos(span.attributes);
  summary.input_tokens = tokens_of(span.attributes, kInputTokens);
  summary.output_tokens = tokens_of(span.attributes, kOutputTokens);
  summary.cached_tokens = tokens_of(span.attributes, kCachedTokens).value_or(0);
  summary.cost_usd = number_of(span.attributes, kCost);
  summary.is_call = span.kind == SpanKind::kClient;
  summary.is_work = !summary.is_call && span.kind != SpanKind::kProducer && span.name != kDiagnosticsName;
  summary.remote_parent = (span.flags & kRemoteParentFlag) != 0;
  summary.open = is_open(span);
  summary.failed = span.status == StatusCode::kError;
  if (summary.failed) summary.error = error_text(span);
  summary.end = end_text(span, summary.error);
  // Said where nothing else says why.
  if (summary.end.empty() && !summary.failed && broke_off(span.attributes)) summary.end = "cut short";
  describe(span, summary);
  return summary;
}

}  // namespace llmo::console
