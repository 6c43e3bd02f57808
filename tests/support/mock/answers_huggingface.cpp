// Hugging Face: text-generation-inference's own API (https://huggingface.co/docs/text-generation-inference)
// and what it has beside it on inference endpoints; 812 input tokens, 96 output tokens.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

constexpr const char* kDetails =
    R"({"finish_reason":"length","generated_tokens":96,"input_length":812,"seed":null,"prefill":[],"tokens":[]})";

std::string token(int index, const std::string& text, const std::string& end) {
  return R"({"index":)" + std::to_string(index) + R"(,"token":{"id":5380,"text":")" + text +
         R"(","logprob":-0.23,"special":false},)" + end + "}";
}

Answer stream(const Asked& asked) {
  std::vector<std::string> events;
  int index = 0;
  for (const std::string& word : words_of(asked))
    events.push_back("data:" + token(++index, word, R"("generated_text":null,"details":null)") + "\n\n");
  events.push_back(
      "data:" + token(++index, ".", std::string(R"("generated_text":"$TEXT","details":)") + kDetails) +
      "\n\n");
  fail_stream(asked, events, 1,
              std::string(R"(data:{"error":")") + kErrorMessage + "\",\"error_type\":\"generation\"}\n\n");
  return sse_answer(std::move(events));
}

std::string generated() { return std::string(R"({"generated_text":"$TEXT","details":)") + kDetails + "}"; }

Answer generate(const Asked&) { return json_answer(generated()); }
// The same under the root: an answer or, where asked for, a stream.
Answer either(const Asked& asked) {
  return asked.stream ? stream(asked) : json_answer("[" + generated() + "]");
}

Answer error(const Asked&, int status) {
  const char* const type = status == 422 ? "validation" : status == 429 ? "overloaded" : "generation";
  return json_answer(std::string(R"({"error":")") + kErrorMessage + R"(","error_type":")" + type + R"("})",
                     status);
}

Headers headers(const Asked&) {
  return {{"x-request-id", "$ID"},
          {"x-compute-type", "gpu+optimized"},
          {"x-prompt-tokens", "812"},
          {"x-generated-tokens", "96"},
          {"x-total-time", "551"}};
}

constexpr Route kRoutes[] = {
    {"POST", "/generate", generate},
    {"POST", "/generate_stream", stream},
    {"POST", "/models/*", either},
    {"POST", "/hf-inference/models/*/v1/chat/completions", openai_chat},
    {"POST", "/hf-inference/models/*", either},
    {"POST", "/v1/chat/completions", openai_chat},
    {"POST", "/", either},
};
constexpr Service kHuggingFace{
    "api-inference.huggingface.co router.huggingface.co *.endpoints.huggingface.cloud", kRoutes, error,
    headers};

}  // namespace

const Service& huggingface_service() { return kHuggingFace; }

}  // namespace llmo::test
