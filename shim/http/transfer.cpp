// The order of things around a transfer.
#include "shim/http/transfer.h"

#include <array>
#include <span>

#include "shim/http/transfer_facts.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/out_of_memory.h"
#include "shim/span/call_stack.h"
#include "shim/span/tracer.h"

namespace llmo::http {
namespace {

using journal::EndKind;
using journal::SpanKind;

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

  std::unique_ptr<Transfer> transfer;
  const bool begun = platform::had_memory_for([&] {
    transfer.reset(new Transfer(api, curl, options));
    if (!transfer->start(place)) transfer.reset();
  });
  if (!begun) transfer.reset();
  return transfer;
}

bool Transfer::start(const TransferPlace& place) {
  if (!find_request() || !open_spans(place.parent)) return false;
  if (span_.is_recorded()) begin_bodies();
  if (bodies_ != nullptr) span_.show();  // with what the request says
  exchange_headers(place);
  if (span_.is_recorded()) exchange_callbacks();
  return true;
}

Transfer::~Transfer() {
  if (!span_.is_open()) return;
  const platform::ErrnoSaver keep_errno;
  put_back(curl_);
  platform::had_memory_for([this] {
    if (bodies_ != nullptr) bodies_->write(false, &span_.draft());
  });
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
  platform::had_memory_for([&] {
    if (options_ == nullptr) find_again();
    if (span_.is_recorded()) write_result(result, end == EndKind::kReturned && result == CURLE_OK);
  });
  forget_exchanged();
  close(end);
}

// What a body says of an error is closer to the truth than status and curl code: it is written last.
void Transfer::write_result(CURLcode result, bool complete) {
  ResponseHeaders none;
  const ResponseHeaders* headers = nullptr;
  if (header_tap_.has_value()) headers = header_tap_->headers() != nullptr ? header_tap_->headers() : &none;
  write_transfer(TransferInfo(api_, curl_), api_, result, plan_->redacted_url, headers, &span_.draft());
  if (bodies_ != nullptr) bodies_->write(complete, &span_.draft());
}

void Transfer::close(EndKind end) {
  span_.close(end);
  root_.close(end);
}

// --- what is asked for -------------------------------------------------------------------------------------

// False for what is no HTTP request.
bool Transfer::find_request() {
  std::string buffer;
  plan_ = plan_request(find_url(&buffer), find_method(), options_);
  return plan_->is_http;
}

// A handle that is not known is asked for its URL. One that is known is not: after a redirect libcurl answers
// with the last URL, not with the one that the next transfer begins with.
std::string_view Transfer::find_url(std::string* buffer) const {
  if (options_ == nullptr) return TransferInfo(api_, curl_).text(CURLINFO_EFFECTIVE_URL);
  if (options_->url_handle == nullptr || api_.url_get == nullptr) return options_->url(buffer);
  char* text = nullptr;
  if (api_.url_get(options_->url_handle, CURLUPART_URL, &text, 0) != CURLUE_OK) return {};
  buffer->assign(text);
  api_.free(text);
  return *buffer;
}

std::string_view Transfer::find_method() const {
  const std::string_view method =
      options_ != nullptr ? options_->method() : TransferInfo(api_, curl_).text(CURLINFO_EFFECTIVE_METHOD);
  return method.empty() ? "GET" : method;
}

std::string Transfer::root_name() const {
  return std::string("auto.workflow.").append(plan_->match.workflow_word);
}

// Where no workflow is open, the call gets a root of its own: also below a parent from another process, which
// is no workflow of this one.
bool Transfer::open_spans(const span::SpanContext& parent) {
  span::SpanContext direct_parent = parent;
  if (parent.empty() || (parent.flags & journal::kFlagParentRemote) != 0) {
    root_ = span::DetachedSpan::open(parent, SpanKind::kInternal, root_name());
    if (!root_.is_open()) return false;
    direct_parent = root_.context();
  }
  span_ = span::DetachedSpan::open(direct_parent, SpanKind::kClient, plan_->facts);
  if (span_.is_recorded() && span::settings().call_stacks) add_call_stack();
  return span_.is_open();
}

// Which code makes the call, also where nothing of it was instrumented.
void Transfer::add_call_stack() {
  std::array<journal::CodeAddress, span::kMaxStackDepth> calls;
  const std::size_t count = span::capture_call_stack(calls);
  if (count != 0) span_.draft().add_stack("llmobserve.call_stack", std::span(calls).first(count));
}

// libcurl tells the method and (where the application passed it as an object) the URL of a handle that is not
// known only once the transfer has begun: what was taken for it before may be that of an earlier one. After a
// redirect it tells the last URL.
void Transfer::find_again() {
  if (!span_.is_recorded()) return;
  const std::shared_ptr<const RequestPlan> before = plan_;
  const bool redirected = TransferInfo(api_, curl_).number(CURLINFO_REDIRECT_COUNT) != 0;
  plan_ =
      plan_request(redirected ? std::string_view{before->url} : find_url(nullptr), find_method(), nullptr);
  if (!plan_->is_http) {
    span_.discard();
    root_.discard();
  } else if (plan_->method != before->method || plan_->url != before->url) {
    if (root_.is_open()) root_.draft().set_name(root_name());
    span_.draft().add_all(plan_->facts);
  }
}

void Transfer::begin_bodies() {
  if (options_ == nullptr || plan_->match.shape == genai::BodyShape::kNone) return;
  bodies_ = std::make_unique<TransferBodies>(api_, curl_, *options_, plan_->match,
                                             span::settings().capture_content);
  bodies_->read_request(plan_->query, &span_.draft());
}

// --- what is exchanged for the transfer --------------------------------------------------------------------

void Transfer::exchange_headers(const TransferPlace& place) {
  // Where we could not read the URL, it may be signed.
  if (options_ == nullptr || plan_->host.empty() || place.tag_rule == nullptr) return;
  if (!place.tag_rule->allows(plan_->host)) return;
  if (!may_be_tagged()) return;
  tag_.emplace(span_.context(), place.tracestate);
  set_header_list(true);
}

CURLcode Transfer::set_header_list(bool with_tag) {
  curl_slist* list = options_->headers;
  if (with_tag) list = tag_->in_front_of(list, !options_->has_header("tracestate"));
  return api_.easy_setopt(curl_, CURLOPT_HTTPHEADER, list);
}

void Transfer::exchange_callbacks() {
  if (options_ == nullptr || plan_->host.empty()) return;
  header_tap_.emplace(*options_);
  api_.easy_setopt(curl_, CURLOPT_HEADERFUNCTION, &HeaderTap::write);
  api_.easy_setopt(curl_, CURLOPT_HEADERDATA, &*header_tap_);

  if (bodies_ == nullptr) return;
  bodies_->read_headers_from(&*header_tap_);
  response_tap_.emplace(*options_, bodies_->response_sink());
  api_.easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &ResponseTap::write);
  api_.easy_setopt(curl_, CURLOPT_WRITEDATA, &*response_tap_);

