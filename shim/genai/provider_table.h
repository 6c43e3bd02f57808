// Every API that is known, as data. To add one, add rows: a Provider, its rules, and, where its bodies are
// laid out as no other's, a BodyShape with field tables.
#pragma once

#include <span>
#include <string_view>

#include "shim/genai/providers.h"

namespace llmo::genai {

struct Provider {
  std::string_view name;  // gen_ai.provider.name or db.system.name
  std::string_view word;  // in span names: `<word>.<operation>`, `auto.workflow.<word>`
  ApiKind kind;
};

// One kind of request. Host and path are patterns, see label_pattern.h. Captures that have a meaning: {index}
// (a Pinecone index with its project suffix), {collection}, {namespace}, {model}, {response}.
struct ApiRule {
  const Provider* provider;
  std::string_view host;
  std::string_view method;  // empty: any
  std::string_view path;
  // Empty: the provider is known, what is asked of it is not, so the span is a plain HTTP one.
  std::string_view operation;
  BodyShape shape = BodyShape::kNone;
  std::string_view api_type = {};         // openai.api.type
  std::string_view required_header = {};  // lower case; the rule fits only where the request carries it
};

// In the order in which they are tried.
std::span<const ApiRule> api_rules();

}  // namespace llmo::genai
