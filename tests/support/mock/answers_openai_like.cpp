// The providers that speak OpenAI's language with words of their own: what stands in their usage, and where
// in a stream it comes. 812 input tokens and 96 output tokens for all; 256 cached and 32 reasoning where a
// provider counts them.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

enum class UsageIn { kLastChunk, kEveryChunk };

struct Dialect {
  const char* id_prefix;
  const char* usage;  // the object of an answer, and of a stream
  const char* more;   // what else a whole answer has at its top
  UsageIn usage_in = UsageIn::kLastChunk;
  const char* last_chunk_more = "";  // what else the last chunk has at its top
  const char* choice_more = "";      // what else a choice has
  bool comments = false;             // says that it is alive before it has anything to say
};

#define LLMO_PLAIN_COUNTS R"("prompt_tokens":812,"completion_tokens":96,"total_tokens":908)"

// https://docs.mistral.ai/api
constexpr Dialect kMistral{.id_prefix = "", .usage = "{" LLMO_PLAIN_COUNTS "}", .more = ""};

// https://console.groq.com/docs/api-reference; the usage stands twice in a stream.
#define LLMO_GROQ_USAGE                                                                                        \
  R"({"queue_time":0.0379,"prompt_time":0.0007,"completion_time":0.46,"total_time":0.4607,)" LLMO_PLAIN_COUNTS \
  "}"
constexpr Dialect kGroq{.id_prefix = "chatcmpl-",
                        .usage = LLMO_GROQ_USAGE,
                        .more = R"(,"system_fingerprint":"fp_mock","x_groq":{"id":"req_$ID"})",
                        .last_chunk_more = R"(,"x_groq":{"id":"req_$ID","usage":)" LLMO_GROQ_USAGE "}"};

// https://docs.together.ai/reference
constexpr Dialect kTogether{
    .id_prefix = "", .usage = "{" LLMO_PLAIN_COUNTS R"(,"cached_tokens":0})", .more = R"(,"prompt":[])"};

// https://api-docs.deepseek.com: the hit and the miss are the prompt.
constexpr Dialect kDeepSeek{
    .id_prefix = "",
    .usage =
        "{" LLMO_PLAIN_COUNTS R"(,"prompt_tokens_details":{"cached_tokens":256},"completion_tokens_details":)"
        R"({"reasoning_tokens":32},"prompt_cache_hit_tokens":256,"prompt_cache_miss_tokens":556})",
    .more = R"(,"system_fingerprint":"fp_mock")"};

// https://docs.x.ai/docs/api-reference: reasoning tokens come on top of the completion's.
constexpr Dialect kXai{
    .id_prefix = "",
    .usage = R"({"prompt_tokens":812,"completion_tokens":64,"total_tokens":908,"prompt_tokens_details":)"
             R"({"text_tokens":812,"audio_tokens":0,"image_tokens":0,"cached_tokens":256},)"
             R"("completion_tokens_details":{"reasoning_tokens":32,"audio_tokens":0,)"
             R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0},"num_sources_used":0})",
    .more = R"(,"system_fingerprint":"fp_mock")"};

// https://docs.perplexity.ai/api-reference: usage grows from chunk to chunk; it names its sources.
constexpr Dialect kPerplexity{
    .id_prefix = "",
    .usage = "{" LLMO_PLAIN_COUNTS R"(,"search_context_size":"low","cost":{"total_cost":0.006}})",
    .more = R"(,"citations":["https://example.org/spans"],"search_results":[{"title":"Spans",)"
            R"("url":"https://example.org/spans","date":null}])",
    .usage_in = UsageIn::kEveryChunk};

// https://docs.fireworks.ai/api-reference
constexpr Dialect kFireworks{
    .id_prefix = "",
    .usage = "{" LLMO_PLAIN_COUNTS R"(,"prompt_tokens_details":{"cached_tokens":256}})",
    .more = ""};