  // Where the application reads by libcurl's own fread(), nothing is put in its place: libcurl rewinds such a
  // file by itself when it has to send it again, and asks the application otherwise.
  if (!bodies_->request_by_callback()) return;
  request_tap_.emplace(api_, curl_, *options_, bodies_->request_sink());
}

bool Transfer::holds(CURLoption option) const {
  return (tag_.has_value() && belongs_to_headers(option)) ||
         (header_tap_.has_value() && belongs_to_response_headers(option)) ||
         (response_tap_.has_value() && belongs_to_response(option)) ||
         (taps_request() && belongs_to_request(option));
}

CURLcode Transfer::set_held(CURLoption option) {
  const platform::ErrnoSaver keep_errno;
  if (belongs_to_headers(option)) return set_header_list(may_be_tagged());
  if (belongs_to_request(option)) request_tap_->take_new_source();
  return CURLE_OK;  // the other taps ask the options at each call
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
  if (taps_request()) {
    api_.easy_setopt(curl, CURLOPT_READFUNCTION, options_->app_read_function);
    api_.easy_setopt(curl, CURLOPT_READDATA, options_->read_data());
  }
}

void Transfer::forget_exchanged() {
  tag_.reset();
  header_tap_.reset();
  response_tap_.reset();
  if (request_tap_.has_value()) request_tap_->release();
}

}  // namespace llmo::http
