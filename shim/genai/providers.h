// Which API a request goes to, and what it asks of it: one table of hosts, methods and paths.
//
// Hosts and paths are matched label by label, never by substring, so `api.openai.com.example.org` is not
// OpenAI. The first row that fits wins: the user's own rules, then those for the host, then those for any
// host. A port only ever stands for a server that takes it by itself, as Ollama does 11434.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/journal/span_draft.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {

enum class ApiKind : std::uint8_t {
  kHttp = 0,      // nothing but an HTTP request: no row fits
  kGenAi = 1,     // gen_ai.* attributes
  kDatabase = 2,  // db.* attributes
};

// How the bodies of a call are laid out; RequestFacts and ResponseFacts have the field tables.
enum class BodyShape : std::uint8_t {
  kNone = 0,         // bodies are not read
  kOpenAi,           // and the many that speak its language
  kAnthropic,        //
  kGemini,           // generateContent, embedContent; Vertex's too
  kBedrockConverse,  //
  kBedrockInvoke,    // what the model's maker has laid down, inside Bedrock's own frame
  kCohere,           // v2, and what of v1 is still asked for
  kOllama,           // its native API
  kHuggingFace,      // text-generation-inference's own API, and inference endpoints
  kPinecone,         //
  kQdrant,           //
  kWeaviate,         //
  kChroma,           //
  kMilvus,           //
};

// Asks whether the request carries a header; the name is given in lower case. May be left empty: no headers.
struct HeaderLookup {
  bool (*has)(const void* context, std::string_view lower_name) = nullptr;
  const void* context = nullptr;
};

// A request as far as it decides which API it is for. `host` in lower case, as http::Url gives it; `path` and
// `query` as they stand in the URL, without `?`. Views need to live during the call of match_api() only.
struct ApiRequest {
  std::string_view method;
  std::string_view host;
  std::string_view path;
  std::string_view query;
  HeaderLookup headers;
  std::uint16_t port = 0;  // 0: not known
};

// What a request was found to be. Views point to constant data; nothing here needs freeing.
struct ApiMatch {
  ApiKind kind = ApiKind::kHttp;
  BodyShape shape = BodyShape::kNone;
  // gen_ai.provider.name or db.system.name; empty for kHttp.
  std::string_view provider;
  // gen_ai.operation.name or db.operation.name; empty for kHttp.
  std::string_view operation;
  // The `<provider>` of the root `auto.workflow.<provider>` that a call outside any workflow gets. Never
  // empty: `http` where the host is unknown.
  std::string_view workflow_word = "http";
  // The path itself asks for a stream: `:streamGenerateContent`, `converse-stream` …
  bool streams = false;
  // openai.api.type, empty where it does not apply.
  std::string_view api_type;
  // `llm.request`, `<provider>.<operation>`; empty for kHttp, whose span is named by its method.
  platform::FixedText<64> span_name;
  // What host and path say; empty where they do not.
  platform::FixedText<128> collection;   // db.collection.name
  platform::FixedText<128> name_space;   // db.namespace
  platform::FixedText<128> model;        // gen_ai.request.model
  platform::FixedText<128> response_id;  // gen_ai.response.id of a response that is fetched
};

// Never fails: what no row knows is kHttp. Does not allocate. Threads: any.
ApiMatch match_api(const ApiRequest& request);

// Writes what the match alone tells: provider, operation, collection, API type. Attributes of the bodies that
// are written later win over these.
void write_attributes(const ApiMatch& match, journal::SpanDraft* draft);

}  // namespace llmo::genai
