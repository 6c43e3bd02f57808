// The order of things around a transfer.
#include "shim/http/transfer.h"

#include <atomic>

#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"

namespace llmo::http {
namespace {

using journal::EndKind;
using journal::SpanDraft;
using journal::SpanKind;

// Only tells transfers apart, orders nothing.
constinit std::atomic<std::uint64_t> g_transfers{0};

// What libcurl takes for another protocol when a URL has no scheme.
constexpr std::string_view kGuessedHosts[] = {"ftp.", "dict.", "ldap.", "imap.", "smtp.", "pop3."};

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

// False for what libcurl hands to another of its protocols. A text without scheme is HTTP, unless its host
// says otherwise.
bool is_http(std::string_view url) {
  const std::size_t colon = url.find(':');
  const std::string_view word = url.substr(0, colon);
  const std::string_view rest = colon == url.npos ? std::string_view{} : url.substr(colon);
  if (rest.starts_with("://"))
    return equals_ignoring_case(word, "http") || equals_ignoring_case(word, "https");
  if (rest.starts_with(":/") && equals_ignoring_case(word, "file")) return false;
  for (const std::string_view host : kGuessedHosts) {
    if (equals_ignoring_case(url.substr(0, host.size()), host)) return false;
  }
  return true;
}

bool header_lookup(const void* options, std::string_view lower_name) {
  return options != nullptr && static_cast<const HandleOptions*>(options)->has_header(lower_name);
}

bool belongs_to_headers(CURLoption option) { return option == CURLOPT_HTTPHEADER; }

bool belongs_to_response(CURLoption option) {
  return option == CURLOPT_WRITEFUNCTION || option == CURLOPT_WRITEDATA || option == CURLOPT_HEADERFUNCTION ||
         option == CURLOPT_HEADERDATA;
}

bool belongs_to_request(CURLoption option) {
  return option == CURLOPT_READFUNCTION || option == CURLOPT_READDATA;
}

double seconds_between(std::uint64_t start_nanos, std::uint64_t end_nanos) {
  return static_cast<double>(end_nanos - start_nanos) / 1e9;
}

}  // namespace

Transfer::Transfer(const CurlApi& api, CURL* curl, const HandleOptions* options)
    : api_(api),
      curl_(curl),
      options_(options),
      number_(g_transfers.fetch_add(1, std::memory_order_relaxed) + 1) {}

std::unique_ptr<Transfer> Transfer::begin(const CurlApi& api, CURL* curl, const HandleOptions* options,
                                          const TransferPlace& place) {
  const platform::ErrnoSaver keep_errno;
  if (options != nullptr && options->connects_only) return nullptr;

  std::unique_ptr<Transfer> transfer(new Transfer(api, curl, options));
  if (!transfer->find_request() || !transfer->open_spans(place.parent)) return nullptr;
  transfer->read_request_body();
  transfer->span_.show();
  transfer->exchange_headers(place);
  transfer->exchange_callbacks();
  transfer->started_nanos_ = platform::monotonic_nanos();
  return transfer;
}

Transfer::~Transfer() {
  if (!span_.is_open()) return;
  const platform::ErrnoSaver keep_errno;
  put_back(curl_);
  write_bodies(false);
  close(EndKind::kUnwound);
}

void Transfer::end(CURLcode result) {
  const platform::ErrnoSaver keep_errno;
  put_back(curl_);
  forget_exchanged();
  if (!span_.is_open()) return;
  // What a body says of an error is closer to the truth than status and curl code: it is written last.
  write_transfer(TransferInfo(api_, curl_), api_, result, redacted_url_.view(), &span_.draft());
  write_bodies(result == CURLE_OK);
  close(result == CURLE_ABORTED_BY_CALLBACK ? EndKind::kCancelled : EndKind::kReturned);
}

void Transfer::close(EndKind end) {
  span_.close(end);
  root_.close(end);
}

// --- what is asked for ---------------------------------------------------------------------------------------

// A handle that is not known is asked for its URL. One that is known is not: after a redirect libcurl answers
// with the last URL, not with the one that the next transfer begins with.
std::string Transfer::find_url() const {
  if (options_ == nullptr) return std::string(TransferInfo(api_, curl_).text(CURLINFO_EFFECTIVE_URL));
  if (options_->url_handle == nullptr || api_.url_get == nullptr) return options_->url();
  char* text = nullptr;
  if (api_.url_get(options_->url_handle, CURLUPART_URL, &text, 0) != CURLUE_OK) return {};
  std::string url(text);
  api_.free(text);
  return url;
}

bool Transfer::find_request() {
  url_text_ = find_url();
  if (!is_http(url_text_)) return false;
  method_ =
      options_ != nullptr ? options_->method() : TransferInfo(api_, curl_).text(CURLINFO_EFFECTIVE_METHOD);
  if (method_.empty()) method_ = "GET";
  // A URL that cannot be parsed is libcurl's to refuse; the span then says so.
  if (!parse_url(url_text_, &url_)) return true;
  redacted_url_ = redacted_url(url_text_);
  match_ = genai::match_api({.method = method_,
                             .host = url_.host(),
                             .path = url_.path(),
                             .query = url_.query(),
                             .headers = {.has = header_lookup, .context = options_}});
  return true;
}

// Where no workflow is open, the call gets a root of its own: also below a parent from another process, which
// is no workflow of this one.
bool Transfer::open_spans(const span::SpanContext& parent) {
  span::SpanContext direct_parent = parent;
  if (parent.empty() || (parent.flags & journal::kFlagParentRemote) != 0) {
    const std::string name = std::string("auto.workflow.").append(match_.workflow_word);
    root_ = span::DetachedSpan::open(parent, SpanKind::kInternal, name);
    if (!root_.is_open()) return false;
    direct_parent = root_.context();
  }
  span_ = span::DetachedSpan::open(direct_parent, SpanKind::kClient, match_.span_name.view());
  if (!span_.is_open()) return false;
  write_request();
  return true;
}

void Transfer::write_request() {
  SpanDraft& draft = span_.draft();
  const std::string_view method_name = write_method(method_, &draft);
  if (match_.span_name.empty()) draft.set_name(method_name);
  if (url_.host().empty()) return;
  draft.add("url.full", redacted_url_.view());
  draft.add("url.scheme", url_.scheme());
  draft.add("server.address", url_.host());
  draft.add_int("server.port", url_.port());
  genai::write_attributes(match_, &draft);
}

void Transfer::read_request_body() {
  if (options_ == nullptr || match_.shape == genai::BodyShape::kNone) return;
  request_facts_ = std::make_unique<genai::RequestFacts>();
  request_facts_->begin(match_, url_.query());
  request_by_callback_ = options_->body_from_callback();
  if (request_by_callback_) return;
  if (const genai::RequestFacts* const copied = options_->copied_facts(match_.shape)) {
    *request_facts_ = *copied;
  } else {
    request_facts_->feed(options_->body_in_memory());
  }
  request_facts_->write(&span_.draft());
}

// --- what is exchanged for the transfer ----------------------------------------------------------------------

void Transfer::exchange_headers(const TransferPlace& place) {
  // Where we could not read the URL, it may be signed.
  if (options_ == nullptr || url_.host().empty() || !place.tag_rule->allows(url_.host())) return;
  if (must_not_be_tagged(*options_, url_)) return;
  tag_.emplace(span_.context(), place.tracestate);
  set_header_list();
}

CURLcode Transfer::set_header_list() {
  curl_slist* list = options_->headers;
  if (!must_not_be_tagged(*options_, url_))
    list = tag_->in_front_of(list, !options_->has_header("tracestate"));
  return api_.easy_setopt(curl_, CURLOPT_HTTPHEADER, list);
}

void Transfer::exchange_callbacks() {
  if (options_ == nullptr || match_.shape == genai::BodyShape::kNone) return;
  response_facts_ = std::make_unique<genai::ResponseFacts>();
  response_tap_.emplace(*options_, &response_sink_);
  set_header_callback();
  api_.easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &ResponseTap::write);
  api_.easy_setopt(curl_, CURLOPT_WRITEDATA, &*response_tap_);

