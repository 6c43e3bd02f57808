#include <catch2/catch.hpp>
#include <string>

#include "shim/genai/body_facts.h"
#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

constexpr std::string_view kOpenAi = "api.openai.com";
constexpr std::string_view kAnthropic = "api.anthropic.com";
constexpr std::string_view kPinecone = "docs-a1.svc.us.pinecone.io";

ApiMatch post(std::string_view host, std::string_view path) {
  return match_api({.method = "POST", .host = host, .path = path, .query = {}, .headers = {}});
}

constexpr Answer kStream{.type = "text/event-stream; charset=utf-8", .status = 200};

TEST_CASE("an OpenAI chat answer tells ids, reasons, tools and usage", "[response_facts]") {
  CHECK(answer_of(post(kOpenAi, "/v1/chat/completions"), R"({
  "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  "object": "chat.completion",
  "created": 1741569952,
  "model": "gpt-4.1-2025-04-14",
  "choices": [
    {"index": 0, "message": {"role": "assistant", "content": null, "refusal": null, "annotations": [],
      "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"name\":\"no\"}"}},
        {"id": "call_2", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}]},
     "logprobs": null, "finish_reason": "tool_calls"},
    {"index": 1, "message": {"role": "assistant", "content": "hi"}, "logprobs": null, "finish_reason": "length"}],
  "usage": {"prompt_tokens": 812, "completion_tokens": 96, "total_tokens": 908,
    "prompt_tokens_details": {"cached_tokens": 512, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0, "accepted_prediction_tokens": 0}},
  "service_tier": "default",
  "system_fingerprint": "fp_1"
})") == Attributes{{"gen_ai.response.id", "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT"},
                   {"gen_ai.response.model", "gpt-4.1-2025-04-14"},
                   {"gen_ai.response.finish_reasons", "[tool_calls|length]"},
                   {"gen_ai.usage.input_tokens", "812"},
                   {"gen_ai.usage.output_tokens", "96"},
                   {"gen_ai.usage.cache_read.input_tokens", "512"},
                   {"gen_ai.usage.reasoning.output_tokens", "64"},
                   {"openai.response.service_tier", "default"},
                   {"openai.response.system_fingerprint", "fp_1"},
                   {"llmobserve.tool_calls", "[get_weather|get_time]"}});
}

