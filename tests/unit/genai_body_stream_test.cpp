#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

std::string gzipped(std::string_view text) { return deflated(text, 31); }

const ApiMatch kChat = model_call(BodyShape::kOpenAi);
constexpr std::string_view kJson =
    R"({"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})";
constexpr std::string_view kStream =
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}"
    "\n\ndata: [DONE]\n\n";

TEST_CASE("a compressed body says what the plain one says", "[body_stream]") {
  const Attributes plain = answer_of(kChat, kJson);
  CHECK(plain.at("gen_ai.response.id") == "c");
  CHECK(answer_of(kChat, gzipped(kJson), {.encoding = "gzip"}) == plain);
  CHECK(answer_of(kChat, gzipped(kStream), {.type = "text/event-stream", .encoding = "GZIP"}) ==
        answer_of(kChat, kStream, kSse));
  CHECK(answer_of(model_call(BodyShape::kBedrockConverse),
                  gzipped(aws_event("messageStop", R"({"stopReason":"end_turn"})")),
                  {.type = "application/vnd.amazon.eventstream", .encoding = "gzip"})
            .at("gen_ai.response.finish_reasons") == "[end_turn]");
}

TEST_CASE("what cannot be decoded is not read", "[body_stream]") {
  CHECK(answer_of(kChat, kJson, {.encoding = "br"}).empty());
  CHECK(answer_of(kChat, kJson, {.encoding = "zstd"}).empty());
  CHECK(answer_of(kChat, kJson, {.encoding = "gzip"}).empty());
  CHECK(answer_of(kChat, gzipped(kJson), {.encoding = "gzip, br"}).empty());
}

TEST_CASE("a content type that is wrong does not hide the body", "[body_stream]") {
  const Attributes plain = answer_of(kChat, kJson);
  for (const std::string_view type : {"", "text/plain", "text/event-stream", "text/html; charset=utf-8"})
    CHECK(answer_of(kChat, kJson, {.type = type}) == plain);
  const Attributes stream = answer_of(kChat, kStream, kSse);
  for (const std::string_view type : {"", "application/json", "TEXT/Event-Stream;charset=UTF-8"})
    CHECK(answer_of(kChat, kStream, {.type = type}) == stream);
}

TEST_CASE("sounds, pictures and pages are not read", "[body_stream]") {
  CHECK(answer_of(kChat, kJson, {.type = "Audio/mpeg"}).empty());
  CHECK(answer_of(kChat, kJson, {.type = "application/octet-stream"}).empty());
  CHECK(answer_of(kChat, "<html>data: {}</html>", {.type = "text/html"}).empty());
  CHECK(answer_of(model_call(BodyShape::kNone), kJson).empty());
}

// What a listener hears: `<` document `>`.
class Listener final : public DocumentSink {
 public:
  void on_document_begin() override { text += "<"; }
  void on_document_bytes(std::string_view bytes) override { text += bytes; }
  void on_document_end() override { text += ">"; }
  std::string text;
};

std::string heard(const ApiMatch& match, std::string_view body, const Answer& answer = {}) {
  std::string whole;
  std::size_t different = 0;
  for (const Pieces& pieces : many_cuts_of(body)) {
    ResponseFacts facts;
    Listener listener;
    facts.listen(&listener);
    facts.begin(
        match,
        {.content_type = answer.type, .content_encoding = answer.encoding, .http_status = answer.status});
    for (const std::string_view piece : pieces) facts.feed(piece);
    facts.finish(true);
    if (whole.empty()) whole = listener.text;
    different += listener.text != whole ? 1U : 0U;
  }
  CHECK(different == 0);
  return whole;
}

