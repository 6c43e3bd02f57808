// The order of things around a transfer.
#include "shim/http/transfer.h"

#include <utility>

#include "shim/http/transfer_facts.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/tracer.h"

namespace llmo::http {
namespace {

using journal::EndKind;
using journal::SpanDraft;
using journal::SpanKind;

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
  return option == CURLOPT_WRITEFUNCTION || option == CURLOPT_WRITEDATA;
}

bool belongs_to_response_headers(CURLoption option) {
  return option == CURLOPT_HEADERFUNCTION || option == CURLOPT_HEADERDATA;
}

bool belongs_to_request(CURLoption option) {
  return option == CURLOPT_READFUNCTION || option == CURLOPT_READDATA;
}

}  // namespace

Transfer::Transfer(const CurlApi& api, CURL* curl, const HandleOptions* options)
    : api_(api), curl_(curl), options_(options) {}

std::unique_ptr<Transfer> Transfer::begin(const CurlApi& api, CURL* curl, const HandleOptions* options,
                                          const TransferPlace& place) {
  const platform::ErrnoSaver keep_errno;
  if (options != nullptr && options->connects_only) return nullptr;

  std::unique_ptr<Transfer> transfer(new Transfer(api, curl, options));
  transfer->url_text_ = transfer->find_url();
  transfer->method_ = transfer->find_method();
  if (!transfer->match_request() || !transfer->open_spans(place.parent)) return nullptr;
  transfer->begin_bodies();
  transfer->span_.show();
  transfer->exchange_headers(place);
  transfer->exchange_callbacks();
  return transfer;
}

Transfer::~Transfer() {
  if (!span_.is_open()) return;
  const platform::ErrnoSaver keep_errno;
  put_back(curl_);
  if (bodies_ != nullptr) bodies_->write(false, &span_.draft());
  close(EndKind::kUnwound);
}

void Transfer::end(CURLcode result) {
  finish(result, result == CURLE_ABORTED_BY_CALLBACK ? EndKind::kCancelled : EndKind::kReturned);
}

// What is known of the response is written all the same, and no result stands for a failure.
void Transfer::cancel() { finish(CURLE_OK, EndKind::kCancelled); }

void Transfer::finish(CURLcode result, EndKind end) {
  const platform::ErrnoSaver keep_errno;
  put_back(curl_);
  if (options_ == nullptr) find_again();
  if (span_.is_open()) write_result(result, end == EndKind::kReturned && result == CURLE_OK);
  forget_exchanged();
  close(end);
}

// What a body says of an error is closer to the truth than status and curl code: it is written last.
void Transfer::write_result(CURLcode result, bool complete) {
  const ResponseHeaders* const headers = header_tap_.has_value() ? &header_tap_->headers() : nullptr;
  write_transfer(TransferInfo(api_, curl_), api_, result, redacted_url_, headers, &span_.draft());
  if (bodies_ != nullptr) bodies_->write(complete, &span_.draft());
}

void Transfer::close(EndKind end) {
  span_.close(end);
  root_.close(end);
}

// --- what is asked for
// ---------------------------------------------------------------------------------------

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

std::string Transfer::find_method() const {
  std::string method(options_ != nullptr ? options_->method()
                                         : TransferInfo(api_, curl_).text(CURLINFO_EFFECTIVE_METHOD));
  return method.empty() ? "GET" : method;
}

// False for what is no HTTP request.
bool Transfer::match_request() {
  if (!is_http(url_text_)) return false;
  url_ = {};
  // A URL that cannot be parsed is libcurl's to refuse; the span then says so.
  if (!parse_url(url_text_, &url_)) return true;
  redacted_url_ = options_ != nullptr ? options_->redacted(url_text_) : redacted_url(url_text_).view();
  match_ = genai::match_api({.method = method_,
                             .host = url_.host(),
                             .path = url_.path(),
                             .query = url_.query(),
                             .headers = {.has = header_lookup, .context = options_},
                             .port = url_.port()});
  return true;
}

std::string Transfer::root_name() const { return std::string("auto.workflow.").append(match_.workflow_word); }

