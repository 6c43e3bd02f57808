#include "shim/genai/content.h"

#include <catch2/catch.hpp>
#include <string>

#include "exporters/span/utf8.h"

#include "tests/unit/genai_content.h"

namespace llmo::genai {
namespace {

using Documents = std::vector<std::string_view>;

// However the bytes are cut, the same.
Captured read(BodyShape shape, std::string_view request, const Documents& response) {
  Captured whole = capture(shape, request, response);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 16U})
    CHECK(capture(shape, request, response, piece) == whole);
  return whole;
}
std::string input_of(BodyShape shape, std::string_view request) { return read(shape, request, {}).input; }
std::string output_of(BodyShape shape, const Documents& response) {
  return read(shape, "{}", response).output;
}

// --- OpenAI ----------------------------------------------------------------------------------------------

TEST_CASE("a chat's messages, tool calls and results are captured, images only named", "[content]") {
  const Captured found =
      read(BodyShape::kOpenAi, R"({"model":"m","messages":[
      {"role":"system","content":"Be \"kind\"."},
      {"role":"user","content":[{"type":"text","text":"What is é\u20ac?"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAAAAAA"}},
        {"type":"image_url","image_url":{"url":"https://u:p@x.org/a.png?sig=1#f"}},
        {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},
        {"type":"file","file":{"file_id":"file-1","file_data":"data:application/pdf;base64,AAAA"}}]},
      {"role":"assistant","content":null,"tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
        {"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c1","content":"42"}],
      "tools":[{"type":"function","function":{"name":"f"}}]})",
           {R"({"id":"r","choices":[{"index":0,"message":{"role":"assistant","content":"Hi",
                                   "reasoning_content":"hm"},"finish_reason":"stop"},
                                  {"index":1,"message":{"role":"assistant","tool_calls":[
                                   {"id":"c3","function":{"name":"f","arguments":"{\"b\":[]}"}}]}}]})"});
  CHECK(found.input ==
        "system |t~xBe \"kind\".\n"
        "user |t~xWhat is é€? |b~mimage/png |u~xhttps://x.org/a.png |b~maudio/wav |f~ifile-1\n"
        "assistant |c~ic1~nf~x{\"a\":1} |c~ic2~ng~x{}\n"
        "tool |o~ic1~x42");
  CHECK(found.output == "assistant |t~xHi |h~xhm\nassistant |c~ic3~nf~x{\"b\":[]}");
  CHECK(found.tools == R"([{"type":"function","function":{"name":"f"}}])");
  CHECK(found.system.empty());
  CHECK(found.omitted.empty());
}

TEST_CASE("the order of keys plays no part", "[content]") {
  CHECK(input_of(BodyShape::kOpenAi, R"({"messages":[{"content":[{"text":"a","type":"text"}],"role":"user"},
          {"content":"r","role":"tool","tool_call_id":"c"},
          {"role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"f"},"id":"c"}]}]})") ==
        "user |t~xa\ntool |o~ic~xr\nassistant |c~ic~nf~x{}");
  CHECK(
      output_of(BodyShape::kOpenAi,
                {R"({"choices":[{"delta":{"content":"b1"},"index":1},{"delta":{"content":"a"},"index":0}]})",
                 R"({"choices":[{"delta":{"content":"b2"},"index":1}]})"}) == " |t~xb1b2\n |t~xa");
}

TEST_CASE("the pieces of a stream are joined, each choice and each call by itself", "[content]") {
  CHECK(
      output_of(
          BodyShape::kOpenAi,
          {R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})",
           R"({"choices":[{"index":0,"delta":{"content":"He"}}]})",
           R"({"choices":[{"index":1,"delta":{"content":"X"}}]})",
           R"({"choices":[{"index":0,"delta":{"content":"llo"}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":""}}]}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}]}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"","function":{"arguments":"{}"}}]}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})",
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
           R"({"choices":[],"usage":{}})", "[DONE]"}) ==
      "assistant |t~xHello |c~ia~nf~x{\"x\":1} |c~ib~ng~x{}\n |t~xX");
}

TEST_CASE("the responses API is read, whole and as events", "[content]") {
  const Captured found =
      read(BodyShape::kOpenAi, R"({"instructions":"Be kind.","input":[
      {"role":"user","content":"q"},{"role":"user","content":[{"type":"input_text","text":"p"},
        {"type":"input_image","image_url":"data:image/jpeg;base64,AAAA"}]},
      {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
      {"type":"function_call_output","call_id":"c","output":"7"}]})",
           {R"({"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"A"}]},
      {"type":"function_call","id":"fc","call_id":"c2","name":"g","arguments":"{}"}],"text":{"format":{"type":"text"}}})"});
  CHECK(found.system == "system |t~xBe kind.");
  CHECK(found.input == "user |t~xq\nuser |t~xp |b~mimage/jpeg\nassistant |c~ic~nf~x{}\ntool |o~ic~x7");
  CHECK(found.output == "assistant |h~xhm |t~xA |c~ic2~ng~x{}");
  CHECK(input_of(BodyShape::kOpenAi, R"({"input":"one text"})") == "user |t~xone text");
}

