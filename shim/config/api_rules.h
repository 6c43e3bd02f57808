// The file that LLMOBSERVE_API_RULES names: API rules of the user's own, tried before those that are built
// in.
//
// Text, one rule a line, fields separated by blanks; what follows a `#` is a comment:
//
//   provider  kind   host                      method  path                              operation  shape
//   options corp-llm  genai  llm.corp.example          POST    /v1/chat/completions              chat openai
//   docs-db   db     **.vectors.corp.example   POST    /collections/{collection}/search  search     qdrant
//   corp-llm  genai  llm.corp.example          *       **                                -
//   -         http   intranet.example
//
// A line that cannot be understood is left out, and told with its number and the reason; the others work.
// Read in the host when the library loads, and by `llmobserve check`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llmo::config {

enum class ApiRuleKind : std::uint8_t {
  kGenAi,     // `genai`
  kDatabase,  // `db`
  kHttp,      // `http`: not an API, whatever the built-in rules say
};

// How bodies can be laid out, by name; the order is that of genai::BodyShape.
inline constexpr std::string_view kApiShapes[] = {
    "-",      "openai",      "anthropic", "gemini", "bedrock-converse", "bedrock-invoke", "cohere",
    "ollama", "huggingface", "pinecone",  "qdrant", "weaviate",         "chroma",         "milvus"};

// One rule. Host and path are label patterns, as those of the built-in rules.
struct ApiRule {
  std::string provider;  // empty for kHttp
  std::string word;      // in `auto.workflow.<word>` and `<word>.<operation>`: the provider, or workflow=
  ApiRuleKind kind = ApiRuleKind::kGenAi;
  std::string host;        // lower case
  std::uint16_t port = 0;  // 0: any
  std::string method;      // empty: any
  std::string path;
  std::string operation;  // empty: a plain HTTP span
  std::size_t shape = 0;  // index in kApiShapes
  std::string api_type;   // api_type=
  std::string header;     // header=, lower case
};

struct ApiRuleFile {
  std::vector<ApiRule> rules;
  // `api-rules.txt:7: unknown shape "opanai"; known: …`, each fit for a note: printable ASCII, bounded in
  // length and number.
  std::vector<std::string> errors;
};

inline constexpr std::size_t kMaxApiRuleFileSize = 1 << 20;
inline constexpr std::size_t kMaxApiRules = 1000;
inline constexpr std::size_t kMaxApiRuleErrors = 20;

// Reads `text`, any bytes at all; `name` stands in the messages. Throws nothing but std::bad_alloc.
ApiRuleFile parse_api_rules(std::string_view text, std::string_view name);

// The same from a file, by system calls of its own; no descriptor stays open. A file that is not there,
// cannot be read or is too big is one error and no rules. Keeps errno.
ApiRuleFile read_api_rules(const std::string& path);

// How such a file is written, for help texts.
std::string_view api_rules_help();

}  // namespace llmo::config
