// Anthropic (https://docs.anthropic.com/en/api/messages): 500 input tokens, 200 read from the cache and 100
// written to it besides, 64 output tokens.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

constexpr const char* kInputUsage =
    R"("input_tokens":500,"cache_creation_input_tokens":100,"cache_read_input_tokens":200)";

std::string type_of(const std::string& data) {
  const std::size_t start = data.find(R"("type":")") + 8;
  return data.substr(start, data.find('"', start) - start);
}

std::vector<std::string> content_events(const Asked& asked) {
  if (asked.has("tools"))
    return {
        R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_mock1",)"
        R"("name":"search_docs","input":{}}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",)"
        R"("partial_json":"{\"query\":\"spans\"}"}})"};
  std::vector<std::string> events{
      R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
      R"({"type":"ping"})"};
  for (const std::string& word : words_of(asked))
    events.push_back(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
                     word + R"("}})");
  return events;
}

std::string error_body(int status) {
  const char* const type = status == 400   ? "invalid_request_error"
                           : status == 401 ? "authentication_error"
                           : status == 404 ? "not_found_error"
                           : status == 429 ? "rate_limit_error"
                           : status == 529 ? "overloaded_error"
                                           : "api_error";
  return std::string(R"({"type":"error","error":{"type":")") + type + R"(","message":")" + kErrorMessage +
         R"("},"request_id":"req_$ID"})";
}

Answer error(const Asked&, int status) { return json_answer(error_body(status), status); }

Answer stream(const Asked& asked) {
  std::vector<std::string> events;
  for (const std::string& data : anthropic_event_data(asked))
    events.push_back(sse_event(type_of(data), data));
  fail_stream(asked, events, 4, sse_event("error", error_body(529)));
  return sse_answer(std::move(events));
}

Answer complete(const Asked& asked) {
  return json_answer(R"({"type":"completion","id":"compl_$ID","completion":"$TEXT","model":"$MODEL",)"
                     R"("stop":null,"log_id":"compl_$ID","stop_reason":")" +
                     asked.value("finish", "stop_sequence") + R"("})");
}

Answer count_tokens(const Asked&) { return json_answer(R"({"input_tokens":800})"); }

Headers headers(const Asked&) {
  return {{"request-id", "req_$ID"},
          {"anthropic-organization-id", "00000000-0000-0000-0000-000000000000"},
          {"anthropic-ratelimit-requests-limit", "50"},
          {"anthropic-ratelimit-requests-remaining", "49"},
          {"anthropic-ratelimit-requests-reset", "2026-01-01T00:00:30Z"},
          {"anthropic-ratelimit-tokens-limit", "50000"},
          {"anthropic-ratelimit-tokens-remaining", "49000"}};
}

constexpr Route kRoutes[] = {
    {"POST", "/v1/messages", anthropic_messages},
    {"POST", "/v1/messages/count_tokens", count_tokens},
    {"POST", "/v1/complete", complete},
};
constexpr Service kAnthropic{"api.anthropic.com", kRoutes, error, headers};

}  // namespace

std::vector<std::string> anthropic_event_data(const Asked& asked) {
  std::vector<std::string> events{
      std::string(
          R"({"type":"message_start","message":{"id":"msg_$ID","type":"message","role":"assistant",)") +
      R"("model":"$MODEL","content":[],"stop_reason":null,"stop_sequence":null,"usage":{)" + kInputUsage +
      R"(,"output_tokens":1}}})"};
  for (std::string& event : content_events(asked)) events.push_back(std::move(event));
  events.emplace_back(R"({"type":"content_block_stop","index":0})");
  events.push_back(R"({"type":"message_delta","delta":{"stop_reason":")" +
                   asked.value("finish", asked.has("tools") ? "tool_use" : "end_turn") +
                   R"(","stop_sequence":null},"usage":{"output_tokens":64}})");
  events.emplace_back(R"({"type":"message_stop"})");
  return events;
}

std::string anthropic_message(const Asked& asked) {
  const bool tools = asked.has("tools");
  return std::string(R"({"id":"msg_$ID","type":"message","role":"assistant","model":"$MODEL","content":[)") +
         (tools ? R"({"type":"tool_use","id":"toolu_mock1","name":"search_docs","input":{"query":"spans"}})"
                : R"({"type":"text","text":"$TEXT"})") +
         R"(],"stop_reason":")" + asked.value("finish", tools ? "tool_use" : "end_turn") +
         R"(","stop_sequence":null,"usage":{)" + kInputUsage +
         R"(,"output_tokens":64,"service_tier":"standard"}})";
}

Answer anthropic_messages(const Asked& asked) {
  return asked.stream ? stream(asked) : json_answer(anthropic_message(asked));
}

const Service& anthropic_service() { return kAnthropic; }

}  // namespace llmo::test
