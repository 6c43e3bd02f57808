// One HTTP transfer as the shim follows it, from the moment it is handed to libcurl until its result is
// known.
//
//   begin(): spans, tag, taps on the bodies     libcurl works     end(): facts, all put back, spans closed
//
// While it is under way, the application's callbacks run and may do anything, setting options of this handle
// included. Which driver of libcurl carries the transfer out plays no part here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shim/http/body_tap.h"
#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"
#include "shim/http/header_tap.h"
#include "shim/http/request_plan.h"
#include "shim/http/request_tag.h"
#include "shim/http/transfer_bodies.h"
#include "shim/span/context.h"
#include "shim/span/detached_span.h"

namespace llmo::http {

// Where a transfer stands in its trace, and what goes on the wire with it.
struct TransferPlace {
  span::SpanContext parent;           // may be empty, or remote: then no workflow is open
  std::string_view tracestate;        // to send; empty where the trace has none
  const TagRule* tag_rule = nullptr;  // not for begin()
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

  // The application has given up on it before libcurl was done.
  void cancel();

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

 private:
  Transfer(const CurlApi& api, CURL* curl, const HandleOptions* options);

  bool start(const TransferPlace& place);
  bool find_request();
  std::string_view find_url(std::string* buffer) const;
  std::string_view find_method() const;
  void find_again();
  std::string root_name() const;
  bool open_spans(const span::SpanContext& parent);
  void add_call_stack();
  void begin_bodies();
  void exchange_headers(const TransferPlace& place);
  void exchange_callbacks();
  CURLcode set_header_list(bool with_tag);
  bool taps_request() const { return request_tap_.has_value() && request_tap_->is_set(); }
  bool may_be_tagged() const { return !must_not_be_tagged(*options_, plan_->is_signed); }
  void write_result(CURLcode result, bool complete);
  void finish(CURLcode result, journal::EndKind end);
  void close(journal::EndKind end);

  const CurlApi& api_;
  CURL* const curl_;
  const HandleOptions* const options_;

  std::shared_ptr<const RequestPlan> plan_;

  span::DetachedSpan root_;  // auto.workflow.<provider>; not open where a workflow is
  span::DetachedSpan span_;

  std::optional<TaggedHeaders> tag_;
  std::unique_ptr<TransferBodies> bodies_;  // where they are read
  std::optional<HeaderTap> header_tap_;
  std::optional<ResponseTap> response_tap_;
  std::optional<RequestTap> request_tap_;
};

}  // namespace llmo::http
