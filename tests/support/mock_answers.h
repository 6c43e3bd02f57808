// What the mocked services answer: bodies, errors and headers as OpenAI, Anthropic and Pinecone word them,
// with fixed numbers. $ID and $MODEL stand for the id and the model of the request. Used by
// mock_api_server.cpp only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/http_connection.h"

namespace llmo::test {

using Behaviours = std::map<std::string, std::string>;

// What a request asks for, read from its body and headers.
struct Asked {
  std::string model = "gpt-4o-mini";
  bool stream = false;
  bool include_usage = false;
  Behaviours behaviours;
};

// --- what the services answer ------------------------------------------------------------------------------

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers{};
  std::vector<std::string> pieces{};  // the body; sent one after the other
};

inline constexpr const char* kChatUsage =
    R"({"prompt_tokens":812,"completion_tokens":96,"total_tokens":908,)"
    R"("prompt_tokens_details":{"cached_tokens":256,"audio_tokens":0},)"
    R"("completion_tokens_details":{"reasoning_tokens":32,"audio_tokens":0,)"
    R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
inline constexpr const char* kResponsesUsage =
    R"({"input_tokens":812,"input_tokens_details":{"cached_tokens":256},"output_tokens":96,)"
    R"("output_tokens_details":{"reasoning_tokens":32},"total_tokens":908})";

inline Answer chat_completion(const Asked& asked) {
  const bool tools = asked.behaviours.contains("tools");
  const std::string message =
      tools
          ? R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_mock1","type":"function",)"
            R"("function":{"name":"search_docs","arguments":"{\"query\":\"spans\"}"}}],"refusal":null})"
          : R"({"role":"assistant","content":"Spans are \"nested\" – always.","refusal":null,"annotations":[]})";
  return {
      .pieces = {
          std::string(
              R"({"id":"chatcmpl-$ID","object":"chat.completion","created":1767225600,"model":"$MODEL",)") +
          R"("choices":[{"index":0,"message":)" + message + R"(,"logprobs":null,"finish_reason":")" +
          (tools ? "tool_calls" : "stop") + R"("}],"usage":)" + kChatUsage +
          R"(,"service_tier":"default","system_fingerprint":"fp_mock"})"}};
}

inline std::string chat_chunk(const std::string& choices, const std::string& usage = "null") {
  return R"(data: {"id":"chatcmpl-$ID","object":"chat.completion.chunk","created":1767225600,"model":"$MODEL",)"
         R"("service_tier":"default","system_fingerprint":"fp_mock","choices":[)" +
         choices + R"(],"usage":)" + usage + "}\n\n";
}

inline Answer chat_stream(const Asked& asked) {
  const auto delta = [](const std::string& fields, const std::string& finish) {
    return chat_chunk(R"({"index":0,"delta":{)" + fields + R"(},"logprobs":null,"finish_reason":)" + finish +
                      "}");
  };
  Answer answer{.content_type = "text/event-stream; charset=utf-8"};
  answer.pieces.push_back(delta(R"("role":"assistant","content":"","refusal":null)", "null"));
  for (const char* word : {"Spans ", "are ", "nested."}) {
    answer.pieces.push_back(delta(R"("content":")" + std::string(word) + '"', "null"));
  }
  answer.pieces.push_back(delta("", R"("stop")"));
  if (asked.include_usage) answer.pieces.push_back(chat_chunk("", kChatUsage));
  answer.pieces.emplace_back("data: [DONE]\n\n");
  return answer;
}

inline std::string response_object(const std::string& status, const std::string& output,
                                   const std::string& usage) {
  return R"({"id":"resp_$ID","object":"response","created_at":1767225600,"status":")" + status +
         R"(","error":null,"incomplete_details":null,"model":"$MODEL","output":[)" + output +
         R"(],"usage":)" + usage + R"(,"service_tier":"default"})";
}

inline constexpr const char* kResponsesOutput =
    R"({"type":"message","id":"msg_mock","status":"completed","role":"assistant",)"
    R"("content":[{"type":"output_text","text":"Spans are nested.","annotations":[]}]})";

inline std::string event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}

inline Answer response_stream() {
  Answer answer{.content_type = "text/event-stream; charset=utf-8"};
  answer.pieces = {
      event("response.created",
            R"({"type":"response.created","response":)" + response_object("in_progress", "", "null") + "}"),
      event("response.output_text.delta",
            R"({"type":"response.output_text.delta","item_id":"msg_mock","delta":"Spans are nested."})"),
      event("response.completed", R"({"type":"response.completed","response":)" +
                                      response_object("completed", kResponsesOutput, kResponsesUsage) + "}")};
  return answer;
}

inline Answer openai_responses(const Asked& asked) {
  if (asked.stream) return response_stream();
  return {.pieces = {response_object("completed", kResponsesOutput, kResponsesUsage)}};
}

inline Answer openai_chat(const Asked& asked) {
  return asked.stream ? chat_stream(asked) : chat_completion(asked);
}

inline Answer openai_embeddings(const Asked&) {
  return {
      .pieces = {
          R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023,-0.0093,0.0151]}],)"
          R"("model":"$MODEL","usage":{"prompt_tokens":8,"total_tokens":8}})"}};
}

inline Answer openai_models(const Asked&) {
  return {
      .pieces = {R"({"object":"list","data":[{"id":"gpt-4o-mini","object":"model","owned_by":"system"}]})"}};
}

