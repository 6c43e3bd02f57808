// When to leave a request alone, and what is added when not.
#include "shim/http/request_tag.h"

#include <algorithm>
#include <cstring>

#include "shim/config/text.h"

namespace llmo::http {
namespace {

// What a request may carry at least, W3C Trace Context 3.3.1.5; far beyond that nobody keeps it.
constexpr std::size_t kMaxTracestate = 1024;

// Host names have no case, and those that libcurl asks for are in small letters when they are compared.
std::string lowered(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), config::to_lower);
  return lower;
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

constexpr std::string_view kTokenScheme = "Bearer ";

// Query keys that carry a signature over the request. Keys compare exactly, as the signers write them.
constexpr std::string_view kSignatureKeys[] = {"X-Amz-Signature", "X-Goog-Signature", "Signature"};

// RFC 9421: the signature stands in a header of its own.
constexpr std::string_view kSignatureHeader = "signature-input";

bool is_signature_key(std::string_view key) {
  return std::find(std::begin(kSignatureKeys), std::end(kSignatureKeys), key) != std::end(kSignatureKeys);
}

bool headers_are_signed(const HandleOptions& options) {
  if (options.has_header(kSignatureHeader)) return true;
  std::string_view authorization;
  if (!options.find_header("authorization", &authorization)) return false;
  if (authorization.starts_with(kTokenScheme)) return false;  // as most are
  return std::any_of(std::begin(kSignatureSchemes), std::end(kSignatureSchemes),
                     [&](std::string_view scheme) { return authorization.starts_with(scheme); });
}

bool can_stand_in_a_header(std::string_view text) {
  return text.size() <= kMaxTracestate &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

TagRule::TagRule(std::string_view text) {
  const std::string_view whole = config::trim(text);
  if (whole == "false") return;
  all_ = whole == "true";
  if (all_) return;
  config::for_each_entry(whole, [this](std::string_view entry) {
    const bool out = entry.starts_with('!');
    if (out) entry = config::trim(entry.substr(1));
    if (!entry.empty()) (out ? left_out_ : taken_).emplace_back(lowered(entry));
  });
  if (taken_.empty() && !left_out_.empty()) all_ = true;
}

bool TagRule::allows(std::string_view host) const {
  const auto matches = [&](const filter::Glob& glob) { return glob.matches(host); };
  if (std::any_of(left_out_.begin(), left_out_.end(), matches)) return false;
  return all_ || std::any_of(taken_.begin(), taken_.end(), matches);
}

bool query_is_signed(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    if (is_signature_key(pair.substr(0, pair.find('=')))) return true;
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
  return false;
}

bool must_not_be_tagged(const HandleOptions& options, bool url_is_signed) {
  return url_is_signed || options.signs_for_aws || options.has_header("traceparent") ||
         headers_are_signed(options);
}

TaggedHeaders::TaggedHeaders(const span::SpanContext& context, std::string_view tracestate) {
  const span::Traceparent value = span::format_traceparent(context);
  std::memcpy(traceparent_, kName.data(), kName.size());
  std::memcpy(traceparent_ + kName.size(), value.data(), value.size());
  traceparent_[sizeof traceparent_ - 1] = '\0';
  parent_line_.data = traceparent_;
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