// https://openrouter.ai/docs/api-reference
constexpr Dialect kOpenRouter{
    .id_prefix = "gen-",
    .usage = "{" LLMO_PLAIN_COUNTS
             R"(,"cost":0.00014,"is_byok":false,"prompt_tokens_details":{"cached_tokens":256},)"
             R"("cost_details":{"upstream_inference_cost":null},)"
             R"("completion_tokens_details":{"reasoning_tokens":32}})",
    .more = R"(,"provider":"OpenAI")",
    .choice_more = R"(,"native_finish_reason":"stop")",
    .comments = true};

std::string head(const Dialect& dialect, const char* object) {
  return std::string(R"({"id":")") + dialect.id_prefix + R"($ID","object":")" + object +
         R"(","created":1767225600,"model":"$MODEL")";
}

Answer whole(const Dialect& dialect, const Asked& asked) {
  const bool tools = asked.has("tools");
  const char* const message =
      tools ? R"({"role":"assistant","content":"","tool_calls":[{"id":"call_mock1","type":"function",)"
              R"("function":{"name":"search_docs","arguments":"{\"query\":\"spans\"}"}}]})"
            : R"({"role":"assistant","content":"$TEXT"})";
  return json_answer(head(dialect, "chat.completion") + R"(,"choices":[{"index":0,"message":)" + message +
                     R"(,"finish_reason":")" + asked.value("finish", tools ? "tool_calls" : "stop") + '"' +
                     dialect.choice_more + R"(}],"usage":)" + dialect.usage + dialect.more + "}");
}

std::string chunk(const Dialect& dialect, const std::string& fields, const std::string& finish) {
  const bool last = finish != "null";
  const bool usage = last || dialect.usage_in == UsageIn::kEveryChunk;
  return sse_data(head(dialect, "chat.completion.chunk") + R"(,"choices":[{"index":0,"delta":{)" + fields +
                  R"(},"finish_reason":)" + finish + (last ? dialect.choice_more : "") + "}]" +
                  (usage ? std::string(R"(,"usage":)") + dialect.usage : "") +
                  (last ? dialect.last_chunk_more : "") + "}");
}

Answer streamed(const Dialect& dialect, const Asked& asked) {
  std::vector<std::string> events;
  if (dialect.comments) events.emplace_back(": OPENROUTER PROCESSING\n\n");
  events.push_back(chunk(dialect, R"("role":"assistant","content":"")", "null"));
  for (const std::string& word : words_of(asked))
    events.push_back(chunk(dialect, R"("content":")" + word + '"', "null"));
  events.push_back(chunk(dialect, R"("content":"")", '"' + asked.value("finish", "stop") + '"'));
  events.push_back(sse_data("[DONE]"));
  fail_stream(asked, events, 2, sse_data(openai_error_body(500)));
  return sse_answer(std::move(events));
}

template <const Dialect& dialect>
Answer chat(const Asked& asked) {
  return asked.stream ? streamed(dialect, asked) : whole(dialect, asked);
}

Answer xai_responses(const Asked& asked) { return openai_service().routes[1].answer(asked); }

// --- errors ------------------------------------------------------------------------------------------------

Answer openai_like_error(const Asked&, int status) { return json_answer(openai_error_body(status), status); }

// Without an object around it.
Answer mistral_error(const Asked&, int status) {
  const bool limited = status == 429;
  return json_answer(R"({"object":"error","message":")" + std::string(kErrorMessage) + R"(","type":")" +
                         (limited ? "rate_limited" : "invalid_request_error") + R"(","param":null,"code":")" +
                         (limited ? "1300" : "3000") + R"("})",
                     status);
}

// The text alone.
Answer xai_error(const Asked&, int status) {
  return json_answer(
      R"({"code":"The service is currently unavailable","error":")" + std::string(kErrorMessage) + R"("})",
      status);
}

// The status again, as a number.
Answer openrouter_error(const Asked&, int status) {
  return json_answer(R"({"error":{"message":")" + std::string(kErrorMessage) + R"(","code":)" +
                         std::to_string(status) + R"(,"metadata":{"provider_name":"OpenAI"}},"user_id":"u"})",
                     status);
}

