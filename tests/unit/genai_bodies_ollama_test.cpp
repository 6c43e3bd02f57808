#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

const ApiMatch kChat = model_call(BodyShape::kOllama);
const ApiMatch kGenerate = model_call(BodyShape::kOllama, "text_completion");

TEST_CASE("an Ollama request streams unless it says otherwise", "[bodies][ollama]") {
  CHECK(request_of(kChat, R"({"model":"llama3.2","messages":[],"options":{"temperature":0.8,"top_p":0.9,
      "top_k":40,"num_predict":100,"seed":42,"stop":["\n","user:"]},"format":"json","think":"high"})") ==
        Attributes{{"gen_ai.request.model", "llama3.2"},
                   {"gen_ai.request.temperature", "0.8"},
                   {"gen_ai.request.top_p", "0.9"},
                   {"gen_ai.request.top_k", "40"},
                   {"gen_ai.request.max_tokens", "100"},
                   {"gen_ai.request.seed", "42"},
                   {"gen_ai.request.stop_sequences", "[\n|user:]"},
                   {"gen_ai.request.reasoning.level", "high"},
                   {"gen_ai.request.stream", "true"},
                   {"gen_ai.output.type", "json"}});
  CHECK(request_of(kGenerate, R"({"model":"m","stream":false,"options":{"num_predict":-1},"think":true})") ==
        Attributes{{"gen_ai.request.model", "m"}});
  CHECK(request_of(model_call(BodyShape::kOllama, "embeddings"), R"({"model":"m","input":"x"})") ==
        Attributes{{"gen_ai.request.model", "m"}});
  CHECK(request_of(kChat, "").empty());
}

TEST_CASE("an Ollama request may ask for JSON by a schema", "[bodies][ollama]") {
  CHECK(request_of(kChat,
                   R"({"stream":false,"format":{"type":"object","properties":{"a":{"type":"text"}}}})") ==
        Attributes{{"gen_ai.output.type", "json"}});
}

TEST_CASE("an Ollama answer", "[bodies][ollama]") {
  CHECK(answer_of(kChat,
                  R"({"model":"llama3.2","created_at":"2023-12-12T14:13:43Z","message":{"role":"assistant",
      "content":"","tool_calls":[{"function":{"name":"get_weather","arguments":{"city":"Paris"}}}]},
      "done_reason":"stop","done":true,"total_duration":5191566416,"prompt_eval_count":26,"eval_count":298})") ==
        Attributes{{"gen_ai.response.model", "llama3.2"},
                   {"gen_ai.response.finish_reasons", "[stop]"},
                   {"gen_ai.usage.input_tokens", "26"},
                   {"gen_ai.usage.output_tokens", "298"},
                   {"llmobserve.tool_calls", "[get_weather]"}});
}

constexpr std::string_view kLines =
    R"({"model":"m","created_at":"2023","message":{"role":"assistant","content":"Hé"},"done":false}
{"model":"m","created_at":"2023","message":{"role":"assistant","content":"llo"},"done":false}
)";

TEST_CASE("an Ollama stream is a document a line, the last one with the counts", "[bodies][ollama]") {
  CHECK(
      answer_of(
          kChat,
          std::string{kLines} +
              R"({"model":"m","message":{"role":"assistant","content":""},"done_reason":"length","done":true,"prompt_eval_count":5,"eval_count":2})"
              "\n",
          kNdjson) == Attributes{{"gen_ai.response.model", "m"},
                                 {"gen_ai.response.finish_reasons", "[length]"},
                                 {"gen_ai.usage.input_tokens", "5"},
                                 {"gen_ai.usage.output_tokens", "2"},
                                 {"chunks", "3"},
                                 {"content", "started"}});
  const Attributes cut = answer_of(kChat, std::string{kLines} + R"({"model":"m","mess)", kNdjson);
  CHECK(cut.at("gen_ai.response.finish_reasons") == "[error]");
}

TEST_CASE("one document under the type of a stream is read all the same", "[bodies][ollama]") {
  const Attributes found = answer_of(kGenerate,
                                     "{\n  \"model\": \"m\",\n  \"response\": \"x\",\n  \"done\": true,\n"
                                     "  \"eval_count\": 3\n}\n",
                                     kNdjson);
  CHECK(found.at("gen_ai.usage.output_tokens") == "3");
  CHECK(found.at("chunks") == "1");
  CHECK(found.count("gen_ai.response.finish_reasons") == 0);
}

TEST_CASE("Ollama's embeddings and errors", "[bodies][ollama]") {
  CHECK(
      answer_of(
          model_call(BodyShape::kOllama, "embeddings"),
          R"({"model":"all-minilm","embeddings":[[0.01,-0.001]],"total_duration":14143917,"prompt_eval_count":8})") ==
      Attributes{{"gen_ai.response.model", "all-minilm"}, {"gen_ai.usage.input_tokens", "8"}});
  CHECK(answer_of(kChat, R"({"error":"model 'x' not found"})", {.status = 404}) ==
        Attributes{{"status", "2 model 'x' not found"}});
  const Attributes late = answer_of(kChat, std::string{kLines} + "{\"error\":\"unexpected EOF\"}\n", kNdjson);
  CHECK(late.at("error.type") == "_OTHER");
  CHECK(late.at("status") == "2 unexpected EOF");
  CHECK(late.at("gen_ai.response.finish_reasons") == "[error]");
}

}  // namespace
}  // namespace llmo::genai
