// OpenAI: chat, responses, completions, embeddings, images, audio, moderations
// (https://platform.openai.com/docs/api-reference), and Azure OpenAI, which asks for the same under other
// paths. 812 input tokens (256 of them cached), 96 output tokens (32 of them reasoning); 8 for embeddings.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

constexpr const char* kChatUsage = R"({"prompt_tokens":812,"completion_tokens":96,"total_tokens":908,)"
                                   R"("prompt_tokens_details":{"cached_tokens":256,"audio_tokens":0},)"
                                   R"("completion_tokens_details":{"reasoning_tokens":32,"audio_tokens":0,)"
                                   R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
constexpr const char* kResponsesUsage =
    R"({"input_tokens":812,"input_tokens_details":{"cached_tokens":256},"output_tokens":96,)"
    R"("output_tokens_details":{"reasoning_tokens":32},"total_tokens":908})";

// --- chat --------------------------------------------------------------------------------------------------

std::string chat_choice(const Asked& asked, int index) {
  const bool tools = asked.has("tools");
  const char* const message =
      tools ? R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_mock1","type":"function",)"
              R"("function":{"name":"search_docs","arguments":"{\"query\":\"spans\"}"}}],"refusal":null})"
            : R"({"role":"assistant","content":"$TEXT","refusal":null,"annotations":[]})";
  return R"({"index":)" + std::to_string(index) + R"(,"message":)" + message +
         R"(,"logprobs":null,"finish_reason":")" + asked.value("finish", tools ? "tool_calls" : "stop") +
         R"("})";
}

Answer chat_completion(const Asked& asked) {
  std::string choices;
  for (int index = 0; index < asked.choices; ++index)
    choices += (index > 0 ? "," : "") + chat_choice(asked, index);
  return json_answer(
      R"({"id":"chatcmpl-$ID","object":"chat.completion","created":1767225600,"model":"$MODEL","choices":[)" +
      choices + R"(],"usage":)" + kChatUsage +
      R"(,"service_tier":"default","system_fingerprint":"fp_mock"})");
}

// Once a client asked for usage, the chunks before the last carry an empty one.
std::string chat_chunk(const std::string& choices, const std::string& usage) {
  return sse_data(
      R"({"id":"chatcmpl-$ID","object":"chat.completion.chunk","created":1767225600,"model":"$MODEL",)"
      R"("service_tier":"default","system_fingerprint":"fp_mock","choices":[)" +
      choices + "]" + (usage.empty() ? "" : R"(,"usage":)" + usage) + "}");
}

std::string delta(int choice, const std::string& fields, const std::string& finish) {
  return R"({"index":)" + std::to_string(choice) + R"(,"delta":{)" + fields +
         R"(},"logprobs":null,"finish_reason":)" + finish + "}";
}

// The fields of each delta: the text word by word, or a tool call with its arguments in parts.
std::vector<std::string> deltas(const Asked& asked) {
  if (asked.has("tools"))
    return {R"("role":"assistant","content":null)",
            R"("tool_calls":[{"index":0,"id":"call_mock1","type":"function",)"
            R"("function":{"name":"search_docs","arguments":""}}])",
            R"("tool_calls":[{"index":0,"function":{"arguments":"{\"query\":"}}])",
            R"("tool_calls":[{"index":0,"function":{"arguments":"\"spans\"}"}}])"};
  std::vector<std::string> result{R"("role":"assistant","content":"","refusal":null)"};
  for (const std::string& word : words_of(asked)) result.push_back(R"("content":")" + word + '"');
  return result;
}

