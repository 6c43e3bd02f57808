#include "shim/genai/providers.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "shim/genai/label_pattern.h"
#include "shim/genai/own_rules.h"
#include "shim/genai/percent.h"
#include "shim/genai/provider_table.h"
#include "shim/genai/secrets.h"

namespace llmo::genai {
namespace {

// The operations that are the work of a model for which tokens are paid; the conventions name them so.
constexpr std::string_view kInferenceOperations[] = {"chat", "text_completion", "generate_content",
                                                     "embeddings"};

bool is_inference(const Service& service, const Endpoint& endpoint) {
  return service.provider->kind == ApiKind::kGenAi &&
         std::find(std::begin(kInferenceOperations), std::end(kInferenceOperations), endpoint.operation) !=
             std::end(kInferenceOperations);
}

// The last words of paths that answer with a stream, whatever the body says.
constexpr std::string_view kStreamingPaths[] = {":streamGenerateContent",       ":streamRawPredict",
                                                ":serverStreamingPredict",      "/converse-stream",
                                                "/invoke-with-response-stream", "/generate_stream"};

bool asks_for_stream(std::string_view path) {
  for (const std::string_view end : kStreamingPaths) {
    if (path.ends_with(end)) return true;
  }
  return false;
}

bool has_header(const ApiRequest& request, std::string_view name) {
  return request.headers.has != nullptr && request.headers.has(request.headers.context, name);
}

// `docs-a1b2c3d` is the index `docs` of the project `a1b2c3d`.
std::string_view without_project(std::string_view host_label) {
  const std::size_t dash = host_label.rfind('-');
  return dash == 0 ? host_label : host_label.substr(0, dash);
}

void name_span(const Service& service, const Endpoint& endpoint, ApiMatch* match) {
  if (is_inference(service, endpoint)) {
    match->span_name.assign("llm.request");
    return;
  }
  match->span_name.assign(service.provider->word);
  match->span_name.append(".");
  match->span_name.append(endpoint.operation);
}

void take_model(const LabelCaptures& captures, ApiMatch* match) {
  percent_decode(captures.get("owner"), &match->model);
  if (!match->model.empty()) match->model.append("/");
  percent_decode(captures.get("model"), &match->model);
}

// Parts of a namespace are joined by `|`, the most general one first, as the conventions say.
void take_name_space(const LabelCaptures& captures, ApiMatch* match) {
  for (const char* const part : {"tenant", "database", "namespace"}) {
    const std::string_view label = captures.get(part);
    if (!label.empty() && !match->name_space.empty()) match->name_space.append("|");
    percent_decode(label, &match->name_space);
  }
}

void take_captures(const LabelCaptures& captures, ApiMatch* match) {
  if (captures.count == 0) return;
  match->collection.assign(without_project(captures.get("index")));
  percent_decode(captures.get("collection"), &match->collection);
  take_name_space(captures, match);
  take_model(captures, match);
  percent_decode(captures.get("response"), &match->response_id);
}

void fill(const Service& service, const Endpoint& endpoint, const LabelCaptures& captures, ApiMatch* match) {
  match->workflow_word = service.provider->word;
  if (endpoint.operation.empty()) return;
  match->kind = service.provider->kind;
  match->shape = endpoint.shape;
  match->provider = service.provider->name;
  match->operation = endpoint.operation;
  match->api_type = endpoint.api_type;
  name_span(service, endpoint, match);
  take_captures(captures, match);
}

// One request on its way through the table.
class Search {
 public:
  Search(const ApiRequest& request, ApiMatch* match)
      : request_(request), host_(request.host), marks_(marks_of_path(request.path)), match_(match) {
    while (host_.ends_with('.')) host_.remove_suffix(1);
  }

  // True once a row fits; the match is then filled.
  bool find_in(std::span<const Service> services) {
    for (const Service& service : services) {
      if ((service.endings & mark_bit(marks_.last)) == 0) continue;
      if (service.port != 0 && service.port != request_.port) continue;
      if (host_fits(service) && find_endpoint(service)) return true;
    }
    return false;
  }

 private:
  // Rows for one host stand together, so its pattern is tried once for all of them.
  bool host_fits(const Service& service) {
    if (service.is_plain_host) {
      host_pattern_ = {};
      from_host_.count = 0;
      return service.host == host_;
    }
    if (service.host != host_pattern_) {
      host_pattern_ = service.host;
      from_host_.count = 0;
      host_fits_ = labels_match({host_pattern_}, host_, '.', &from_host_);
    }
    return host_fits_;
  }

  bool may_fit(const Endpoint& endpoint) const {
    return (endpoint.marks.last == 0 || endpoint.marks.last == marks_.last) &&
           (endpoint.marks.before == 0 || endpoint.marks.before == marks_.before) &&
           (endpoint.method.empty() || endpoint.method == request_.method);
  }

  bool find_endpoint(const Service& service) {
    for (const Endpoint& endpoint : service.endpoints) {
      if (!may_fit(endpoint)) continue;
      LabelCaptures captures = from_host_;
      if (!labels_match({service.base, endpoint.path}, request_.path, '/', &captures)) continue;
      if (!endpoint.required_header.empty() && !has_header(request_, endpoint.required_header)) continue;
      fill(service, endpoint, captures, match_);
      match_->streams = asks_for_stream(request_.path);
      return true;
    }
    return false;
  }

  const ApiRequest& request_;
  std::string_view host_;
  PathMarks marks_;
  ApiMatch* match_;
  std::string_view host_pattern_;
  LabelCaptures from_host_;
  bool host_fits_ = false;
};

void add_if_any(std::string_view key, std::string_view value, journal::SpanDraft* draft) {
  if (!value.empty()) draft->add(key, without_secret(value));
}

void write_database(const ApiMatch& match, journal::SpanDraft* draft) {
  draft->add("db.system.name", match.provider);
  draft->add("db.operation.name", match.operation);
  add_if_any("db.collection.name", match.collection.view(), draft);
  add_if_any("db.namespace", match.name_space.view(), draft);
}

void write_genai(const ApiMatch& match, journal::SpanDraft* draft) {
  draft->add("gen_ai.operation.name", match.operation);
  draft->add("gen_ai.provider.name", match.provider);
  add_if_any("gen_ai.request.model", match.model.view(), draft);
  add_if_any("gen_ai.response.id", match.response_id.view(), draft);
  add_if_any("openai.api.type", match.api_type, draft);
  if (match.provider == "azure.ai.inference")
    draft->add("azure.resource_provider.namespace", "Microsoft.CognitiveServices");
}

}  // namespace

ApiMatch match_api(const ApiRequest& request, std::span<const Service> own_services) {
  ApiMatch match;
  Search search(request, &match);
  search.find_in(own_services) || search.find_in(services_in_domain_of(request.host)) ||
      search.find_in(services_anywhere());
  return match;
}

void write_attributes(const ApiMatch& match, journal::SpanDraft* draft) {
  switch (match.kind) {
    case ApiKind::kDatabase:
      return write_database(match, draft);
    case ApiKind::kGenAi:
      return write_genai(match, draft);
    case ApiKind::kHttp:
      return;
  }
}

}  // namespace llmo::genai
