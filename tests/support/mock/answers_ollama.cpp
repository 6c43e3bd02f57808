// Ollama's own API (https://github.com/ollama/ollama/blob/main/docs/api.md): 812 tokens of prompt, 96 of
// answer, 8 for embeddings. It streams, a JSON object a line, unless it is told not to.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

constexpr const char* kStart = R"({"model":"$MODEL","created_at":"2026-01-01T00:00:00.000000Z",)";
constexpr const char* kCounts =
    R"("total_duration":4883583458,"load_duration":1334875,"prompt_eval_count":812,)"
    R"("prompt_eval_duration":342546000,"eval_count":96,"eval_duration":4535599000)";

// Where the text stands tells one operation from the other.
std::string content(bool is_chat, const std::string& text) {
  return is_chat ? R"("message":{"role":"assistant","content":")" + text + R"("})"
                 : R"("response":")" + text + '"';
}

std::string tool_call() {
  return R"("message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"search_docs",)"
         R"("arguments":{"query":"spans"}}}]})";
}

std::string last(const Asked& asked, const std::string& fields) {
  return kStart + fields + R"(,"done":true,"done_reason":")" + asked.value("finish", "stop") + R"(",)" +
         kCounts + "}";
}

Answer generate(const Asked& asked, bool is_chat) {
  const bool tools = is_chat && asked.has("tools");
  if (asked.stream_given && !asked.stream)
    return json_answer(last(asked, tools ? tool_call() : content(is_chat, "$TEXT")));
  Answer answer{.content_type = "application/x-ndjson"};
  if (tools) answer.pieces.push_back(kStart + tool_call() + ",\"done\":false}\n");
  for (const std::string& word : tools ? std::vector<std::string>{} : words_of(asked))
    answer.pieces.push_back(kStart + content(is_chat, word) + ",\"done\":false}\n");
  answer.pieces.push_back(last(asked, content(is_chat, "")) + "\n");
  fail_stream(asked, answer.pieces, 2, std::string(R"({"error":")") + kErrorMessage + "\"}\n");
  return answer;
}

Answer chat(const Asked& asked) { return generate(asked, true); }
Answer completion(const Asked& asked) { return generate(asked, false); }

Answer embed(const Asked&) {
  return json_answer(R"({"model":"$MODEL","embeddings":[[0.0023,-0.0093,0.0151]],"total_duration":14143917,)"
                     R"("load_duration":1019500,"prompt_eval_count":8})");
}

Answer embeddings(const Asked&) { return json_answer(R"({"embedding":[0.0023,-0.0093,0.0151]})"); }

Answer error(const Asked&, int status) {
  return json_answer(std::string(R"({"error":")") + kErrorMessage + R"("})", status);
}

constexpr Route kRoutes[] = {
    {"POST", "/api/chat", chat},
    {"POST", "/api/generate", completion},
    {"POST", "/api/embed", embed},
    {"POST", "/api/embeddings", embeddings},
};
constexpr Service kOllama{"", kRoutes, error, no_headers};

}  // namespace

const Service& ollama_service() { return kOllama; }

}  // namespace llmo::test
