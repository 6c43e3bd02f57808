#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

const ApiMatch kConverse = model_call(BodyShape::kBedrockConverse);
const ApiMatch kInvoke = model_call(BodyShape::kBedrockInvoke);

TEST_CASE("a Converse request tells its inference config", "[bodies][bedrock]") {
  CHECK(request_of(model_call(BodyShape::kBedrockConverse, "chat", true),
                   R"({"messages":[{"role":"user","content":[{"text":"temperature"}]}],
    "inferenceConfig":{"maxTokens":512,"temperature":0.2,"topP":0.9,"stopSequences":["END"]},
    "guardrailConfig":{"guardrailIdentifier":"gr-1","guardrailVersion":"2"},
    "additionalModelRequestFields":{"top_k":200}})") == Attributes{{"gen_ai.request.max_tokens", "512"},
                                                                   {"aws.bedrock.guardrail.id", "gr-1"},
                                                                   {"gen_ai.request.temperature", "0.2"},
                                                                   {"gen_ai.request.top_p", "0.9"},
                                                                   {"gen_ai.request.top_k", "200"},
                                                                   {"gen_ai.request.stop_sequences", "[END]"},
                                                                   {"gen_ai.request.stream", "true"}});
}

TEST_CASE("a Converse answer: input is the sum of three counts", "[bodies][bedrock]") {
  CHECK(answer_of(kConverse,
                  R"({"metrics":{"latencyMs":551},"output":{"message":{"content":[{"text":"Looking."},
    {"toolUse":{"input":{"name":"no"},"name":"top_song","toolUseId":"t1"}}],"role":"assistant"}},
    "stopReason":"tool_use","usage":{"cacheReadInputTokens":1000,"cacheWriteInputTokens":20,
    "inputTokens":5,"outputTokens":83,"totalTokens":1108}})") ==
        Attributes{{"gen_ai.response.finish_reasons", "[tool_use]"},
                   {"gen_ai.usage.input_tokens", "1025"},
                   {"gen_ai.usage.output_tokens", "83"},
                   {"gen_ai.usage.cache_read.input_tokens", "1000"},
                   {"gen_ai.usage.cache_write.input_tokens", "20"},
                   {"llmobserve.tool_calls", "[top_song]"}});
}

std::string converse_stream() {
  return aws_event("messageStart", R"({"p":"ab","role":"assistant"})") +
         aws_event("contentBlockStart",
                   R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"find","toolUseId":"t"}}})") +
         aws_event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hé"},"p":"abcd"})") +
         aws_event("contentBlockStop", R"({"contentBlockIndex":0})");
}

TEST_CASE("a Converse stream has usage in its metadata", "[bodies][bedrock]") {
  CHECK(answer_of(kConverse,
                  converse_stream() + aws_event("messageStop", R"({"stopReason":"end_turn"})") +
                      aws_event("metadata",
                                R"({"metrics":{"latencyMs":9},"usage":{"inputTokens":7,"outputTokens":3}})"),
                  kAwsEvents) == Attributes{{"gen_ai.response.finish_reasons", "[end_turn]"},
                                            {"gen_ai.usage.input_tokens", "7"},
                                            {"gen_ai.usage.output_tokens", "3"},
                                            {"llmobserve.tool_calls", "[find]"},
                                            {"chunks", "6"},
                                            {"content", "started"}});
}

TEST_CASE("a Converse stream that is cut or fails", "[bodies][bedrock]") {
  CHECK(answer_of(kConverse, converse_stream(), kAwsEvents).at("gen_ai.response.finish_reasons") ==
        "[error]");
  const Attributes failed =
      answer_of(kConverse,
                converse_stream() +
                    aws_message({{":exception-type", "throttlingException"}, {":message-type", "exception"}},
                                R"({"message":"Too many tokens, please wait"})"),
                kAwsEvents);
  CHECK(failed.at("error.type") == "throttlingException");
  CHECK(failed.at("status") == "2 Too many tokens, please wait");
  CHECK(failed.at("gen_ai.response.finish_reasons") == "[error]");
}

