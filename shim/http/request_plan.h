// What is known of a request before it is made: what follows from its URL and its method.
//
// A program that goes on with one handle asks for the same again and again, so the answer is kept with the
// handle's options. It is found again by what it was made from, not by which options were set since: a URL
// object of the application's may change out of our sight.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "shim/genai/providers.h"
#include "shim/http/handle_options.h"
#include "shim/journal/span_draft.h"

namespace llmo::http {

// Never changed once it is made; threads may share it.
struct RequestPlan {
  RequestPlan() = default;
  RequestPlan(const RequestPlan&) = delete;
  RequestPlan& operator=(const RequestPlan&) = delete;

  std::string url;
  std::string method;
  bool is_http = false;    // false for what libcurl hands to another of its protocols; then the rest is empty
  bool is_signed = false;  // the URL carries a signature over the request
  bool asks_headers = false;  // the match depends on headers of the request, too
  std::string host;           // empty where the URL cannot be parsed
  std::string_view query;     // into `url`
  std::string redacted_url;   // of url.full
  genai::ApiMatch match;
  journal::SpanDraft facts;  // the name of the span and what it has from the beginning
};

// The plan of such a request; `options`, of its handle, may be nullptr. Never nullptr.
std::shared_ptr<const RequestPlan> plan_request(std::string_view url, std::string_view method,
                                                const HandleOptions* options);

}  // namespace llmo::http
