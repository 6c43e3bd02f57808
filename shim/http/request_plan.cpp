#include "shim/http/request_plan.h"

#include "shim/config/text.h"
#include "shim/http/request_tag.h"
#include "shim/http/transfer_facts.h"
#include "shim/http/url.h"

namespace llmo::http {
namespace {

// What libcurl takes for another protocol when a URL has no scheme.
constexpr std::string_view kGuessedHosts[] = {"ftp.", "dict.", "ldap.", "imap.", "smtp.", "pop3."};

// A text without scheme is HTTP, unless its host says otherwise.
bool is_http(std::string_view url) {
  const std::size_t colon = url.find(':');
  const std::string_view word = url.substr(0, colon);
  const std::string_view rest = colon == url.npos ? std::string_view{} : url.substr(colon);
  if (rest.starts_with("://"))
    return config::equal_ignoring_case(word, "http") || config::equal_ignoring_case(word, "https");
  if (rest.starts_with(":/") && config::equal_ignoring_case(word, "file")) return false;
  for (const std::string_view host : kGuessedHosts) {
    if (config::starts_ignoring_case(url, host)) return false;
  }
  return true;
}

// The headers of a request, and whether anybody has asked for them.
struct AskedHeaders {
  const HandleOptions* options;
  bool asked = false;
};

bool header_lookup(const void* context, std::string_view lower_name) {
  auto& headers = *static_cast<AskedHeaders*>(const_cast<void*>(context));
  headers.asked = true;
  return headers.options != nullptr && headers.options->has_header(lower_name);
}

void write_facts(const Url& url, RequestPlan* plan) {
  journal::SpanDraft& draft = plan->facts;
  const std::string_view method_name = write_method(plan->method, &draft);
  draft.set_name(plan->match.span_name.empty() ? method_name : plan->match.span_name.view());
  if (url.host().empty()) return;
  draft.add("url.full", plan->redacted_url);
  draft.add("url.scheme", url.scheme());
  draft.add("server.address", url.host());
  draft.add_int("server.port", url.port());
  genai::write_attributes(plan->match, &draft);
}

// A URL that cannot be parsed is libcurl's to refuse; the span then says so.
void fill(const HandleOptions* options, RequestPlan* plan) {
  plan->is_http = is_http(plan->url);
  if (!plan->is_http) return;
  Url url;
  if (parse_url(plan->url, &url)) {
    AskedHeaders headers{options};
    plan->host = url.host();
    plan->query = url.query();
    plan->is_signed = query_is_signed(url.query());
    plan->redacted_url = redacted_url(plan->url).view();
    plan->match = genai::match_api({.method = plan->method,
                                    .host = url.host(),
                                    .path = url.path(),
                                    .query = url.query(),
                                    .headers = {.has = header_lookup, .context = &headers},
                                    .port = url.port()});
    plan->asks_headers = headers.asked;
  }
  write_facts(url, plan);
}

}  // namespace

std::shared_ptr<const RequestPlan> plan_request(std::string_view url, std::string_view method,
                                                const HandleOptions* options) {
  if (options != nullptr && options->last_plan != nullptr) {
    const RequestPlan& last = *options->last_plan;
    if (!last.asks_headers && last.url == url && last.method == method) return options->last_plan;
  }
  auto plan = std::make_shared<RequestPlan>();
  plan->url = url;
  plan->method = method;
  fill(options, plan.get());
  if (options != nullptr) options->last_plan = plan;
  return plan;
}

}  // namespace llmo::http