TEST_CASE("an OpenAI chat stream with usage", "[response_facts]") {
  CHECK(
      answer_of(
          post(kOpenAi, "/v1/chat/completions"),
          R"(data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

data: {"id":"c1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}],"usage":null}

data: {"id":"c1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"c1","model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":0}}}

data: [DONE]

)",
          kStream) == Attributes{{"gen_ai.response.id", "c1"},
                                 {"gen_ai.response.model", "gpt-4o-mini-2024-07-18"},
                                 {"gen_ai.response.finish_reasons", "[stop]"},
                                 {"gen_ai.usage.input_tokens", "11"},
                                 {"gen_ai.usage.output_tokens", "7"},
                                 {"gen_ai.usage.cache_read.input_tokens", "0"},
                                 {"chunks", "4"},
                                 {"content", "started"}});
}

TEST_CASE("usage that is not sent is not invented", "[response_facts]") {
  const Attributes found = answer_of(post(kOpenAi, "/v1/chat/completions"),
                                     "data:{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                                     "\"é\"},\"finish_reason\":\"stop\"}]}\r\n\r\n"
                                     "data:[DONE]\r\n\r\n",
                                     kStream);
  CHECK(found == Attributes{{"gen_ai.response.id", "c1"},
                            {"gen_ai.response.finish_reasons", "[stop]"},
                            {"chunks", "1"},
                            {"content", "started"}});
}

TEST_CASE("usage may come in the last chunk with content, and without an end mark or blank line",
          "[response_facts]") {
  CHECK(answer_of(post("localhost", "/v1/chat/completions"),
                  R"(: comment

data: {"id":"c1","model":"mistral","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}})",
                  {.type = "", .status = 200}) == Attributes{{"gen_ai.response.id", "c1"},
                                                             {"gen_ai.response.model", "mistral"},
                                                             {"gen_ai.response.finish_reasons", "[stop]"},
                                                             {"gen_ai.usage.input_tokens", "3"},
                                                             {"gen_ai.usage.output_tokens", "1"},
                                                             {"chunks", "1"},
                                                             {"content", "started"}});
}

TEST_CASE("choices that come interleaved keep their own reasons", "[response_facts]") {
  const Attributes found = answer_of(post(kOpenAi, "/v1/chat/completions"),
                                     R"(data: {"choices":[{"finish_reason":"length","index":1,"delta":{}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

)",
                                     kStream);
  CHECK(found.at("gen_ai.response.finish_reasons") == "[tool_calls|length]");
  CHECK(found.at("llmobserve.tool_calls") == "[f]");
  CHECK(found.at("chunks") == "4");
}

TEST_CASE("a choice of a stream that was cut ended in an error", "[response_facts]") {
  CHECK(answer_of(post(kOpenAi, "/v1/chat/completions"),
                  "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\ndata: "
                  "{\"id\":\"c1\",\"cho",
                  {.type = "text/event-stream", .status = 200, .complete = false}) ==
        Attributes{{"gen_ai.response.id", "c1"},
                   {"gen_ai.response.finish_reasons", "[error]"},
                   {"chunks", "2"},
                   {"content", "started"}});
}

TEST_CASE("an OpenAI responses answer", "[response_facts]") {
  CHECK(answer_of(post(kOpenAi, "/v1/responses"), R"({
  "id": "resp_67ccd", "object": "response", "created_at": 1741476542, "status": "completed", "error": null,
  "incomplete_details": null, "model": "gpt-4.1-2025-04-14",
  "output": [{"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather", "arguments": "{}"},
             {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "hi"}]}],
  "usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 5}, "output_tokens": 87,
            "output_tokens_details": {"reasoning_tokens": 40}, "total_tokens": 123}})") ==
        Attributes{{"gen_ai.response.id", "resp_67ccd"},
                   {"gen_ai.response.model", "gpt-4.1-2025-04-14"},
                   {"gen_ai.response.finish_reasons", "[completed]"},
                   {"gen_ai.usage.input_tokens", "36"},
                   {"gen_ai.usage.output_tokens", "87"},
                   {"gen_ai.usage.cache_read.input_tokens", "5"},
                   {"gen_ai.usage.reasoning.output_tokens", "40"},
                   {"llmobserve.tool_calls", "[get_weather]"}});
}

TEST_CASE("an OpenAI responses stream", "[response_facts]") {
  const std::string_view stream = R"(event: response.created
data: {"type":"response.created","response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"model":"gpt-4o","output":[],"usage":null}}

event: response.output_item.added
data: {"type":"response.output_item.added","output_index":0,"item":{"id":"fc_1","type":"function_call","name":"find","arguments":""}}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","delta":"{\"q\""}

event: response.output_item.done
data: {"type":"response.output_item.done","output_index":0,"item":{"id":"fc_1","type":"function_call","name":"find","arguments":"{}"}}

)";
  CHECK(answer_of(post(kOpenAi, "/v1/responses"), std::string{stream} + R"(event: response.incomplete
data: {"type":"response.incomplete","response":{"id":"resp_1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"model":"gpt-4o","output":[{"type":"function_call","name":"find"}],"usage":{"input_tokens":37,"output_tokens":11,"output_tokens_details":{"reasoning_tokens":0}}}}

)",
                  kStream) == Attributes{{"gen_ai.response.id", "resp_1"},
                                         {"gen_ai.response.model", "gpt-4o"},
                                         {"gen_ai.response.finish_reasons", "[max_output_tokens]"},
                                         {"gen_ai.usage.input_tokens", "37"},
                                         {"gen_ai.usage.output_tokens", "11"},
                                         {"gen_ai.usage.reasoning.output_tokens", "0"},
                                         {"llmobserve.tool_calls", "[find]"},
                                         {"chunks", "5"},
                                         {"content", "started"}});
  const Attributes cut = answer_of(post(kOpenAi, "/v1/responses"), stream, kStream);
  CHECK(cut.at("gen_ai.response.finish_reasons") == "[error]");
  CHECK(cut.at("llmobserve.tool_calls") == "[find]");
}

TEST_CASE("a responses stream that fails is an error, though HTTP says 200", "[response_facts]") {
  CHECK(
      answer_of(
          post(kOpenAi, "/v1/responses"),
          R"(data: {"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"The model failed."}}}

)",
          kStream) == Attributes{{"gen_ai.response.id", "resp_1"},
                                 {"gen_ai.response.finish_reasons", "[error]"},
                                 {"error.type", "server_error"},
                                 {"status", "2 The model failed."},
                                 {"chunks", "1"}});
  CHECK(answer_of(post(kOpenAi, "/v1/responses"),
                  R"(data: {"type":"error","code":"rate_limit_exceeded","message":"Slow down","param":null})",
                  kStream) ==
        Attributes{{"error.type", "rate_limit_exceeded"}, {"status", "2 Slow down"}, {"chunks", "1"}});
}