// --- headers -----------------------------------------------------------------------------------------------

Headers common_headers(const Asked&) {
  return {{"x-request-id", "req_$ID"},
          {"x-ratelimit-limit-requests", "14400"},
          {"x-ratelimit-limit-tokens", "18000"},
          {"x-ratelimit-remaining-requests", "14370"},
          {"x-ratelimit-remaining-tokens", "17997"},
          {"x-ratelimit-reset-requests", "2m59.56s"},
          {"x-ratelimit-reset-tokens", "7.66s"}};
}

Headers mistral_headers(const Asked&) {
  return {{"mistral-correlation-id", "$ID"},
          {"x-ratelimit-limit-tokens-minute", "500000"},
          {"x-ratelimit-remaining-tokens-minute", "499000"},
          {"ratelimitbysize-limit", "500000"},
          {"ratelimitbysize-remaining", "499000"},
          {"ratelimitbysize-reset", "38"}};
}

Headers together_headers(const Asked&) {
  return {{"x-request-id", "$ID"},    {"x-ratelimit-limit", "10"},    {"x-ratelimit-remaining", "9"},
          {"x-ratelimit-reset", "1"}, {"x-tokenlimit-limit", "3000"}, {"x-tokenlimit-remaining", "2900"}};
}

Headers openrouter_headers(const Asked&) {
  return {
      {"x-ratelimit-limit", "20"}, {"x-ratelimit-remaining", "19"}, {"x-ratelimit-reset", "1767225660000"}};
}

// --- routes ------------------------------------------------------------------------------------------------

constexpr Route kMistralRoutes[] = {{"POST", "/v1/chat/completions", chat<kMistral>},
                                    {"POST", "/v1/fim/completions", chat<kMistral>},
                                    {"POST", "/v1/embeddings", openai_embeddings}};
constexpr Route kGroqRoutes[] = {{"POST", "/openai/v1/chat/completions", chat<kGroq>},
                                 {"POST", "/openai/v1/audio/transcriptions", openai_transcription}};
constexpr Route kTogetherRoutes[] = {{"POST", "/v1/chat/completions", chat<kTogether>},
                                     {"POST", "/v1/embeddings", openai_embeddings}};
constexpr Route kDeepSeekRoutes[] = {{"POST", "/chat/completions", chat<kDeepSeek>},
                                     {"POST", "/v1/chat/completions", chat<kDeepSeek>},
                                     {"POST", "/beta/completions", chat<kDeepSeek>}};
constexpr Route kXaiRoutes[] = {{"POST", "/v1/chat/completions", chat<kXai>},
                                {"POST", "/v1/responses", xai_responses}};
constexpr Route kPerplexityRoutes[] = {{"POST", "/chat/completions", chat<kPerplexity>}};
constexpr Route kFireworksRoutes[] = {{"POST", "/inference/v1/chat/completions", chat<kFireworks>},
                                      {"POST", "/inference/v1/embeddings", openai_embeddings}};
constexpr Route kOpenRouterRoutes[] = {{"POST", "/api/v1/chat/completions", chat<kOpenRouter>}};

constexpr Service kServices[] = {
    {"api.mistral.ai codestral.mistral.ai", kMistralRoutes, mistral_error, mistral_headers},
    {"api.groq.com", kGroqRoutes, openai_like_error, common_headers},
    {"api.together.xyz api.together.ai", kTogetherRoutes, openai_like_error, together_headers},
    {"api.deepseek.com", kDeepSeekRoutes, openai_like_error, no_headers},
    {"api.x.ai", kXaiRoutes, xai_error, common_headers},
    {"api.perplexity.ai", kPerplexityRoutes, openai_like_error, no_headers},
    {"api.fireworks.ai", kFireworksRoutes, openai_like_error, common_headers},
    {"openrouter.ai", kOpenRouterRoutes, openrouter_error, openrouter_headers},
};

}  // namespace

std::span<const Service> openai_like_services() { return kServices; }

}  // namespace llmo::test
