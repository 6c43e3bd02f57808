// When to leave a request alone, and what is added when not.
#include "shim/http/request_tag.h"

#include <algorithm>

namespace llmo::http {
namespace {

constexpr std::string_view kBlanks = " \t";
// What a request may carry at least, W3C Trace Context 3.3.1.5; far beyond that nobody keeps it.
constexpr std::size_t kMaxTracestate = 1024;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The beginning of an Authorization value whose signature covers (some of) the request's headers.
constexpr std::string_view kSignatureSchemes[] = {
    "AWS4-",       // AWS Signature Version 4 and 4A
    "AWS ",        // its Version 2
    "GOOG4-",      // Google Cloud Storage V4
    "GOOG1 ",      //
    "OSS4-",       // Alibaba Cloud
    "ACS3-",       //
    "TC3-",        // Tencent Cloud
    "SharedKey ",  // Azure Storage
    "Signature ",  // draft-cavage-http-signatures and what grew from it
};

// Query keys that carry a signature over the request. Keys compare exactly, as the signers write them.
constexpr std::string_view kSignatureKeys[] = {"X-Amz-Signature", "X-Goog-Signature", "Signature"};

// RFC 9421: the signature stands in a header of its own.
constexpr std::string_view kSignatureHeader = "signature-input";

bool is_signature_key(std::string_view key) {
  return std::find(std::begin(kSignatureKeys), std::end(kSignatureKeys), key) != std::end(kSignatureKeys);
}

bool query_is_signed(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    if (is_signature_key(pair.substr(0, pair.find('=')))) return true;
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
  return false;
}

bool headers_are_signed(const HandleOptions& options) {
  if (options.has_header(kSignatureHeader)) return true;
  std::string_view authorization;
  if (!options.find_header("authorization", &authorization)) return false;
  return std::any_of(std::begin(kSignatureSchemes), std::end(kSignatureSchemes),
                     [&](std::string_view scheme) { return authorization.starts_with(scheme); });
}

bool can_stand_in_a_header(std::string_view text) {
  return text.size() <= kMaxTracestate &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

TagRule::TagRule(std::string_view text) {
  const std::string_view whole = trimmed(text);
  if (whole == "false") return;
  all_ = whole == "true";
  std::string_view rest = all_ ? std::string_view{} : whole;
  while (!rest.empty()) {
    std::string_view item = trimmed(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.size(), rest.find(',') == rest.npos ? rest.size() : rest.find(',') + 1));
    const bool out = item.starts_with('!');
    if (out) item = trimmed(item.substr(1));
    if (item.empty()) continue;
    (out ? left_out_ : taken_).emplace_back(item);
  }
  if (taken_.empty() && !left_out_.empty()) all_ = true;
}

bool TagRule::allows(std::string_view host) const {
  const auto matches = [&](const filter::Glob& glob) { return glob.matches(host); };
  if (std::any_of(left_out_.begin(), left_out_.end(), matches)) return false;
  return all_ || std::any_of(taken_.begin(), taken_.end(), matches);
}

bool must_not_be_tagged(const HandleOptions& options, const Url& url) {
  return options.has_header("traceparent") || options.signs_for_aws || headers_are_signed(options) ||
         query_is_signed(url.query());
}

TaggedHeaders::TaggedHeaders(const span::SpanContext& context, std::string_view tracestate) {
  const span::Traceparent value = span::format_traceparent(context);
  traceparent_.assign("traceparent: ").append(value.data(), value.size());
  parent_line_.data = traceparent_.data();
  if (tracestate.empty() || !can_stand_in_a_header(tracestate)) return;
  tracestate_.assign("tracestate: ").append(tracestate);
  state_line_.data = tracestate_.data();
}

curl_slist* TaggedHeaders::in_front_of(curl_slist* rest, bool with_state) {
  const bool state = with_state && !tracestate_.empty();
  state_line_.next = rest;
  parent_line_.next = state ? &state_line_ : rest;
  return &parent_line_;
}

}  // namespace llmo::http