TEST_CASE("embeddings have input tokens and no reasons", "[response_facts]") {
  CHECK(answer_of(post(kOpenAi, "/v1/embeddings"),
                  R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[-0.006,0.0142]}],
                     "model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}})") ==
        Attributes{{"gen_ai.response.model", "text-embedding-3-small"}, {"gen_ai.usage.input_tokens", "8"}});
}

TEST_CASE("an OpenAI error tells code and message, without the key that it quotes", "[response_facts]") {
  CHECK(answer_of(post(kOpenAi, "/v1/chat/completions"), R"({
    "error": {
        "message": "Incorrect API key provided: sk-abcdefghijklmnopqrst. You can find your API key at https://x.",
        "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}})",
                  {.status = 401}) ==
        Attributes{
            {"error.type", "invalid_api_key"},
            {"status", "2 Incorrect API key provided: REDACTED. You can find your API key at https://x."}});
  CHECK(answer_of(post(kOpenAi, "/v1/chat/completions"),
                  R"({"error":{"message":"Too long","type":"invalid_request_error","code":null}})",
                  {.status = 400}) ==
        Attributes{{"error.type", "invalid_request_error"}, {"status", "2 Too long"}});
}

TEST_CASE("errors as other servers form them", "[response_facts]") {
  const ApiMatch match = post("localhost", "/v1/chat/completions");
  CHECK(answer_of(
            match,
            R"({"object":"error","message":"No such model","type":"NotFoundError","param":null,"code":404})",
            {.status = 404}) == Attributes{{"error.type", "NotFoundError"}, {"status", "2 No such model"}});
  // The status is the type then, and the caller has set it.
  CHECK(answer_of(match, R"({"error":"model not loaded"})", {.status = 500}) ==
        Attributes{{"status", "2 model not loaded"}});
  CHECK(answer_of(match, R"({"error":"model not loaded"})") ==
        Attributes{{"error.type", "_OTHER"}, {"status", "2 model not loaded"}});
  CHECK(answer_of(match, "<html>502 Bad Gateway</html>", {.type = "text/html", .status = 502}).empty());
}

TEST_CASE("an error in the midst of a stream is an error", "[response_facts]") {
  CHECK(answer_of(post("localhost", "/v1/chat/completions"),
                  "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"
                  "data: {\"error\":{\"type\":\"overloaded\",\"message\":\"Busy\"}}\n\n",
                  kStream) == Attributes{{"gen_ai.response.id", "c"},
                                         {"gen_ai.response.finish_reasons", "[error]"},
                                         {"error.type", "overloaded"},
                                         {"status", "2 Busy"},
                                         {"chunks", "2"},
                                         {"content", "started"}});
}

TEST_CASE("a JSON error under the type of a stream is read as JSON", "[response_facts]") {
  CHECK(answer_of(post(kOpenAi, "/v1/chat/completions"), R"({"error":{"type":"t","message":"m"}})",
                  {.type = "text/event-stream", .status = 429}) ==
        Attributes{{"error.type", "t"}, {"status", "2 m"}});
}

TEST_CASE("Anthropic's input is the sum of three counts", "[response_facts]") {
  CHECK(answer_of(post(kAnthropic, "/v1/messages"),
                  R"({"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
                     "content":[{"type":"text","text":"I will look."},
                                {"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"name":"no"}}],
                     "stop_reason":"tool_use","stop_sequence":null,
                     "usage":{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,
                              "cache_creation":{"ephemeral_5m_input_tokens":200},"output_tokens":50,
                              "service_tier":"standard"}})") ==
        Attributes{{"gen_ai.response.id", "msg_01"},
                   {"gen_ai.response.model", "claude-sonnet-4-5-20250929"},
                   {"gen_ai.response.finish_reasons", "[tool_use]"},
                   {"gen_ai.usage.input_tokens", "3210"},
                   {"gen_ai.usage.output_tokens", "50"},
                   {"gen_ai.usage.cache_read.input_tokens", "3000"},
                   {"gen_ai.usage.cache_write.input_tokens", "200"},
                   {"llmobserve.tool_calls", "[get_weather]"}});
}

constexpr std::string_view kAnthropicStart = R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-opus-4","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}

event: ping
data: {"type": "ping"}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

)";