TEST_CASE("Bedrock's errors", "[bodies][bedrock]") {
  CHECK(answer_of(kConverse, R"({"message":"The security token is invalid."})", {.status = 403}) ==
        Attributes{{"status", "2 The security token is invalid."}});
  CHECK(answer_of(kInvoke, R"({"Message":"No access","__type":"com.amazon.coral#AccessDeniedException"})",
                  {.status = 403}) ==
        Attributes{{"error.type", "AccessDeniedException"}, {"status", "2 No access"}});
}

TEST_CASE("an invoked model of Anthropic", "[bodies][bedrock]") {
  CHECK(request_of(kInvoke, R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"top_k":5,
      "stop_sequences":["x"],"messages":[]})") == Attributes{{"gen_ai.request.max_tokens", "100"},
                                                             {"gen_ai.request.top_k", "5"},
                                                             {"gen_ai.request.stop_sequences", "[x]"}});
  CHECK(answer_of(kInvoke, R"({"id":"msg_bdrk_1","type":"message","role":"assistant","model":"claude-3-haiku",
      "content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","stop_sequence":null,
      "usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":4}})") ==
        Attributes{{"gen_ai.response.id", "msg_bdrk_1"},
                   {"gen_ai.response.model", "claude-3-haiku"},
                   {"gen_ai.response.finish_reasons", "[end_turn]"},
                   {"gen_ai.usage.input_tokens", "15"},
                   {"gen_ai.usage.output_tokens", "4"},
                   {"gen_ai.usage.cache_read.input_tokens", "5"}});
}

TEST_CASE("an invoked model's stream comes in envelopes of base64", "[bodies][bedrock]") {
  const std::string stream =
      aws_chunk(
          R"({"type":"message_start","message":{"id":"m","model":"claude","usage":{"input_tokens":11,"output_tokens":1}}})") +
      aws_chunk(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé } ]"}})") +
      aws_chunk(
          R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":6}})") +
      aws_chunk(
          R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":11,"outputTokenCount":6,"invocationLatency":5}})");
  CHECK(answer_of(kInvoke, stream, kAwsEvents) == Attributes{{"gen_ai.response.id", "m"},
                                                             {"gen_ai.response.model", "claude"},
                                                             {"gen_ai.response.finish_reasons", "[end_turn]"},
                                                             {"gen_ai.usage.input_tokens", "11"},
                                                             {"gen_ai.usage.output_tokens", "6"},
                                                             {"chunks", "4"},
                                                             {"content", "started"}});
}

TEST_CASE("an envelope may have other members, escapes and no document", "[bodies][bedrock]") {
  const std::string stream =
      aws_event("chunk", R"({"p":"bytes","x":{"bytes":"no"},"bytes":"eyJnZW5lcmF0aW9uIjoi\/\/4ifQ=="})") +
      aws_event("chunk", R"({"bytes":7})") + aws_event("chunk", R"(garbage)");
  CHECK(answer_of(kInvoke, stream, kAwsEvents).at("chunks") == "3");
}

