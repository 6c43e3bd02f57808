// One HTTP transfer as the shim follows it, from the moment it is handed to libcurl until its result is
// known.
//
//   begin(): spans, tag, taps on the bodies       libcurl works       end(): facts, all put back, spans
//   closed
//
// While it is under way, the application's callbacks run and may do anything, setting options of this handle
// included. Which driver of libcurl carries the transfer out plays no part here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shim/genai/body_facts.h"
#include "shim/genai/providers.h"
#include "shim/http/body_tap.h"
#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"
#include "shim/http/request_tag.h"
#include "shim/http/transfer_facts.h"
#include "shim/http/url.h"
#include "shim/span/context.h"
#include "shim/span/detached_span.h"

namespace llmo::http {

// Where a transfer stands in its trace, and what goes on the wire with it.
struct TransferPlace {
  span::SpanContext parent;     // may be empty, or remote: then no workflow is open
  std::string_view tracestate;  // to send; empty where the trace has none
  const TagRule* tag_rule;      // never null
};

// Everything of it runs in the thread that uses the handle. Nothing here throws or changes errno.
class Transfer final {
 public:
  // Starts to follow what `curl` is about to do; nullptr where that is no HTTP request. `options` is nullptr
  // for a handle that is not known: then nothing of it is touched and its bodies are not read. `api` and
  // `options` must outlive the transfer.
  static std::unique_ptr<Transfer> begin(const CurlApi& api, CURL* curl, const HandleOptions* options,
                                         const TransferPlace& place);

  // Where it was not ended: puts back what was exchanged and closes the spans as left behind.
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // libcurl is done, with that result.
  void end(CURLcode result);

  // True where an option has something of ours in its place, so that the application's value must not reach
  // libcurl as it is. Then HandleOptions::note() and set_held() take the place of curl_easy_setopt().
  bool holds(CURLoption option) const;

  // The application has set such an option in the middle of the transfer and `options` has noted it: makes
  // libcurl act on it as it would have. Returns what curl_easy_setopt() has to return.
  CURLcode set_held(CURLoption option);

  // The application has reset the handle in the middle of the transfer: what stood there is gone.
  void forget_exchanged();

  // Sets on `other`, a duplicate made in the middle of the transfer, what the application had set.
  void put_back(CURL* other) const;

  // Tells one transfer from all others of the process.
  std::uint64_t number() const { return number_; }

 private:
  // Tells the taps what to do with the bytes: two sinks in one object need two types.
  struct RequestSink final : BodySink {
    explicit RequestSink(Transfer* owner) : transfer(owner) {}
    void on_body(std::string_view bytes) override { transfer->request_facts_->feed(bytes); }
    Transfer* transfer;
  };
  struct ResponseSink final : BodySink {
    explicit ResponseSink(Transfer* owner) : transfer(owner) {}
    void on_body(std::string_view bytes) override { transfer->on_response_body(bytes); }
    Transfer* transfer;
  };

  Transfer(const CurlApi& api, CURL* curl, const HandleOptions* options);

  bool find_request();
  std::string find_url() const;
  bool open_spans(const span::SpanContext& parent);
  void write_request();
  void read_request_body();
  void exchange_headers(const TransferPlace& place);
  void exchange_callbacks();
  CURLcode set_header_list();
  void set_header_callback() const;
  void on_response_body(std::string_view bytes);
  void begin_response_body();
  bool body_is_readable(const TransferInfo& info) const;
  void write_bodies(bool complete);
  void close(journal::EndKind end);

  const CurlApi& api_;
  CURL* const curl_;
  const HandleOptions* const options_;
  const std::uint64_t number_;

  std::string url_text_;
  Url url_;
  RedactedUrl redacted_url_;
  std::string method_;
  genai::ApiMatch match_;

  span::DetachedSpan root_;  // auto.workflow.<provider>; not open where a workflow is
  span::DetachedSpan span_;

  std::optional<TaggedHeaders> tag_;
  RequestSink request_sink_{this};
  ResponseSink response_sink_{this};
  std::optional<ResponseTap> response_tap_;
  std::optional<RequestTap> request_tap_;

  std::unique_ptr<genai::RequestFacts> request_facts_;
  std::unique_ptr<genai::ResponseFacts> response_facts_;
  bool request_by_callback_ = false;
  bool response_began_ = false;
  std::uint64_t started_nanos_ = 0;
  std::uint64_t first_chunk_nanos_ = 0;
};

}  // namespace llmo::http