TEST_CASE("an Anthropic stream: input at the start, running output at the end", "[response_facts]") {
  CHECK(answer_of(post(kAnthropic, "/v1/messages"),
                  std::string{kAnthropicStart} + R"(event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"find","input":{}}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15,"input_tokens":null}}

event: message_stop
data: {"type":"message_stop"}

)",
                  kStream) == Attributes{{"gen_ai.response.id", "msg_1"},
                                         {"gen_ai.response.model", "claude-opus-4"},
                                         {"gen_ai.response.finish_reasons", "[end_turn]"},
                                         {"gen_ai.usage.input_tokens", "30"},
                                         {"gen_ai.usage.output_tokens", "15"},
                                         {"gen_ai.usage.cache_read.input_tokens", "5"},
                                         {"llmobserve.tool_calls", "[find]"},
                                         {"chunks", "7"},
                                         {"content", "started"}});
}

TEST_CASE("an Anthropic stream that is cut or fails keeps what was seen", "[response_facts]") {
  const Attributes cut = answer_of(post(kAnthropic, "/v1/messages"), kAnthropicStart, kStream);
  CHECK(cut.at("gen_ai.response.finish_reasons") == "[error]");
  CHECK(cut.at("gen_ai.usage.input_tokens") == "30");
  const Attributes failed = answer_of(
      post(kAnthropic, "/v1/messages"),
      std::string{kAnthropicStart} +
          "event: error\ndata: "
          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
      kStream);
  CHECK(failed.at("error.type") == "overloaded_error");
  CHECK(failed.at("status") == "2 Overloaded");
}

TEST_CASE("an Anthropic error", "[response_facts]") {
  CHECK(
      answer_of(
          post(kAnthropic, "/v1/messages"),
          R"({"type":"error","error":{"type":"rate_limit_error","message":"Number of requests exceeded"},"request_id":"req_1"})",
          {.status = 429}) ==
      Attributes{{"error.type", "rate_limit_error"}, {"status", "2 Number of requests exceeded"}});
}

TEST_CASE("counting tokens consumes none", "[response_facts]") {
  CHECK(answer_of(post(kAnthropic, "/v1/messages/count_tokens"), R"({"input_tokens":2095})").empty());
}

TEST_CASE("Pinecone answers tell rows and read units", "[response_facts]") {
  CHECK(
      answer_of(
          post(kPinecone, "/query"),
          R"({"results":[],"matches":[{"id":"a","score":0.9,"values":[1]},{"id":"b","score":0.8}],"namespace":"ns","usage":{"readUnits":6}})") ==
      Attributes{
          {"db.namespace", "ns"}, {"db.response.returned_rows", "2"}, {"llmobserve.db.read_units", "6"}});
  CHECK(answer_of(post(kPinecone, "/query"), R"({"matches":[],"namespace":""})") ==
        Attributes{{"db.response.returned_rows", "0"}});
  CHECK(answer_of(post(kPinecone, "/vectors/upsert"), R"({"upsertedCount":10})") ==
        Attributes{{"llmobserve.db.upserted", "10"}});
  CHECK(
      answer_of(
          post(kPinecone, "/records/namespaces/x/search"),
          R"({"result":{"hits":[{"_id":"1","_score":0.1,"fields":{}}]},"usage":{"read_units":1,"embed_total_tokens":5}})") ==
      Attributes{{"db.response.returned_rows", "1"}, {"llmobserve.db.read_units", "1"}});
  CHECK(answer_of(
            post("api.pinecone.io", "/embed"),
            R"({"model":"multilingual-e5-large","data":[{"values":[1,2]}],"usage":{"total_tokens":16}})") ==
        Attributes{{"gen_ai.response.model", "multilingual-e5-large"}, {"gen_ai.usage.input_tokens", "16"}});
}

