#include "shim/genai/providers.h"

#include "shim/genai/label_pattern.h"
#include "shim/genai/percent.h"
#include "shim/genai/provider_table.h"

namespace llmo::genai {
namespace {

// The operations that are the work of a model for which tokens are paid; the conventions name them so.
constexpr std::string_view kInferenceOperations[] = {"chat", "text_completion", "generate_content",
                                                     "embeddings"};

bool is_inference(const ApiRule& rule) {
  if (rule.provider->kind != ApiKind::kGenAi) return false;
  for (const std::string_view operation : kInferenceOperations) {
    if (rule.operation == operation) return true;
  }
  return false;
}

bool has_header(const ApiRequest& request, std::string_view name) {
  return request.headers.has != nullptr && request.headers.has(request.headers.context, name);
}

// All but the host.
bool fits(const ApiRule& rule, const ApiRequest& request, LabelCaptures* captures) {
  if (!labels_match(rule.path, request.path, '/', captures)) return false;
  return rule.required_header.empty() || has_header(request, rule.required_header);
}

// `docs-a1b2c3d` is the index `docs` of the project `a1b2c3d`.
std::string_view without_project(std::string_view host_label) {
  const std::size_t dash = host_label.rfind('-');
  return dash == 0 ? host_label : host_label.substr(0, dash);
}

void name_span(const ApiRule& rule, ApiMatch* match) {
  if (is_inference(rule)) {
    match->span_name.assign("llm.request");
    return;
  }
  match->span_name.assign(rule.provider->word);
  match->span_name.append(".");
  match->span_name.append(rule.operation);
}

void take_captures(const LabelCaptures& captures, ApiMatch* match) {
  match->collection.assign(without_project(captures.get("index")));
  percent_decode(captures.get("collection"), &match->collection);
  percent_decode(captures.get("namespace"), &match->name_space);
  percent_decode(captures.get("model"), &match->model);
  percent_decode(captures.get("response"), &match->response_id);
}

ApiMatch match_from(const ApiRule& rule, const LabelCaptures& captures) {
  ApiMatch match;
  match.workflow_word = rule.provider->word;
  if (rule.operation.empty()) return match;
  match.kind = rule.provider->kind;
  match.shape = rule.shape;
  match.provider = rule.provider->name;
  match.operation = rule.operation;
  match.api_type = rule.api_type;
  name_span(rule, &match);
  take_captures(captures, &match);
  return match;
}

void add_if_any(std::string_view key, std::string_view value, journal::SpanDraft* draft) {
  if (!value.empty()) draft->add(key, value);
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
}

}  // namespace

ApiMatch match_api(const ApiRequest& request) {
  // Rules for one host stand together, so its pattern is tried once for all of them.
  std::string_view host_pattern;
  LabelCaptures from_host;
  bool host_fits = false;
  for (const ApiRule& rule : api_rules()) {
    if (rule.host.data() != host_pattern.data()) {
      host_pattern = rule.host;
      from_host = {};
      host_fits = labels_match(rule.host, request.host, '.', &from_host);
    }
    if (!host_fits || (!rule.method.empty() && rule.method != request.method)) continue;
    LabelCaptures captures = from_host;
    if (fits(rule, request, &captures)) return match_from(rule, captures);
  }
  return {};
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