constexpr std::string_view kEvents[] = {
    R"({"type":"response.created","response":{"output":[]}})",
    R"({"type":"response.output_item.added","output_index":0,"item":{"type":"message","role":"assistant","content":[]}})",
    R"({"type":"response.output_text.delta","output_index":0,"delta":"Hel"})",
    R"({"type":"response.output_text.delta","output_index":0,"delta":"lo"})",
    R"({"type":"response.output_text.done","output_index":0,"text":"Hello"})",
    R"({"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"c","name":"f"}})",
    R"({"delta":"{}","output_index":1,"type":"response.function_call_arguments.delta"})",
    R"({"type":"response.audio.delta","delta":"UklGRg=="})",
    R"({"type":"response.completed","response":{"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello!"}]}]}})",
};

TEST_CASE("a stream of responses that is cut has its pieces, a whole one its end", "[content]") {
  const Documents all{std::begin(kEvents), std::end(kEvents)};
  CHECK(output_of(BodyShape::kOpenAi, {all.begin(), all.end() - 1}) == " |t~xHello |c~ic~nf~x{}");
  CHECK(output_of(BodyShape::kOpenAi, all) == "assistant |t~xHello!");
}

TEST_CASE("completions, embeddings, images and transcriptions are read", "[content]") {
  CHECK(input_of(BodyShape::kOpenAi, R"({"prompt":"once"})") == "user |t~xonce");
  CHECK(input_of(BodyShape::kOpenAi, R"({"prompt":["a","b"]})") == "user |t~xa\nuser |t~xb");
  CHECK(input_of(BodyShape::kOpenAi, R"({"input":["a","b",[1,2],3]})") == "user |t~xa\nuser |t~xb");
  CHECK(output_of(BodyShape::kOpenAi, {R"({"choices":[{"text":"x","index":0}]})",
                                       R"({"choices":[{"text":"y","index":0}]})"}) == " |t~xxy");
  CHECK(output_of(BodyShape::kOpenAi, {R"({"text":"spoken"})"}) == " |t~xspoken");
  CHECK(output_of(BodyShape::kOpenAi, {R"({"data":[{"embedding":[0.1],"b64_json":"AAAA"}]})"}).empty());
}

// --- the others ------------------------------------------------------------------------------------------

TEST_CASE("Anthropic's blocks are read, whole and streamed", "[content]") {
  const Captured found = read(
      BodyShape::kAnthropic, R"({"system":[{"type":"text","text":"S1"},{"type":"text","text":"S2"}],
      "messages":[{"role":"user","content":"q"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"AAAA"},{"type":"text","text":"t"},
        {"type":"tool_use","id":"u1","name":"f","input":{"a": [1, "]"]}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"u1","content":[{"type":"text","text":"r1"},{"type":"text","text":"r2"}]},
        {"type":"tool_result","tool_use_id":"u2","content":"r3"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
        {"type":"image","source":{"type":"url","url":"https://x/y?z"}}]}],
      "tools":[{"name":"f","input_schema":{}}]})",
      {R"({"role":"assistant","content":[{"type":"text","text":"A"},{"type":"tool_use","id":"u3","name":"g","input":{}}]})"});
  CHECK(found.system == "system |t~xS1 |t~xS2");
  CHECK(found.input ==
        "user |t~xq\nassistant |h~xhm |t~xt |c~iu1~nf~x{\"a\": [1, \"]\"]}\n"
        "user |o~iu1~xr1\nr2 |o~iu2~xr3 |b~mimage/png |u~xhttps://x/y");
  CHECK(found.output == "assistant |t~xA |c~iu3~ng~x{}");
  CHECK(found.tools == R"([{"name":"f","input_schema":{}}])");
  CHECK(
      output_of(
          BodyShape::kAnthropic,
          {R"({"type":"message_start","message":{"role":"assistant","content":[]}})",
           R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
           R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
           R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
           R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"He"}})",
           R"({"type":"ping"})",
           R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"y"},"index":1})",
           R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"u","name":"f","input":{}}})",
           R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
           R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}})",
           R"({"type":"message_stop"})"}) == "assistant |h~xhm |t~xHey |c~iu~nf~x{\"a\":1}");
}