// `usage-last`: in the last chunk of content, as many servers that speak this language send it.
Answer chat_stream(const Asked& asked) {
  const bool with_last = asked.has("usage-last");
  const char* const no_usage = asked.include_usage && !with_last ? "null" : "";
  std::vector<std::string> events;
  for (const std::string& fields : deltas(asked)) {
    for (int choice = 0; choice < asked.choices; ++choice)
      events.push_back(chat_chunk(delta(choice, fields, "null"), no_usage));
  }
  const std::string finish = '"' + asked.value("finish", asked.has("tools") ? "tool_calls" : "stop") + '"';
  for (int choice = 0; choice < asked.choices; ++choice) {
    const bool last = choice + 1 == asked.choices;
    events.push_back(chat_chunk(delta(choice, "", finish), with_last && last ? kChatUsage : no_usage));
  }
  if (asked.include_usage && !with_last) events.push_back(chat_chunk("", kChatUsage));
  events.push_back(sse_data("[DONE]"));
  fail_stream(asked, events, 2, sse_data(openai_error_body(500)));
  return sse_answer(std::move(events));
}

// --- responses ---------------------------------------------------------------------------------------------

std::string response_object(const std::string& status, const std::string& output, const std::string& usage,
                            const std::string& error = "null") {
  const bool incomplete = status == "incomplete";
  return R"({"id":"resp_$ID","object":"response","created_at":1767225600,"status":")" + status +
         R"(","error":)" + error + R"(,"incomplete_details":)" +
         (incomplete ? R"({"reason":"max_output_tokens"})" : "null") + R"(,"model":"$MODEL","output":[)" +
         output + R"(],"usage":)" + usage + R"(,"service_tier":"default"})";
}

std::string response_output(const Asked& asked) {
  if (asked.has("tools"))
    return R"({"type":"function_call","id":"fc_mock","call_id":"call_mock1","name":"search_docs",)"
           R"("arguments":"{\"query\":\"spans\"}","status":"completed"})";
  return R"({"type":"message","id":"msg_mock","status":"completed","role":"assistant",)"
         R"("content":[{"type":"output_text","text":"$TEXT","annotations":[]}]})";
}

std::string response_event(const std::string& type, const std::string& fields) {
  return sse_event(type, R"({"type":")" + type + R"(",)" + fields + "}");
}

Answer response_stream(const Asked& asked) {
  const bool tools = asked.has("tools");
  const std::string status = asked.value("finish", "completed");
  std::vector<std::string> events{
      response_event("response.created", R"("response":)" + response_object("in_progress", "", "null")),
      response_event("response.output_item.added",
                     std::string(R"("output_index":0,"item":)") +
                         (tools ? R"({"type":"function_call","id":"fc_mock","call_id":"call_mock1",)"
                                  R"("name":"search_docs","arguments":"","status":"in_progress"})"
                                : R"({"type":"message","id":"msg_mock","status":"in_progress",)"
                                  R"("role":"assistant","content":[]})"))};
  if (tools) {
    events.push_back(response_event("response.function_call_arguments.delta",
                                    R"("item_id":"fc_mock","delta":"{\"query\":\"spans\"}")"));
  } else {
    for (const std::string& word : words_of(asked))
      events.push_back(
          response_event("response.output_text.delta", R"("item_id":"msg_mock","delta":")" + word + '"'));
  }
  events.push_back(
      response_event("response.output_item.done", R"("output_index":0,"item":)" + response_output(asked)));
  events.push_back(
      response_event("response." + status,
                     R"("response":)" + response_object(status, response_output(asked), kResponsesUsage)));
  fail_stream(asked, events, 3,
              response_event("response.failed",
                             R"("response":)" + response_object("failed", "", "null",
                                                                R"({"code":"server_error","message":")" +
                                                                    std::string(kErrorMessage) + R"("})")));
  return sse_answer(std::move(events));
}

Answer responses(const Asked& asked) {
  if (asked.stream) return response_stream(asked);
  return json_answer(
      response_object(asked.value("finish", "completed"), response_output(asked), kResponsesUsage));
}

Answer stored_response(const Asked& asked) {
  return json_answer(response_object("completed", response_output(asked), kResponsesUsage));
}

// --- the rest ----------------------------------------------------------------------------------------------

std::string completion(const std::string& text, const std::string& finish, const std::string& usage) {
  return R"({"id":"cmpl-$ID","object":"text_completion","created":1767225600,"model":"$MODEL","choices":[)"
         R"({"text":")" +
         text + R"(","index":0,"logprobs":null,"finish_reason":)" + finish + "}]" +
         (usage.empty() ? "" : R"(,"usage":)" + usage) + "}";
}