  // Where the application reads by libcurl's own fread(), nothing is put in its place: libcurl rewinds such a
  // file by itself when it has to send it again, and asks the application otherwise.
  if (!request_by_callback_) return;
  request_tap_.emplace(*options_, &request_sink_);
  api_.easy_setopt(curl_, CURLOPT_READFUNCTION, &RequestTap::read);
  api_.easy_setopt(curl_, CURLOPT_READDATA, &*request_tap_);
}

// With CURLOPT_HEADERDATA and no function, libcurl calls the function for the body with that pointer. It must
// not be our tap, whose pointer it is not.
void Transfer::set_header_callback() const {
  api_.easy_setopt(curl_, CURLOPT_HEADERFUNCTION, options_->header_function());
}

bool Transfer::holds(CURLoption option) const {
  return (tag_.has_value() && belongs_to_headers(option)) ||
         (response_tap_.has_value() && belongs_to_response(option)) ||
         (request_tap_.has_value() && belongs_to_request(option));
}

CURLcode Transfer::set_held(CURLoption option) {
  const platform::ErrnoSaver keep_errno;
  if (belongs_to_headers(option)) return set_header_list();
  if (belongs_to_response(option)) {
    if (option == CURLOPT_HEADERDATA) api_.easy_setopt(curl_, option, options_->header_data);
    set_header_callback();
  }
  return CURLE_OK;
}