TEST_CASE("Gemini's contents are read, whole and streamed", "[content]") {
  const Captured found = read(
      BodyShape::kGemini, R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[
      {"role":"user","parts":[{"text":"q"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},
        {"fileData":{"mimeType":"video/mp4","fileUri":"gs://b/f"}}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"r":2}}}]}]})",
      {R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"A"}]},"index":0}]})",
       R"({"candidates":[{"content":{"role":"model","parts":[{"text":"B"},{"functionCall":{"name":"g","args":{}}}]}}]})"});
  CHECK(found.system == "system |t~xS");
  CHECK(found.input ==
        "user |t~xq |b~mimage/png |u~mvideo/mp4~xgs://b/f\nmodel |c~nf~x{\"a\":1}\nuser |o~nf~x{\"r\":2}");
  CHECK(found.output == "model |h~xhm |t~xAB |c~ng~x{}");
  CHECK(input_of(
            BodyShape::kGemini,
            R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]})") ==
        "user |t~xa\nuser |t~xb");
  CHECK(input_of(BodyShape::kGemini, R"({"content":{"parts":[{"text":"a"}]}})") == "user |t~xa");
}

TEST_CASE("Bedrock's converse is read, whole and streamed", "[content]") {
  const Captured found = read(BodyShape::kBedrockConverse, R"({"system":[{"text":"S"}],"messages":[
      {"role":"user","content":[{"text":"q"},{"image":{"format":"png","source":{"bytes":"AAAA"}}}]},
      {"role":"assistant","content":[{"toolUse":{"toolUseId":"u","name":"f","input":{"a":1}}}]},
      {"role":"user","content":[{"toolResult":{"toolUseId":"u","content":[{"json":{"r":1}},{"text":"r2"}]}}]}],
      "toolConfig":{"tools":[{"toolSpec":{"name":"f"}}]}})",
                              {R"({"output":{"message":{"role":"assistant","content":[{"text":"A"},
                                 {"toolUse":{"toolUseId":"v","name":"g","input":{}}}]}}})"});
  CHECK(found.system == "system |t~xS");
  CHECK(found.input == "user |t~xq |b~mimage/png\nassistant |c~iu~nf~x{\"a\":1}\nuser |o~iu~x{\"r\":1}\nr2");
  CHECK(found.output == "assistant |t~xA |c~iv~ng~x{}");
  CHECK(found.tools == R"([{"toolSpec":{"name":"f"}}])");
  CHECK(output_of(BodyShape::kBedrockConverse,
                  {R"({"role":"assistant"})", R"({"contentBlockIndex":0,"delta":{"text":"He"}})",
                   R"({"contentBlockIndex":0,"delta":{"text":"y"}})",
                   R"({"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"u","name":"f"}}})",
                   R"({"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}})",
                   R"({"stopReason":"tool_use"})"}) == "assistant |t~xHey |c~iu~nf~x{}");
  CHECK(output_of(BodyShape::kBedrockInvoke, {R"({"generation":"a"})", R"({"generation":"b"})"}) ==
        " |t~xab");
}

TEST_CASE("Cohere, Ollama and Hugging Face are read", "[content]") {
  CHECK(input_of(BodyShape::kCohere,
                 R"({"messages":[{"role":"user","content":"q"},{"role":"tool","tool_call_id":"c",
          "content":[{"type":"document","document":{"data":"{\"r\":1}"}}]}]})") ==
        "user |t~xq\ntool |o~ic~x{\"r\":1}");
  CHECK(
      output_of(
          BodyShape::kCohere,
          {R"({"type":"message-start","delta":{"message":{"role":"assistant"}}})",
           R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"He"}}}})",
           R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"y"}}}})",
           R"({"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","function":{"name":"f","arguments":""}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}})"}) ==
      "assistant |t~xHey |c~ic~nf~x{}");
  CHECK(input_of(BodyShape::kCohere, R"({"chat_history":[{"role":"USER","message":"a"}],"message":"b"})") ==
        "USER |t~xa\nuser |t~xb");
  CHECK(input_of(BodyShape::kOllama,
                 R"({"messages":[{"role":"user","content":"q","images":["AAAA","BBBB"]}]})") ==
        "user |t~xq |b~mimage |b~mimage");
  CHECK(
      output_of(
          BodyShape::kOllama,
          {R"({"message":{"role":"assistant","content":"He"}})", R"({"message":{"content":"y"}})",
           R"({"message":{"content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":true})"}) ==
      "assistant |t~xHey |c~nf~x{\"a\":1}");
  CHECK(output_of(BodyShape::kOllama, {R"({"response":"He"})", R"({"response":"y"})"}) == " |t~xHey");
  CHECK(output_of(BodyShape::kHuggingFace, {R"([{"generated_text":"A"}])"}) == " |t~xA");
  CHECK(output_of(BodyShape::kHuggingFace, {R"({"token":{"text":"A"},"generated_text":null})",
                                            R"({"token":{"text":"B"},"generated_text":"AB"})"}) == " |t~xAB");
}