// Where no workflow is open, the call gets a root of its own: also below a parent from another process, which
// is no workflow of this one.
bool Transfer::open_spans(const span::SpanContext& parent) {
  span::SpanContext direct_parent = parent;
  if (parent.empty() || (parent.flags & journal::kFlagParentRemote) != 0) {
    root_ = span::DetachedSpan::open(parent, SpanKind::kInternal, root_name());
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
  draft.add("url.full", redacted_url_);
  draft.add("url.scheme", url_.scheme());
  draft.add("server.address", url_.host());
  draft.add_int("server.port", url_.port());
  genai::write_attributes(match_, &draft);
}

// libcurl tells the method and (where the application passed it as an object) the URL of a handle that is not
// known only once the transfer has begun: what was taken for it before may be that of an earlier one. After a
// redirect it tells the last URL.
void Transfer::find_again() {
  if (!span_.is_open()) return;
  const std::string method_before = std::exchange(method_, find_method());
  const std::string url_before = url_text_;
  if (TransferInfo(api_, curl_).number(CURLINFO_REDIRECT_COUNT) == 0) url_text_ = find_url();
  if (!match_request()) {
    span_.discard();
    root_.discard();
  } else if (method_ != method_before || url_text_ != url_before) {
    name_spans();
    write_request();
  }
}

void Transfer::name_spans() {
  if (root_.is_open()) root_.draft().set_name(root_name());
  span_.draft().set_name(match_.span_name.view());
}

void Transfer::begin_bodies() {
  if (options_ == nullptr || match_.shape == genai::BodyShape::kNone) return;
  bodies_ =
      std::make_unique<TransferBodies>(api_, curl_, *options_, match_, span::settings().capture_content);
  bodies_->read_request(url_.query(), &span_.draft());
}

// --- what is exchanged for the transfer
// ----------------------------------------------------------------------

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
  if (bodies_ == nullptr) return;
  header_tap_.emplace(*options_);
  api_.easy_setopt(curl_, CURLOPT_HEADERFUNCTION, &HeaderTap::write);
  api_.easy_setopt(curl_, CURLOPT_HEADERDATA, &*header_tap_);
  response_tap_.emplace(*options_, bodies_->response_sink());
  api_.easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &ResponseTap::write);
  api_.easy_setopt(curl_, CURLOPT_WRITEDATA, &*response_tap_);

  // Where the application reads by libcurl's own fread(), nothing is put in its place: libcurl rewinds such a
  // file by itself when it has to send it again, and asks the application otherwise.
  if (!bodies_->request_by_callback()) return;
  request_tap_.emplace(*options_, bodies_->request_sink());
  api_.easy_setopt(curl_, CURLOPT_READFUNCTION, &RequestTap::read);
  api_.easy_setopt(curl_, CURLOPT_READDATA, &*request_tap_);
}

bool Transfer::holds(CURLoption option) const {
  return (tag_.has_value() && belongs_to_headers(option)) ||
         (header_tap_.has_value() && belongs_to_response_headers(option)) ||
         (response_tap_.has_value() && belongs_to_response(option)) ||
         (request_tap_.has_value() && belongs_to_request(option));
}

CURLcode Transfer::set_held(CURLoption option) {
  const platform::ErrnoSaver keep_errno;
  // The taps ask the options at each call.
  return belongs_to_headers(option) ? set_header_list() : CURLE_OK;
}

void Transfer::put_back(CURL* curl) const {
  if (tag_.has_value()) api_.easy_setopt(curl, CURLOPT_HTTPHEADER, options_->headers);
  if (header_tap_.has_value()) {
    api_.easy_setopt(curl, CURLOPT_HEADERFUNCTION, options_->app_header_function);
    api_.easy_setopt(curl, CURLOPT_HEADERDATA, options_->header_data);
  }
  if (response_tap_.has_value()) {
    api_.easy_setopt(curl, CURLOPT_WRITEFUNCTION, options_->app_write_function);
    api_.easy_setopt(curl, CURLOPT_WRITEDATA, options_->write_data());
  }
  if (request_tap_.has_value()) {
    api_.easy_setopt(curl, CURLOPT_READFUNCTION, options_->app_read_function);
    api_.easy_setopt(curl, CURLOPT_READDATA, options_->read_data());
  }
}

void Transfer::forget_exchanged() {
  tag_.reset();
  header_tap_.reset();
  response_tap_.reset();
  request_tap_.reset();
}

}  // namespace llmo::http
