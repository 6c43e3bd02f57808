#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

const ApiMatch kGenerate = model_call(BodyShape::kHuggingFace, "text_completion");

TEST_CASE("a request to text-generation-inference", "[bodies][hugging_face]") {
  CHECK(request_of(kGenerate, R"({"inputs":"My name is","parameters":{"max_new_tokens":20,"temperature":0.5,
      "top_k":10,"top_p":0.95,"seed":3,"stop":["photographer"],"details":true},"stream":true})") ==
        Attributes{{"gen_ai.request.max_tokens", "20"},
                   {"gen_ai.request.temperature", "0.5"},
                   {"gen_ai.request.top_k", "10"},
                   {"gen_ai.request.top_p", "0.95"},
                   {"gen_ai.request.seed", "3"},
                   {"gen_ai.request.stop_sequences", "[photographer]"},
                   {"gen_ai.request.stream", "true"}});
}

TEST_CASE("text-generation-inference tells details where it is asked for them", "[bodies][hugging_face]") {
  constexpr std::string_view kAnswer =
      R"({"generated_text":"x","details":{"finish_reason":"length","generated_tokens":20,"seed":42,"prefill":[],"tokens":[]}})";
  const Attributes expected{{"gen_ai.response.finish_reasons", "[length]"},
                            {"gen_ai.usage.output_tokens", "20"}};
  CHECK(answer_of(kGenerate, kAnswer) == expected);
  CHECK(answer_of(kGenerate, "[" + std::string{kAnswer} + "]") == expected);
  CHECK(answer_of(kGenerate, R"([{"generated_text":"x"}])").empty());
}

constexpr std::string_view kTokens =
    R"(data:{"index":1,"token":{"id":264,"text":" Hé","logprob":-1.5,"special":false},"generated_text":null,"details":null}

)";

TEST_CASE("a stream of text-generation-inference has details in its last event", "[bodies][hugging_face]") {
  CHECK(
      answer_of(
          kGenerate,
          std::string{kTokens} +
              R"(data:{"index":2,"token":{"id":2,"text":"</s>","logprob":-0.1,"special":true},"generated_text":" Hé","details":{"finish_reason":"eos_token","generated_tokens":2,"input_length":5,"seed":null}}

)",
          kSse) == Attributes{{"gen_ai.response.finish_reasons", "[eos_token]"},
                              {"gen_ai.usage.input_tokens", "5"},
                              {"gen_ai.usage.output_tokens", "2"},
                              {"chunks", "2"},
                              {"content", "started"}});
  CHECK(answer_of(kGenerate, kTokens, kSse).at("gen_ai.response.finish_reasons") == "[error]");
}

TEST_CASE("errors of Hugging Face's hosts", "[bodies][hugging_face]") {
  CHECK(answer_of(kGenerate, R"({"error":"Input validation error","error_type":"validation"})",
                  {.status = 422}) ==
        Attributes{{"error.type", "validation"}, {"status", "2 Input validation error"}});
  CHECK(answer_of(kGenerate, R"({"error":["Error in `inputs`"],"estimated_time":20.0})", {.status = 503}) ==
        Attributes{{"status", "2 Error in `inputs`"}});
  const Attributes late = answer_of(
      kGenerate,
      std::string{kTokens} + "data:{\"error\":\"Request failed\",\"error_type\":\"generation\"}\n\n", kSse);
  CHECK(late.at("error.type") == "generation");
  CHECK(late.at("gen_ai.response.finish_reasons") == "[error]");
}

}  // namespace
}  // namespace llmo::genai