TEST_CASE("nothing is captured of a database or of a body that is not read", "[content]") {
  for (const BodyShape shape :
       {BodyShape::kNone, BodyShape::kPinecone, BodyShape::kQdrant, BodyShape::kMilvus}) {
    const Captured found =
        read(shape, R"({"messages":[{"role":"user","content":"q"}],"input":"x"})", {R"({"text":"x"})"});
    CHECK(found == Captured{});
  }
}

// --- bounds ----------------------------------------------------------------------------------------------

std::string message(std::string_view role, std::string_view text) {
  return R"({"role":")" + std::string{role} + R"(","content":")" + std::string{text} + R"("})";
}
std::string chat(const std::vector<std::string>& messages) {
  std::string body = R"({"messages":[)";
  for (const std::string& item : messages) body += (body.back() == '[' ? "" : ",") + item;
  return body + "]}";
}

TEST_CASE("a prompt of ten megabytes is cut at a character and marked, the question after it stays",
          "[content]") {
  std::string prompt;
  for (int at = 0; at < 2'500'000; ++at) prompt += "é ";
  const std::string body =
      chat({message("system", "Be kind."), message("user", prompt), message("user", "And?")});
  ContentCapture content;
  content.begin(match_of(BodyShape::kOpenAi));
  feed(content.request(), body, 4096);
  const Captured found = captured(&content);
  CHECK(found.input.size() < kMaxMessagesSize + 100);
  CHECK(found.input.size() > kMaxMessagesSize - 100);
  CHECK(found.input.starts_with("system |t~xBe kind.\nuser |t~xé é é"));
  CHECK(found.input.ends_with("~!\nuser |t~xAnd?"));
  CHECK(llmo::valid_utf8(found.input) == found.input);
  CHECK(found.omitted.empty());
}

TEST_CASE("of a long conversation the instructions and the last messages stay, the others are counted",
          "[content]") {
  std::vector<std::string> messages{message("system", "Be kind.")};
  for (int at = 0; at < 1000; ++at)
    messages.push_back(message("user", std::to_string(at) + std::string(500, 'x')));
  const Captured found = capture(BodyShape::kOpenAi, chat(messages), {});
  CHECK(found.input.starts_with("system |t~xBe kind.\nuser |t~x"));
  CHECK(found.input.ends_with("\nuser |t~x999" + std::string(500, 'x')));
  CHECK(found.input.find("~!") != found.input.npos);
  const auto shown = static_cast<std::size_t>(std::count(found.input.begin(), found.input.end(), '\n'));
  CHECK(shown >= 15);
  CHECK(found.omitted == std::to_string(1000 - shown));
}

TEST_CASE("the first message that is shown may be cut, with its kind and its ids kept", "[content]") {
  std::vector<std::string> messages{
      R"({"role":"tool","tool_call_id":"call_1","content":")" + std::string(8000, 'x') + R"("})",
      message("user", std::string(7000, 'y'))};
  const Captured found = capture(BodyShape::kOpenAi, chat(messages), {});
  CHECK(found.input.starts_with("tool |o~icall_1~xxxx"));
  CHECK(found.input.find("x~!\nuser |t~xyyy") != found.input.npos);
}

TEST_CASE("instructions and tools outside the conversation have limits of their own", "[content]") {
  const std::string big(100'000, 's');
  const Captured found =
      capture(BodyShape::kAnthropic,
              R"({"system":")" + big + R"(","tools":[{"name":")" + big + R"("}],"messages":[]})", {});
  CHECK(found.system.size() < kMaxSystemSize + 50);
  CHECK(found.system.ends_with("s~!"));
  CHECK(found.tools.size() <= kMaxToolsSize);
  CHECK(found.tools.ends_with("~!"));
}

TEST_CASE("a long answer is cut, also when it streams, and calls of tools are named all the same",
          "[content]") {
  ContentCapture content;
  content.begin(match_of(BodyShape::kOpenAi));
  for (int at = 0; at < 100'000; ++at) {
    feed(content.response(), R"({"choices":[{"index":0,"delta":{"content":"word "}}]})", 4096);
  }
  feed(
      content.response(),
      R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}}]})",
      4096);
  const std::string output = captured(&content).output;
  CHECK(output.size() <= kMaxMessagesSize + 10);
  CHECK(output.size() > kMaxMessagesSize - 200);
  CHECK(output.find("~! |c~ic~nf") != output.npos);
}