inline Answer anthropic_stream() {
  Answer answer{.content_type = "text/event-stream; charset=utf-8"};
  answer.pieces = {
      event(
          "message_start",
          R"({"type":"message_start","message":{"id":"msg_$ID","type":"message","role":"assistant","model":"$MODEL",)"
          R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":500,)"
          R"("cache_creation_input_tokens":100,"cache_read_input_tokens":200,"output_tokens":1}}})"),
      event("content_block_start",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
      event("ping", R"({"type":"ping"})"),
      event("content_block_delta",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Spans "}})"),
      event("content_block_delta",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"are nested."}})"),
      event("content_block_stop", R"({"type":"content_block_stop","index":0})"),
      event("message_delta",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
            R"("usage":{"output_tokens":64}})"),
      event("message_stop", R"({"type":"message_stop"})")};
  return answer;
}

inline Answer anthropic_messages(const Asked& asked) {
  if (asked.stream) return anthropic_stream();
  const bool tools = asked.behaviours.contains("tools");
  return {
      .pieces = {
          std::string(R"({"id":"msg_$ID","type":"message","role":"assistant","model":"$MODEL","content":[)") +
          (tools ? R"({"type":"tool_use","id":"toolu_mock1","name":"search_docs","input":{"query":"spans"}})"
                 : R"({"type":"text","text":"Spans are \"nested\"."})") +
          R"(],"stop_reason":")" + (tools ? "tool_use" : "end_turn") +
          R"(","stop_sequence":null,"usage":{"input_tokens":500,"cache_creation_input_tokens":100,)"
          R"("cache_read_input_tokens":200,"output_tokens":64,"service_tier":"standard"}})"}};
}

inline Answer pinecone_query(const Asked&) {
  return {
      .pieces = {
          R"({"results":[],"matches":[{"id":"doc-7","score":0.873,"values":[],"metadata":{"title":"Spans"}},)"
          R"({"id":"doc-2","score":0.641,"values":[],"metadata":{"title":"Traces"}}],)"
          R"("namespace":"docs","usage":{"readUnits":6}})"}};
}

inline Answer pinecone_upsert(const Asked&) { return {.pieces = {R"({"upsertedCount":2})"}}; }
inline Answer pinecone_delete(const Asked&) { return {.pieces = {"{}"}}; }
inline Answer pinecone_stats(const Asked&) {
  return {
      .pieces = {R"({"namespaces":{"docs":{"vectorCount":1200}},"dimension":3,"totalVectorCount":1200})"}};
}

// --- errors and headers as each service words them ---------------------------------------------------------

enum class Service { kOpenAi, kAnthropic, kPinecone };

inline std::string error_body(Service service, int status) {
  const bool limited = status == 429;
  switch (service) {
    case Service::kAnthropic:
      return std::string(R"({"type":"error","error":{"type":")") +
             (limited         ? "rate_limit_error"
              : status == 529 ? "overloaded_error"
                              : "api_error") +
             R"(","message":"The mock was asked to fail."},"request_id":"req_$ID"})";
    case Service::kPinecone:
      return std::string(R"({"code":)") + (limited ? "8" : "13") +
             R"(,"message":"The mock was asked to fail.","details":[]})";
    default:
      return std::string(R"({"error":{"message":"The mock was asked to fail.","type":")") +
             (limited ? "requests" : "server_error") + R"(","param":null,"code":)" +
             (limited ? R"("rate_limit_exceeded")" : "null") + "}}";
  }
}

inline Headers service_headers(Service service) {
  switch (service) {
    case Service::kAnthropic:
      return {{"request-id", "req_$ID"},
              {"anthropic-organization-id", "00000000-0000-0000-0000-000000000000"},
              {"anthropic-ratelimit-requests-limit", "50"},
              {"anthropic-ratelimit-requests-remaining", "49"},
              {"anthropic-ratelimit-requests-reset", "2026-01-01T00:00:30Z"},
              {"anthropic-ratelimit-tokens-limit", "50000"},
              {"anthropic-ratelimit-tokens-remaining", "49000"}};
    case Service::kPinecone:
      return {{"x-pinecone-request-id", "$ID"}, {"x-pinecone-request-latency-ms", "12"}};
    default:
      return {{"x-request-id", "req_$ID"},
              {"openai-organization", "mock-org"},
              {"openai-processing-ms", "210"},
              {"openai-version", "2020-10-01"},
              {"x-ratelimit-limit-requests", "500"},
              {"x-ratelimit-limit-tokens", "200000"},
              {"x-ratelimit-remaining-requests", "499"},
              {"x-ratelimit-remaining-tokens", "199000"},
              {"x-ratelimit-reset-requests", "120ms"}};
  }
}

struct Route {
  const char* method;
  const char* path;
  Service service;
  Answer (*answer)(const Asked&);
};

inline constexpr Route kRoutes[] = {
    {"POST", "/v1/chat/completions", Service::kOpenAi, openai_chat},
    {"POST", "/v1/responses", Service::kOpenAi, openai_responses},
    {"POST", "/v1/embeddings", Service::kOpenAi, openai_embeddings},
    {"GET", "/v1/models", Service::kOpenAi, openai_models},
    {"POST", "/v1/messages", Service::kAnthropic, anthropic_messages},
    {"POST", "/query", Service::kPinecone, pinecone_query},
    {"POST", "/vectors/upsert", Service::kPinecone, pinecone_upsert},
    {"POST", "/vectors/delete", Service::kPinecone, pinecone_delete},
    {"POST", "/describe_index_stats", Service::kPinecone, pinecone_stats},
};

}  // namespace llmo::test
