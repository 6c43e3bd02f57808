// The tag on the wire: whether a request gets a `traceparent` header, and the header list that carries it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shim/filter/glob.h"
#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"
#include "shim/span/context.h"

namespace llmo::http {

// LLMOBSERVE_TAG_REQUESTS: `true`, `false`, or globs of host names, those with `!` in front taking hosts out
// again. Where every glob has a `!`, all other hosts are taken.
class TagRule {
 public:
  explicit TagRule(std::string_view text);

  // `host` in lower case, as Url gives it.
  bool allows(std::string_view host) const;

 private:
  bool all_ = false;
  std::vector<filter::Glob> taken_;
  std::vector<filter::Glob> left_out_;
};

// True where a header more would be wrong: the request carries a traceparent already, or it is signed in
// advance, by an Authorization header, in the URL, or by libcurl itself (CURLOPT_AWS_SIGV4), so that what is
// added later is at best not covered by the signature and at worst breaks it.
bool must_not_be_tagged(const HandleOptions& options, bool url_is_signed);

// True where the query of a URL carries a signature over the request.
bool query_is_signed(std::string_view query);

// The header list of one transfer: our lines in front, then the application's own list, which is only linked
// to and never changed. libcurl reads the list while it makes a request and keeps no copy, so this object has
// to live as long as it is set.
class TaggedHeaders {
 public:
  // `tracestate` may be empty. One that could not stand in a header line is left out.
  TaggedHeaders(const span::SpanContext& context, std::string_view tracestate);
  TaggedHeaders(const TaggedHeaders&) = delete;
  TaggedHeaders& operator=(const TaggedHeaders&) = delete;

  // The list with `rest` behind our lines. `with_state` false leaves out tracestate. One list at a time.
  curl_slist* in_front_of(curl_slist* rest, bool with_state);

 private:
  static constexpr std::string_view kName = "traceparent: ";

  char traceparent_[kName.size() + sizeof(span::Traceparent) + 1];
  std::string tracestate_;
  curl_slist parent_line_{};
  curl_slist state_line_{};
};

}  // namespace llmo::http