constexpr const char* kCompletionUsage = R"({"prompt_tokens":812,"completion_tokens":96,"total_tokens":908})";

Answer completions(const Asked& asked) {
  const std::string finish = '"' + asked.value("finish", "length") + '"';
  if (!asked.stream) return json_answer(completion("$TEXT", finish, kCompletionUsage));
  std::vector<std::string> events;
  for (const std::string& word : words_of(asked)) events.push_back(sse_data(completion(word, "null", "")));
  events.push_back(sse_data(completion("", finish, asked.include_usage ? kCompletionUsage : "")));
  events.push_back(sse_data("[DONE]"));
  fail_stream(asked, events, 1, sse_data(openai_error_body(500)));
  return sse_answer(std::move(events));
}

Answer images(const Asked&) {
  return json_answer(
      R"({"created":1767225600,"data":[{"b64_json":"iVBORw0KGgo="}],"size":"1024x1024","quality":"high",)"
      R"("output_format":"png","usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50,)"
      R"("input_tokens_details":{"text_tokens":10,"image_tokens":40}}})");
}

// MPEG audio frames begin with eleven one bits; the rest may be anything, braces too.
Answer speech(const Asked& asked) {
  std::string sound = "\xff\xfb\x90{\"model\":\"not this\"}";
  for (int byte = 0; byte < 4096; ++byte) sound += static_cast<char>(byte * 7);
  if (asked.has("content")) sound.resize(size_of(asked.value("content", "")), 'x');
  return {.content_type = "audio/mpeg", .pieces = {sound}};
}

Answer moderations(const Asked&) {
  return json_answer(
      R"({"id":"modr-$ID","model":"$MODEL","results":[{"flagged":false,"categories":{"violence":false},)"
      R"("category_scores":{"violence":0.0004}}]})");
}

Answer models(const Asked&) {
  return json_answer(
      R"({"object":"list","data":[{"id":"gpt-4o-mini","object":"model","owned_by":"system"}]})");
}

// --- errors and headers ------------------------------------------------------------------------------------

struct ErrorWords {
  int status;
  const char* type;
  const char* code;
};

constexpr ErrorWords kErrors[] = {
    {400, "invalid_request_error", "null"},
    {401, "invalid_request_error", R"("invalid_api_key")"},
    {404, "invalid_request_error", R"("model_not_found")"},
    {429, "requests", R"("rate_limit_exceeded")"},
};

Answer openai_error(const Asked&, int status) { return json_answer(openai_error_body(status), status); }

// Azure's gateway answers for itself where the key or the quota is wrong.
Answer azure_error(const Asked&, int status) {
  if (status != 401 && status != 429) return json_answer(openai_error_body(status), status);
  return json_answer(R"({"error":{"code":")" + std::to_string(status) + R"(","message":")" +
                         std::string(kErrorMessage) + R"("}})",
                     status);
}

Headers openai_headers(const Asked&) {
  return {{"x-request-id", "req_$ID"},
          {"openai-organization", "mock-org"},
          {"openai-processing-ms", "210"},
          {"openai-version", "2020-10-01"},
          {"x-ratelimit-limit-requests", "500"},
          {"x-ratelimit-limit-tokens", "200000"},
          {"x-ratelimit-remaining-requests", "499"},
          {"x-ratelimit-remaining-tokens", "199000"},
          {"x-ratelimit-reset-requests", "120ms"},
          {"x-ratelimit-reset-tokens", "300ms"}};
}

