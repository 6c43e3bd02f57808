#include "shim/http/transfer_bodies.h"

#include <new>

#include "shim/http/transfer_facts.h"
#include "shim/platform/clock.h"
#include "shim/platform/out_of_memory.h"

namespace llmo::http {

using journal::SpanDraft;

namespace {

bool names_errors_in_header(genai::BodyShape shape) {
  return shape == genai::BodyShape::kBedrockConverse || shape == genai::BodyShape::kBedrockInvoke;
}

}  // namespace

TransferBodies::TransferBodies(const CurlApi& api, CURL* curl, const HandleOptions& options,
                               const genai::ApiMatch& match, bool capture_content)
    : api_(api),
      curl_(curl),
      options_(options),
      match_(match),
      request_by_callback_(options.body_from_callback()),
      started_nanos_(platform::monotonic_nanos()) {
  if (!capture_content) return;
  content_ = std::make_unique<genai::ContentCapture>();
  content_->begin(match);
}

void TransferBodies::begin_request() {
  // Not value-initialised: that would fill its buffers with zeros first.
  request_ = std::make_unique_for_overwrite<genai::RequestFacts>();
  if (content_ != nullptr) request_->listen(content_->request());
  request_->begin(match_, query_);
}

void TransferBodies::read_request(std::string_view query, SpanDraft* draft) {
  if (const genai::RequestFacts* const copied = options_.copied_facts(match_.shape)) {
    copied->write(draft);
    return;
  }
  query_ = query;
  begin_request();
  if (request_by_callback_) return;
  request_->feed(options_.body_in_memory());
  request_->write(draft);
  request_.reset();
}

void TransferBodies::RequestSink::on_body(std::string_view bytes) {
  if (owner->request_ == nullptr) return;
  if (!platform::had_memory_for([&] { owner->request_->feed(bytes); })) owner->request_.reset();
}

void TransferBodies::RequestSink::on_body_again() {
  if (owner->request_ == nullptr) return;
  if (!platform::had_memory_for([&] { owner->request_->begin(owner->match_, owner->query_); }))
    owner->request_.reset();
}

void TransferBodies::ResponseSink::on_body(std::string_view bytes) {
  if (platform::had_memory_for([&] { owner->on_response(bytes); })) return;
  owner->response_.reset();
  owner->first_chunk_nanos_ = 0;
}

void TransferBodies::on_response(std::string_view bytes) {
  if (!response_began_) begin_response();
  if (response_ == nullptr) return;
  response_->feed(bytes);
  if (first_chunk_nanos_ == 0 && response_->chunks() > 0) first_chunk_nanos_ = platform::monotonic_nanos();
  if (first_token_nanos_ == 0 && response_->content_started())
    first_token_nanos_ = platform::monotonic_nanos();
}

void TransferBodies::begin_response() {
  response_began_ = true;
  response_.reset(new (std::nothrow) genai::ResponseFacts);
  if (response_ == nullptr) return;
  if (content_ != nullptr) response_->listen(content_->response());
  const TransferInfo info(api_, curl_);
  genai::ResponseHead head;
  head.content_type = info.text(CURLINFO_CONTENT_TYPE);
  head.http_status = static_cast<int>(info.number(CURLINFO_RESPONSE_CODE));
  if (names_errors_in_header(match_.shape) && head.http_status >= 400)
    head.error_name = seen_header("x-amzn-errortype");
  head.content_encoding = content_encoding();
  response_->begin(match_, head);
}

// libcurl is not asked for headers: its answer would lie in memory that the application may be holding one
// in.
std::string_view TransferBodies::seen_header(std::string_view lower_name) const {
  const ResponseHeaders* const seen = header_tap_->headers();
  return seen == nullptr ? std::string_view{} : seen->value(lower_name);
}

// Empty where libcurl decodes it.
std::string_view TransferBodies::content_encoding() const {
  const ResponseHeaders* const seen = header_tap_->headers();
  return seen == nullptr || options_.decodes_content() ? std::string_view{} : seen->content_encoding();
}

void TransferBodies::write(bool complete, SpanDraft* draft) {
  if (request_ != nullptr) request_->write(draft);
  if (response_ != nullptr) {
    response_->finish(complete);
    response_->write(draft);
  }
  if (content_ != nullptr) content_->write(draft);
  if (first_chunk_nanos_ == 0) return;
  draft->add_double("gen_ai.response.time_to_first_chunk", seconds_until(first_chunk_nanos_));
  if (first_token_nanos_ != 0)
    draft->add_double("llmobserve.stream.first_token_seconds", seconds_until(first_token_nanos_));
  draft->add_int("llmobserve.stream.chunks", static_cast<std::int64_t>(response_->chunks()));
}

}  // namespace llmo::http