TEST_CASE("Pinecone errors, of the data plane and of the control plane", "[response_facts]") {
  CHECK(answer_of(post(kPinecone, "/query"),
                  R"({"code":3,"message":"Vector dimension 3 does not match","details":[]})",
                  {.status = 400}) == Attributes{{"error.type", "INVALID_ARGUMENT"},
                                                 {"db.response.status_code", "INVALID_ARGUMENT"},
                                                 {"status", "2 Vector dimension 3 does not match"}});
  CHECK(answer_of(post("api.pinecone.io", "/indexes"),
                  R"({"error":{"code":"ALREADY_EXISTS","message":"Resource already exists"},"status":409})",
                  {.status = 409}) == Attributes{{"error.type", "ALREADY_EXISTS"},
                                                 {"db.response.status_code", "ALREADY_EXISTS"},
                                                 {"status", "2 Resource already exists"}});
  CHECK(answer_of(post(kPinecone, "/query"), "Forbidden", {.type = "text/plain", .status = 403}).empty());
  CHECK(answer_of(post(kPinecone, "/query"), R"({"code":99999999999,"message":"m"})", {.status = 400}) ==
        Attributes{{"db.response.status_code", "400"}, {"status", "2 m"}});
}

TEST_CASE("counts that cannot be are not taken", "[response_facts]") {
  CHECK(
      answer_of(
          post(kAnthropic, "/v1/messages"),
          R"({"usage":{"input_tokens":-1,"output_tokens":9223372036854775807,"cache_read_input_tokens":1.5}})")
          .empty());
}

TEST_CASE("lists that are too long are kept as far as they go", "[response_facts]") {
  std::string choices;
  for (int choice = 0; choice < 1000; ++choice) {
    choices += R"({"finish_reason":"stop","message":{"tool_calls":[{"function":{"name":"f"}}]}},)";
  }
  choices.back() = ']';
  const Attributes found =
      answer_in_pieces(post(kOpenAi, "/v1/chat/completions"), {"{\"choices\":[", choices, "}"}, {});
  CHECK(found.at("gen_ai.response.finish_reasons").size() == 16 * 5 + 1);
  CHECK(found.at("llmobserve.tool_calls").size() == 32 * 2 + 1);
}

TEST_CASE("a choice index that cannot be touches nothing", "[response_facts]") {
  CHECK(
      answer_of(
          post(kOpenAi, "/v1/chat/completions"),
          R"({"choices":[{"index":99999999999,"finish_reason":"stop"},{"index":16,"finish_reason":"stop"}]})")
          .empty());
}

TEST_CASE("a body that is begun again forgets the one before", "[response_facts]") {
  ResponseFacts facts;
  const ApiMatch match = post(kOpenAi, "/v1/embeddings");
  facts.begin(match, {.content_type = {}, .content_encoding = {}, .http_status = 401});
  facts.feed(R"({"error":{"message":"no","type":"t"}})");
  facts.begin(match, {.content_type = {}, .content_encoding = {}, .http_status = 200});
  facts.feed(R"({"model":"m"})");
  facts.finish(true);
  journal::SpanDraft draft;
  facts.write(&draft);
  CHECK(attributes_of(draft) == Attributes{{"gen_ai.response.model", "m"}});
}

TEST_CASE("every prefix of an answer is survived", "[response_facts]") {
  const std::string body{kAnthropicStart};
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Attributes found =
        answer_in_pieces(post(kAnthropic, "/v1/messages"), {std::string_view{body}.substr(0, size)},
                         {.type = "text/event-stream", .status = 200, .complete = false});
    CHECK(found.count("gen_ai.usage.cache_write.input_tokens") == 0);
  }
}

}  // namespace
}  // namespace llmo::genai