Headers azure_headers(const Asked&) {
  return {{"apim-request-id", "$ID"},
          {"x-request-id", "req_$ID"},
          {"x-ms-region", "Sweden Central"},
          {"x-ratelimit-limit-requests", "500"},
          {"x-ratelimit-remaining-requests", "499"},
          {"x-ratelimit-limit-tokens", "200000"},
          {"x-ratelimit-remaining-tokens", "199000"}};
}

constexpr Route kOpenAiRoutes[] = {
    {"POST", "/v1/chat/completions", openai_chat},
    {"POST", "/v1/responses", responses},
    {"GET", "/v1/responses/*", stored_response},
    {"POST", "/v1/completions", completions},
    {"POST", "/v1/embeddings", openai_embeddings},
    {"POST", "/v1/images/generations", images},
    {"POST", "/v1/images/edits", images},
    {"POST", "/v1/images/variations", images},
    {"POST", "/v1/audio/speech", speech},
    {"POST", "/v1/audio/transcriptions", openai_transcription},
    {"POST", "/v1/audio/translations", openai_transcription},
    {"POST", "/v1/moderations", moderations},
    {"GET", "/v1/models", models},
};

constexpr Route kAzureRoutes[] = {
    {"POST", "/openai/deployments/*/chat/completions", openai_chat},
    {"POST", "/openai/deployments/*/completions", completions},
    {"POST", "/openai/deployments/*/embeddings", openai_embeddings},
    {"POST", "/openai/deployments/*/images/generations", images},
    {"POST", "/openai/deployments/*/audio/speech", speech},
    {"POST", "/openai/deployments/*/audio/transcriptions", openai_transcription},
    {"POST", "/openai/responses", responses},
    {"POST", "/openai/v1/chat/completions", openai_chat},
    {"POST", "/openai/v1/responses", responses},
    {"POST", "/openai/v1/embeddings", openai_embeddings},
    {"POST", "/models/chat/completions", openai_chat},
    {"POST", "/models/embeddings", openai_embeddings},
};

constexpr Service kOpenAi{"*api.openai.com", kOpenAiRoutes, openai_error, openai_headers};
constexpr Service kAzure{
    "*.openai.azure.com *.cognitiveservices.azure.com *.services.ai.azure.com *.inference.ai.azure.com",
    kAzureRoutes, azure_error, azure_headers};

}  // namespace

Answer openai_chat(const Asked& asked) { return asked.stream ? chat_stream(asked) : chat_completion(asked); }

Answer openai_embeddings(const Asked&) {
  return json_answer(
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023,-0.0093,0.0151]}],)"
      R"("model":"$MODEL","usage":{"prompt_tokens":8,"total_tokens":8}})");
}

Answer openai_transcription(const Asked& asked) {
  const char* const usage =
      R"({"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},)"
      R"("output_tokens":45,"total_tokens":59})";
  if (!asked.stream) return json_answer(std::string(R"({"text":"$TEXT","usage":)") + usage + "}");
  std::vector<std::string> events;
  for (const std::string& word : words_of(asked))
    events.push_back(sse_data(R"({"type":"transcript.text.delta","delta":")" + word + R"("})"));
  events.push_back(
      sse_data(std::string(R"({"type":"transcript.text.done","text":"$TEXT","usage":)") + usage + "}"));
  return sse_answer(std::move(events));
}

std::string openai_error_body(int status) {
  ErrorWords words{status, "server_error", "null"};
  for (const ErrorWords& row : kErrors) {
    if (row.status == status) words = row;
  }
  return R"({"error":{"message":")" + std::string(kErrorMessage) + R"(","type":")" + words.type +
         R"(","param":null,"code":)" + words.code + "}}";
}

const Service& openai_service() { return kOpenAi; }
const Service& azure_service() { return kAzure; }

}  // namespace llmo::test