void Transfer::put_back(CURL* curl) const {
  if (tag_.has_value()) api_.easy_setopt(curl, CURLOPT_HTTPHEADER, options_->headers);
  if (response_tap_.has_value()) {
    api_.easy_setopt(curl, CURLOPT_WRITEFUNCTION, options_->app_write_function);
    api_.easy_setopt(curl, CURLOPT_WRITEDATA, options_->write_data());
    api_.easy_setopt(curl, CURLOPT_HEADERFUNCTION, options_->app_header_function);
  }
  if (request_tap_.has_value()) {
    api_.easy_setopt(curl, CURLOPT_READFUNCTION, options_->app_read_function);
    api_.easy_setopt(curl, CURLOPT_READDATA, options_->read_data());
  }
}

void Transfer::forget_exchanged() {
  tag_.reset();
  response_tap_.reset();
  request_tap_.reset();
}

// --- what comes back -----------------------------------------------------------------------------------------

void Transfer::on_response_body(std::string_view bytes) {
  if (!response_began_) begin_response_body();
  if (response_facts_ == nullptr) return;
  response_facts_->feed(bytes);
  if (first_chunk_nanos_ == 0 && response_facts_->chunks() > 0)
    first_chunk_nanos_ = platform::monotonic_nanos();
}

void Transfer::begin_response_body() {
  response_began_ = true;
  const TransferInfo info(api_, curl_);
  if (!body_is_readable(info)) {
    response_facts_.reset();
    return;
  }
  response_facts_->begin(match_, info.text(CURLINFO_CONTENT_TYPE),
                         static_cast<int>(info.number(CURLINFO_RESPONSE_CODE)));
}

// A body that the server has compressed and libcurl was not asked to decode says nothing to us.
bool Transfer::body_is_readable(const TransferInfo& info) const {
  if (options_->decodes_content()) return true;
  const std::string_view encoding = info.header("content-encoding");
  return encoding.empty() || equals_ignoring_case(encoding, "identity");
}

void Transfer::write_bodies(bool complete) {
  SpanDraft& draft = span_.draft();
  if (request_facts_ != nullptr && request_by_callback_) request_facts_->write(&draft);
  if (response_facts_ == nullptr || !response_began_) return;
  response_facts_->finish(complete);
  response_facts_->write(&draft);
  if (first_chunk_nanos_ == 0) return;
  draft.add_double("gen_ai.response.time_to_first_chunk",
                   seconds_between(started_nanos_, first_chunk_nanos_));
  draft.add_int("llmobserve.stream.chunks", static_cast<std::int64_t>(response_facts_->chunks()));
}

}  // namespace llmo::http