TEST_CASE("a listener hears each document, without its framing", "[body_stream]") {
  CHECK(heard(kChat, kJson) == "<" + std::string{kJson} + ">");
  CHECK(heard(kChat, gzipped(kJson), {.encoding = "gzip"}) == "<" + std::string{kJson} + ">");
  CHECK(heard(kChat, "\r\n \n{}") == "<{}>");
  CHECK(heard(kChat, " data: {}\n\n", kSse) == "<{}>");
  CHECK(heard(kChat, "event: x\ndata: {\"a\":\ndata: 1}\n\ndata:{}\n\n", kSse) == "<{\"a\":\n1}><{}>");
  CHECK(heard(model_call(BodyShape::kOllama), "{\"a\":1}\n{\"b\":2}\n", kNdjson) == "<{\"a\":1}><{\"b\":2}>");
  CHECK(heard(model_call(BodyShape::kGemini), "[{\"a\":1},\n{\"b\":2}]") == "<{\"a\":1}><{\"b\":2}>");
  CHECK(heard(model_call(BodyShape::kBedrockInvoke), aws_chunk("{\"a\":1}") + aws_chunk("{}"), kAwsEvents) ==
        "<{\"a\":1}><{}>");
}

TEST_CASE("a listener hears the request", "[body_stream]") {
  RequestFacts facts;
  Listener listener;
  facts.listen(&listener);
  facts.begin(kChat);
  facts.feed(R"({"model":)");
  facts.feed(R"("m"})");
  CHECK(listener.text == R"(<{"model":"m"})");
  facts.begin(kChat);
  facts.feed("{}");
  CHECK(listener.text == R"(<{"model":"m"}<{})");
}

TEST_CASE("fields before and after an answer of ten megabytes are seen", "[body_stream]") {
  const std::string content(10U << 20, 'x');
  const auto read = [](const ApiMatch& match, const std::string& body, const Answer& answer) {
    Pieces pieces;
    for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(pieces.back().size()))
      pieces.push_back(rest.substr(0, 16384));
    return answer_in_pieces(match, pieces, answer);
  };
  const std::string openai = R"({"id":"c","choices":[{"message":{"content":")" + content +
                             R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}})";
  const Attributes expected{{"gen_ai.response.id", "c"},
                            {"gen_ai.response.finish_reasons", "[stop]"},
                            {"gen_ai.usage.input_tokens", "3"}};
  CHECK(read(kChat, openai, {}) == expected);
  CHECK(read(kChat, gzipped(openai), {.encoding = "gzip"}) == expected);
  const std::string ollama = R"({"model":"m","response":")" + content + R"(","done":false})" +
                             "\n{\"done\":true,\"eval_count\":9}\n";
  CHECK(read(model_call(BodyShape::kOllama), ollama, kNdjson).at("gen_ai.usage.output_tokens") == "9");
  const std::string invoke = aws_chunk(R"({"generation":")" + content + R"(","prompt_token_count":4})");
  CHECK(read(model_call(BodyShape::kBedrockInvoke), invoke, kAwsEvents).at("gen_ai.usage.input_tokens") ==
        "4");
}

TEST_CASE("hostile JSON is survived, and what is right in it counts", "[body_stream]") {
  const std::string deep(200'000, '[');
  CHECK(answer_in_pieces(kChat, {R"({"id":"c","x":)", deep}, {}).at("gen_ai.response.id") == "c");
  CHECK(answer_of(kChat, R"({"usage":{"prompt_tokens":1e999,"completion_tokens":99999999999999999999}})")
            .empty());
  CHECK(answer_of(kChat, R"({"usage":{"prompt_tokens":NaN}})").empty());
  CHECK(answer_of(kChat, R"({"id":"a","id":"b","usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}})") ==
        Attributes{{"gen_ai.response.id", "b"}, {"gen_ai.usage.input_tokens", "2"}});
  CHECK(answer_of(kChat, "{\"id\":\"\xff\xfe\",\"model\":\"\\u00e9\\ud83d\\ude00\"}")
            .at("gen_ai.response.model") == "é😀");
  CHECK(answer_of(kChat, R"({"usage":{"prompt_tokens":11.0,"completion_tokens":1.5}})") ==
        Attributes{{"gen_ai.usage.input_tokens", "11"}});
}

}  // namespace
}  // namespace llmo::genai
