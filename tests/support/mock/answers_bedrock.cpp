// Amazon Bedrock (https://docs.aws.amazon.com/bedrock/latest/APIReference): converse with 500 input tokens,
// 200 read from the cache and 100 written to it besides, 64 output tokens; invoke with what the model's maker
// has laid down. Streams are binary event streams.
#include "tests/support/mock/answer.h"
#include "tests/support/mock/event_stream.h"

namespace llmo::test {
namespace {

constexpr const char* kStreamType = "application/vnd.amazon.eventstream";
constexpr const char* kUsage =
    R"({"inputTokens":500,"outputTokens":64,"totalTokens":864,"cacheReadInputTokens":200,)"
    R"("cacheWriteInputTokens":100})";
// Padding against whoever measures the stream; every payload has some.
constexpr const char* kPadding = R"("p":"abcdefgh")";

std::string quoted_message() { return std::string(R"({"message":")") + kErrorMessage + R"("})"; }

// --- converse ----------------------------------------------------------------------------------------------

std::string stop_reason(const Asked& asked) {
  return asked.value("finish", asked.has("tools") ? "tool_use" : "end_turn");
}

Answer converse(const Asked& asked) {
  const char* const block =
      asked.has("tools")
          ? R"({"toolUse":{"toolUseId":"tooluse_mock1","name":"search_docs","input":{"query":"spans"}}})"
          : R"({"text":"$TEXT"})";
  return json_answer(std::string(R"({"metrics":{"latencyMs":551},"output":{"message":{"content":[)") + block +
                     R"(],"role":"assistant"}},"stopReason":")" + stop_reason(asked) + R"(","usage":)" +
                     kUsage + "}");
}

struct Event {
  const char* type;
  std::string fields;
};

std::vector<Event> converse_events(const Asked& asked) {
  std::vector<Event> events{{"messageStart", R"("role":"assistant")"}};
  if (asked.has("tools")) {
    events.push_back({"contentBlockStart",
                      R"("contentBlockIndex":0,"start":{"toolUse":{"name":"search_docs",)"
                      R"("toolUseId":"tooluse_mock1"}})"});
    events.push_back({"contentBlockDelta",
                      R"("contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"query\":\"spans\"}"}})"});
  } else {
    for (const std::string& word : words_of(asked))
      events.push_back({"contentBlockDelta", R"("contentBlockIndex":0,"delta":{"text":")" + word + R"("})"});
  }
  events.push_back({"contentBlockStop", R"("contentBlockIndex":0)"});
  events.push_back({"messageStop", R"("stopReason":")" + stop_reason(asked) + '"'});
  events.push_back({"metadata", std::string(R"("metrics":{"latencyMs":551},"usage":)") + kUsage});
  return events;
}

Answer stream_of(const Asked& asked, std::vector<std::string> messages) {
  fail_stream(asked, messages, 2, exception_message("throttlingException", quoted_message()));
  return {.content_type = kStreamType, .pieces = std::move(messages)};
}

Answer converse_stream(const Asked& asked) {
  std::vector<std::string> messages;
  for (const Event& event : converse_events(asked))
    messages.push_back(event_message(event.type, fill(asked, "{" + event.fields + "," + kPadding + "}")));
  return stream_of(asked, std::move(messages));
}

// --- invoke ------------------------------------------------------------------------------------------------

enum class Maker { kAnthropic, kNova, kTitan, kTitanEmbed, kLlama, kMistral, kCohereEmbed };

// A model's name may stand behind a region (`us.`) or in an ARN.
Maker maker_of(const std::string& model) {
  const auto names = [&model](const char* word) { return model.find(word) != std::string::npos; };
  if (names("amazon.nova")) return Maker::kNova;
  if (names("amazon.titan-embed")) return Maker::kTitanEmbed;
  if (names("amazon.titan")) return Maker::kTitan;
  if (names("meta.llama")) return Maker::kLlama;
  if (names("mistral.")) return Maker::kMistral;
  return names("cohere.embed") ? Maker::kCohereEmbed : Maker::kAnthropic;
}

std::string invoked(const Asked& asked) {
  switch (maker_of(asked.model)) {
    case Maker::kNova:
      return std::string(R"({"output":{"message":{"content":[{"text":"$TEXT"}],"role":"assistant"}},)") +
             R"("stopReason":"end_turn","usage":{"inputTokens":500,"outputTokens":64,"totalTokens":864,)"
             R"("cacheReadInputTokenCount":200,"cacheWriteInputTokenCount":100}})";
    case Maker::kTitan:
      return R"({"inputTextTokenCount":800,"results":[{"tokenCount":64,"outputText":"$TEXT",)"
             R"("completionReason":"FINISH"}]})";
    case Maker::kTitanEmbed:
      return R"({"embedding":[0.0023,-0.0093],"inputTextTokenCount":8})";
    case Maker::kLlama:
      return R"({"generation":"$TEXT","prompt_token_count":800,"generation_token_count":64,"stop_reason":"stop"})";
    case Maker::kMistral:
      return R"({"outputs":[{"text":"$TEXT","stop_reason":"stop"}]})";
    case Maker::kCohereEmbed:
      return R"({"id":"$ID","embeddings":[[0.0023,-0.0093]],"response_type":"embeddings_floats","texts":["spans"]})";
    default:
      return anthropic_message(asked);
  }
}

Answer invoke(const Asked& asked) { return json_answer(invoked(asked)); }

// What Bedrock itself counts, whoever the maker is; cached tokens beside the rest.
std::string invocation_metrics(Maker maker) {
  const bool caches = maker == Maker::kAnthropic || maker == Maker::kNova;
  return std::string(R"("amazon-bedrock-invocationMetrics":{)") +
         (caches ? R"("inputTokenCount":500,"cacheReadInputTokenCount":200,"cacheWriteInputTokenCount":100)"
                 : R"("inputTokenCount":800)") +
         R"(,"outputTokenCount":64,"invocationLatency":551,"firstByteLatency":210}})";
}

std::vector<std::string> llama_parts(const Asked& asked) {
  const auto part = [](const std::string& text, const char* rest) {
    return R"({"generation":")" + text + R"(","prompt_token_count":null,)" + rest + "}";
  };
  std::vector<std::string> parts;
  for (const std::string& word : words_of(asked))
    parts.push_back(part(word, R"("generation_token_count":1,"stop_reason":null)"));
  parts.push_back(part("", R"("generation_token_count":64,"stop_reason":"stop")"));
  return parts;
}

std::vector<std::string> nova_parts(const Asked& asked) {
  std::vector<std::string> parts;
  for (const Event& event : converse_events(asked)) {
    const std::string fields = replaced(event.fields, "InputTokens\":", "InputTokenCount\":");
    parts.push_back(std::string(R"({")") + event.type + R"(":{)" + fields + "}}");
  }
  return parts;
}

// The events of a stream, as the maker lays them down; the last one has Bedrock's own count besides.
std::vector<std::string> invoked_parts(const Asked& asked) {
  const Maker maker = maker_of(asked.model);
  std::vector<std::string> parts = maker == Maker::kLlama  ? llama_parts(asked)
                                   : maker == Maker::kNova ? nova_parts(asked)
                                                           : anthropic_event_data(asked);
  parts.back().pop_back();
  parts.back() += "," + invocation_metrics(maker);
  return parts;
}

Answer invoke_stream(const Asked& asked) {
  std::vector<std::string> messages;
  for (const std::string& part : invoked_parts(asked)) {
    const std::string payload = R"({"bytes":")" + base64(fill(asked, part)) + R"(",)" + kPadding + "}";
    messages.push_back(event_message("chunk", payload));
  }
  return stream_of(asked, std::move(messages));
}

// --- errors and headers ------------------------------------------------------------------------------------

const char* exception_of(int status) {
  switch (status) {
    case 400:
      return "ValidationException";
    case 403:
    case 401:
      return "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 424:
      return "ModelErrorException";
    case 429:
      return "ThrottlingException";
    case 503:
      return "ServiceUnavailableException";
    default:
      return "InternalServerException";
  }
}

// The type stands in a header alone.
Answer error(const Asked&, int status) {
  return {.status = status,
          .headers = {{"x-amzn-ErrorType", std::string(exception_of(status)) +
                                               ":http://internal.amazon.com/coral/com.amazon.bedrock/"}},
          .pieces = {quoted_message()}};
}

Headers headers(const Asked& asked) {
  Headers list{{"x-amzn-RequestId", "00000000-0000-0000-0000-00$ID"}};
  if (asked.path.ends_with("/invoke")) {
    list.emplace_back("X-Amzn-Bedrock-Input-Token-Count", "500");
    list.emplace_back("X-Amzn-Bedrock-Output-Token-Count", "64");
    list.emplace_back("X-Amzn-Bedrock-Invocation-Latency", "551");
  }
  return list;
}

constexpr Route kRoutes[] = {
    {"POST", "/model/*/converse", converse},
    {"POST", "/model/*/converse-stream", converse_stream},
    {"POST", "/model/*/invoke", invoke},
    {"POST", "/model/*/invoke-with-response-stream", invoke_stream},
};
constexpr Service kBedrock{"bedrock-runtime.*.amazonaws.com bedrock-runtime-fips.*.amazonaws.com", kRoutes,
                           error, headers};

}  // namespace

const Service& bedrock_service() { return kBedrock; }

}  // namespace llmo::test
