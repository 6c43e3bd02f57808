// Cohere (https://docs.cohere.com/reference), v2 and v1: 812 input tokens and 96 output tokens billed (more
// are processed), 256 of the input cached; 8 billed for embeddings.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

constexpr const char* kUsage =
    R"({"billed_units":{"input_tokens":812,"output_tokens":96},"tokens":{"input_tokens":880,"output_tokens":99},)"
    R"("cached_tokens":256})";
constexpr const char* kMeta =
    R"({"api_version":{"version":"1"},"billed_units":{"input_tokens":812,"output_tokens":96},)"
    R"("tokens":{"input_tokens":880,"output_tokens":99}})";
constexpr const char* kToolCall =
    R"({"id":"search_docs_mock1","type":"function","function":{"name":"search_docs","arguments":)"
    R"("{\"query\":\"spans\"}"}})";

std::string finish_of(const Asked& asked) {
  return asked.value("finish", asked.has("tools") ? "TOOL_CALL" : "COMPLETE");
}

// --- v2 ----------------------------------------------------------------------------------------------------

Answer chat_v2_whole(const Asked& asked) {
  const std::string content =
      asked.has("tools") ? std::string(R"("tool_plan":"I will search.","tool_calls":[)") + kToolCall + "]"
                         : R"("content":[{"type":"text","text":"$TEXT"}])";
  return json_answer(R"({"id":"$ID","message":{"role":"assistant",)" + content + R"(},"finish_reason":")" +
                     finish_of(asked) + R"(","usage":)" + kUsage + "}");
}

std::string event_v2(const std::string& type, const std::string& fields) {
  return sse_event(type, R"({"type":")" + type + R"(",)" + fields + "}");
}

std::vector<std::string> content_v2(const Asked& asked) {
  if (asked.has("tools"))
    return {event_v2("tool-call-start",
                     std::string(R"("index":0,"delta":{"message":{"tool_calls":)") + kToolCall + "}}"),
            event_v2("tool-call-end", R"("index":0)")};
  std::vector<std::string> events{
      event_v2("content-start", R"("index":0,"delta":{"message":{"content":{"type":"text","text":""}}})")};
  for (const std::string& word : words_of(asked))
    events.push_back(
        event_v2("content-delta", R"("index":0,"delta":{"message":{"content":{"text":")" + word + R"("}}})"));
  events.push_back(event_v2("content-end", R"("index":0)"));
  return events;
}

Answer chat_v2(const Asked& asked) {
  if (!asked.stream) return chat_v2_whole(asked);
  std::vector<std::string> events{
      event_v2("message-start",
               R"("id":"$ID","delta":{"message":{"role":"assistant","content":[],"tool_calls":[]}})")};
  for (std::string& event : content_v2(asked)) events.push_back(std::move(event));
  events.push_back(event_v2(
      "message-end", R"("delta":{"finish_reason":")" + finish_of(asked) + R"(","usage":)" + kUsage + "}"));
  events.push_back(sse_data("[DONE]"));
  fail_stream(asked, events, 3,
              event_v2("message-end", R"("delta":{"error":")" + std::string(kErrorMessage) +
                                          R"(","finish_reason":"ERROR"})"));
  return sse_answer(std::move(events));
}

// --- v1 ----------------------------------------------------------------------------------------------------

std::string response_v1(const Asked& asked) {
  return R"({"response_id":"$ID","text":"$TEXT","generation_id":"gen-$ID","chat_history":[],"finish_reason":")" +
         finish_of(asked) + R"(","meta":)" + kMeta + "}";
}

Answer chat_v1(const Asked& asked) {
  if (!asked.stream) return json_answer(response_v1(asked));
  Answer answer{.content_type = "application/stream+json"};
  answer.pieces.emplace_back(R"({"is_finished":false,"event_type":"stream-start","generation_id":"gen-$ID"})"
                             "\n");
  for (const std::string& word : words_of(asked))
    answer.pieces.push_back(R"({"is_finished":false,"event_type":"text-generation","text":")" + word +
                            "\"}\n");
  answer.pieces.push_back(R"({"is_finished":true,"event_type":"stream-end","response":)" +
                          response_v1(asked) + R"(,"finish_reason":")" + finish_of(asked) + "\"}\n");
  return answer;
}

// --- the rest ----------------------------------------------------------------------------------------------

Answer embed(const Asked&) {
  return json_answer(R"({"id":"$ID","embeddings":{"float":[[0.0023,-0.0093,0.0151]]},"texts":["spans"],)"
                     R"("meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":8}},)"
                     R"("response_type":"embeddings_by_type"})");
}

Answer rerank(const Asked&) {
  return json_answer(R"({"id":"$ID","results":[{"index":1,"relevance_score":0.92}],"meta":)"
                     R"({"api_version":{"version":"2"},"billed_units":{"search_units":1}}})");
}

Answer error(const Asked&, int status) {
  return json_answer(std::string(R"({"id":"$ID","message":")") + kErrorMessage + R"("})", status);
}

Headers headers(const Asked&) {
  return {{"x-debug-trace-id", "$ID"},
          {"x-endpoint-monthly-call-limit", "1000"},
          {"x-trial-endpoint-call-limit", "40"},
          {"x-trial-endpoint-call-remaining", "39"}};
}

constexpr Route kRoutes[] = {
    {"POST", "/v2/chat", chat_v2}, {"POST", "/v2/embed", embed}, {"POST", "/v2/rerank", rerank},
    {"POST", "/v1/chat", chat_v1}, {"POST", "/v1/embed", embed}, {"POST", "/v1/rerank", rerank},
};
constexpr Service kCohere{"api.cohere.com api.cohere.ai", kRoutes, error, headers};

}  // namespace

const Service& cohere_service() { return kCohere; }

}  // namespace llmo::test