TEST_CASE("invoked models of Amazon", "[bodies][bedrock]") {
  CHECK(request_of(kInvoke, R"({"inputText":"x","textGenerationConfig":{"maxTokenCount":9,"temperature":0,
      "topP":0.5,"stopSequences":["User:"]}})") == Attributes{{"gen_ai.request.max_tokens", "9"},
                                                              {"gen_ai.request.temperature", "0.0"},
                                                              {"gen_ai.request.top_p", "0.5"},
                                                              {"gen_ai.request.stop_sequences", "[User:]"}});
  CHECK(answer_of(kInvoke, R"({"inputTextTokenCount":5,"results":[{"tokenCount":33,"outputText":"x",
      "completionReason":"FINISH"}]})") == Attributes{{"gen_ai.response.finish_reasons", "[FINISH]"},
                                                      {"gen_ai.usage.input_tokens", "5"},
                                                      {"gen_ai.usage.output_tokens", "33"}});
  CHECK(request_of(kInvoke, R"({"inferenceConfig":{"max_new_tokens":7,"topK":3},"messages":[]})") ==
        Attributes{{"gen_ai.request.max_tokens", "7"}, {"gen_ai.request.top_k", "3"}});
  CHECK(answer_of(kInvoke, R"({"output":{"message":{"content":[{"text":"x"}]}},"stopReason":"end_turn",
      "usage":{"inputTokens":4,"outputTokens":2,"totalTokens":6,"cacheReadInputTokenCount":8,
      "cacheWriteInputTokenCount":0}})") == Attributes{{"gen_ai.response.finish_reasons", "[end_turn]"},
                                                       {"gen_ai.usage.input_tokens", "12"},
                                                       {"gen_ai.usage.output_tokens", "2"},
                                                       {"gen_ai.usage.cache_read.input_tokens", "8"},
                                                       {"gen_ai.usage.cache_write.input_tokens", "0"}});
  CHECK(answer_of(kInvoke,
                  aws_chunk(R"({"contentBlockDelta":{"delta":{"text":"a"},"contentBlockIndex":0}})") +
                      aws_chunk(R"({"messageStop":{"stopReason":"max_tokens"}})") +
                      aws_chunk(R"({"metadata":{"usage":{"inputTokens":1,"outputTokens":2}}})"),
                  kAwsEvents) == Attributes{{"gen_ai.response.finish_reasons", "[max_tokens]"},
                                            {"gen_ai.usage.input_tokens", "1"},
                                            {"gen_ai.usage.output_tokens", "2"},
                                            {"chunks", "3"},
                                            {"content", "started"}});
  CHECK(answer_of(model_call(BodyShape::kBedrockInvoke, "embeddings"),
                  R"({"embedding":[0.1,0.2],"inputTextTokenCount":6})") ==
        Attributes{{"gen_ai.usage.input_tokens", "6"}});
}

TEST_CASE("invoked models of Meta, Mistral and Cohere", "[bodies][bedrock]") {
  CHECK(request_of(kInvoke, R"({"prompt":"x","max_gen_len":512})") ==
        Attributes{{"gen_ai.request.max_tokens", "512"}});
  CHECK(
      answer_of(
          kInvoke,
          R"({"generation":"x","prompt_token_count":15,"generation_token_count":7,"stop_reason":"length"})") ==
      Attributes{{"gen_ai.response.finish_reasons", "[length]"},
                 {"gen_ai.usage.input_tokens", "15"},
                 {"gen_ai.usage.output_tokens", "7"}});
  CHECK(answer_of(kInvoke, R"({"outputs":[{"text":"x","stop_reason":"stop"}]})") ==
        Attributes{{"gen_ai.response.finish_reasons", "[stop]"}});
  CHECK(
      answer_of(
          kInvoke,
          R"({"response_id":"r","text":"x","generation_id":"g","finish_reason":"COMPLETE","chat_history":[]})") ==
      Attributes{{"gen_ai.response.id", "r"}, {"gen_ai.response.finish_reasons", "[COMPLETE]"}});
  CHECK(
      answer_of(
          kInvoke,
          R"({"id":"c","choices":[{"index":0,"message":{"tool_calls":[{"function":{"name":"f"}}]},"stop_reason":"tool_calls"}],
                "usage":{"prompt_tokens":3,"completion_tokens":2}})") ==
      Attributes{{"gen_ai.response.id", "c"},
                 {"gen_ai.response.finish_reasons", "[tool_calls]"},
                 {"gen_ai.usage.input_tokens", "3"},
                 {"gen_ai.usage.output_tokens", "2"},
                 {"llmobserve.tool_calls", "[f]"}});
}

}  // namespace
}  // namespace llmo::genai
