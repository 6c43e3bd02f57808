// Gemini (https://ai.google.dev/api/generate-content) and Vertex AI, which asks for the same under a
// project's path and has Anthropic's models beside: 812 prompt tokens (256 cached), 64 candidate tokens and
// 32 thinking tokens besides; 8 for embeddings.
//
// A stream is server-sent events where the query says alt=sse, else one JSON array that comes element by
// element.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

constexpr const char* kUsage =
    R"({"promptTokenCount":812,"candidatesTokenCount":64,"totalTokenCount":908,"cachedContentTokenCount":256,)"
    R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":812}],"thoughtsTokenCount":32})";
// What the chunks before the last count so far.
constexpr const char* kUsageSoFar =
    R"({"promptTokenCount":812,"candidatesTokenCount":5,"totalTokenCount":817})";

std::string answer_object(const std::string& part, const std::string& finish, const char* usage) {
  return R"({"candidates":[{"content":{"parts":[)" + part + R"(],"role":"model"})" +
         (finish.empty() ? "" : R"(,"finishReason":")" + finish + '"') + R"(,"index":0}],"usageMetadata":)" +
         usage + R"(,"modelVersion":"$MODEL","responseId":"resp-$ID"})";
}

std::string text_part(const std::string& text) { return R"({"text":")" + text + R"("})"; }
constexpr const char* kToolPart = R"({"functionCall":{"name":"search_docs","args":{"query":"spans"}}})";

Answer generate(const Asked& asked) {
  return json_answer(answer_object(asked.has("tools") ? kToolPart : text_part("$TEXT"),
                                   asked.value("finish", "STOP"), kUsage));
}

std::string error_body(int status) {
  const char* const words = status == 400   ? "INVALID_ARGUMENT"
                            : status == 401 ? "UNAUTHENTICATED"
                            : status == 403 ? "PERMISSION_DENIED"
                            : status == 404 ? "NOT_FOUND"
                            : status == 429 ? "RESOURCE_EXHAUSTED"
                            : status == 503 ? "UNAVAILABLE"
                                            : "INTERNAL";
  return R"({"error":{"code":)" + std::to_string(status) + R"(,"message":")" + kErrorMessage +
         R"(","status":")" + words +
         R"(","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}})";
}

bool wants_events(const Asked& asked) { return asked.query.find("alt=sse") != std::string::npos; }
bool wants_array(const Asked& asked) {
  return asked.path.find(":stream") != std::string::npos && !wants_events(asked);
}

std::vector<std::string> chunks(const Asked& asked) {
  std::vector<std::string> objects;
  if (asked.has("tools")) {
    objects.push_back(answer_object(kToolPart, "", kUsageSoFar));
  } else {
    for (const std::string& word : words_of(asked))
      objects.push_back(answer_object(text_part(word), "", kUsageSoFar));
  }
  objects.push_back(answer_object(text_part(""), asked.value("finish", "STOP"), kUsage));
  fail_stream(asked, objects, 1, error_body(503));
  return objects;
}

Answer stream(const Asked& asked) {
  Answer answer{.content_type =
                    wants_events(asked) ? "text/event-stream" : "application/json; charset=UTF-8"};
  for (const std::string& object : chunks(asked)) {
    const char* const before = answer.pieces.empty() ? "[" : ",\r\n";
    answer.pieces.push_back(wants_events(asked) ? "data: " + object + "\r\n\r\n" : before + object);
  }
  if (!wants_events(asked)) answer.pieces.emplace_back("\n]\n");
  return answer;
}

Answer embed(const Asked&) { return json_answer(R"({"embedding":{"values":[0.0023,-0.0093,0.0151]}})"); }
Answer batch_embed(const Asked&) {
  return json_answer(R"({"embeddings":[{"values":[0.0023,-0.0093]},{"values":[0.0151,0.2]}]})");
}
Answer count_tokens(const Asked&) { return json_answer(R"({"totalTokens":812})"); }

Answer predict(const Asked&) {
  return json_answer(R"({"predictions":[{"embeddings":{"values":[0.0023,-0.0093],"statistics":)"
                     R"({"truncated":false,"token_count":8}}}],"metadata":{"billableCharacterCount":31}})");
}

Answer error(const Asked& asked, int status) {
  const std::string body = error_body(status);
  return json_answer(wants_array(asked) ? "[" + body + "\n]\n" : body, status);
}

Answer anthropic_stream(const Asked& asked) {
  Asked streamed = asked;
  streamed.stream = true;
  return anthropic_messages(streamed);
}

Answer anthropic_whole(const Asked& asked) { return json_answer(anthropic_message(asked)); }

Headers headers(const Asked&) { return {{"server", "scaffolding on HTTPServer2"}, {"vary", "Origin"}}; }

constexpr Route kRoutes[] = {
    {"POST", "*:generateContent", generate},
    {"POST", "*:streamGenerateContent", stream},
    {"POST", "*:embedContent", embed},
    {"POST", "*:batchEmbedContents", batch_embed},
    {"POST", "*:countTokens", count_tokens},
    {"POST", "*/publishers/google/models/*:predict", predict},
    {"POST", "*/publishers/anthropic/models/*:rawPredict", anthropic_whole},
    {"POST", "*/publishers/anthropic/models/*:streamRawPredict", anthropic_stream},
    {"POST", "*/endpoints/openapi/chat/completions", openai_chat},
    {"POST", "/v1beta/openai/chat/completions", openai_chat},
};
constexpr Service kGoogle{
    "generativelanguage.googleapis.com aiplatform.googleapis.com *-aiplatform.googleapis.com", kRoutes, error,
    headers};

}  // namespace

const Service& google_service() { return kGoogle; }

}  // namespace llmo::test