TEST_CASE("parts and choices without end take no memory without end", "[content]") {
  std::string parts;
  for (int at = 0; at < 10'000; ++at) parts += R"({"type":"text","text":"p"},)";
  const Captured many =
      capture(BodyShape::kOpenAi, R"({"messages":[{"role":"user","content":[)" + parts + R"({}]}]})", {});
  CHECK(many.input.size() < 1000);
  CHECK(many.input.ends_with("~!"));
  std::string choices;
  for (int at = 0; at < 10'000; ++at) choices += R"({"message":{"content":"c"}},)";
  CHECK(capture(BodyShape::kOpenAi, "{}", {R"({"choices":[)" + choices + "{}]}"}).output.size() < 1000);
}

// --- hostile and cut bodies ------------------------------------------------------------------------------

TEST_CASE("the marks of our own format cannot be forged", "[content]") {
  CHECK(input_of(BodyShape::kOpenAi,
                 R"({"messages":[{"role":"us\u001eer","content":"a\u001e\u001d\u001f\u001cb"}]})") ==
        "us er |t~xa    b");
}

TEST_CASE("a body that is cut or no JSON keeps what was seen", "[content]") {
  CHECK(input_of(BodyShape::kOpenAi, R"({"messages":[{"role":"user","content":"never en)") ==
        "user |t~xnever en");
  CHECK(input_of(BodyShape::kOpenAi, R"({"messages":[{"role":"user","content":"a"},,,)") == "user |t~xa");
  CHECK(input_of(BodyShape::kOpenAi, R"({"messages":{"role":"user"},"input":7,"prompt":null,"tools":"x"})")
            .empty());
  CHECK(input_of(BodyShape::kOpenAi, "\xff\xfe{").empty());
  CHECK(input_of(BodyShape::kOpenAi,
                 R"({"messages":[[],"text",{"content":{"text":"x"}},{"content":[[{"text":"y"}]]}]})")
            .empty());
}

TEST_CASE("a body that is sent twice is captured once", "[content]") {
  ContentCapture content;
  content.begin(match_of(BodyShape::kOpenAi));
  feed(content.request(), chat({message("user", "a")}), 5);
  feed(content.request(), chat({message("user", "a")}), 5);
  CHECK(captured(&content).input == "user |t~xa");
  content.begin(match_of(BodyShape::kOpenAi));
  CHECK(captured(&content) == Captured{});
}

// --- secrets ---------------------------------------------------------------------------------------------

TEST_CASE("keys never leave with the content, however they are cut or escaped", "[content]") {
  CHECK(
      input_of(BodyShape::kOpenAi, chat({message("user", "my key is \\u0073k-proj-abcdefghijklmnop ok")})) ==
      "user |t~xmy key is REDACTED ok");
  CHECK(output_of(BodyShape::kOpenAi, {R"({"choices":[{"delta":{"content":"it is sk-pr"}}]})",
                                       R"({"choices":[{"delta":{"content":"oj-abcdef"}}]})",
                                       R"({"choices":[{"delta":{"content":"ghijklmnop."}}]})"}) ==
        " |t~xit is REDACTED.");
  const Captured found =
      read(BodyShape::kAnthropic, R"({"system":"token=abc123","tools":[{"name":"f","api_key":"hush"}],
      "messages":[{"role":"user","content":[{"type":"tool_use","id":"u","name":"f","input":{"password":"hush","n":1}},
      {"type":"tool_result","tool_use_id":"u","content":"Authorization: Basic aHVzaA=="}]}]})",
           {});
  CHECK(found.system == "system |t~xtoken=REDACTED");
  CHECK(found.tools == R"([{"name":"f","api_key":"REDACTED"}])");
  CHECK(found.input == "user |c~iu~nf~x{\"password\":\"REDACTED\",\"n\":1} |o~iu~xAuthorization: REDACTED");
}

TEST_CASE("a cut never leaves half a key", "[content]") {
  const std::string key = "sk-proj-abcdefghijklmnopqrstuvwxyz";
  for (std::size_t at = 0; at < key.size() + 4; ++at) {
    const std::string text = std::string(kMaxContent - at - 1, '.') + " " + key;
    const Captured found = capture(BodyShape::kOpenAi, chat({message("user", text)}), {});
    CHECK(found.input.find("sk-") == found.input.npos);
  }
}

}  // namespace
}  // namespace llmo::genai
