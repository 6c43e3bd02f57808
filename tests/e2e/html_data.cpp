#include "tests/e2e/html_data.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace llmo::test {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1'790'000'000 * kSecond;

std::string quoted(const std::string& text) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> json(out);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return out.GetString();
}

std::string attribute(const std::string& key, const std::string& value) {
  return "{\"key\":" + quoted(key) + ",\"value\":" + value + "}";
}
std::string text(const std::string& key, const std::string& value) {
  return attribute(key, "{\"stringValue\":" + quoted(value) + "}");
}
std::string number(const std::string& key, std::int64_t value) {
  return attribute(key, "{\"intValue\":\"" + std::to_string(value) + "\"}");
}
std::string real(const std::string& key, double value) {
  return attribute(key, "{\"doubleValue\":" + std::to_string(value) + "}");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

std::string span_id(std::uint64_t number) {
  std::string digits = "0000000000000000";
  for (std::size_t at = 16; number != 0; number >>= 4) digits[--at] = "0123456789abcdef"[number & 15];
  return digits;
}

struct Made {
  std::string trace;
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  std::string name;
  std::uint64_t start = kStart;
  std::uint64_t end = kStart;
  std::vector<std::string> attributes{};
  int kind = 1;
  bool failed = false;
  std::string more{};  // members, as JSON, each with a comma before it
};

std::string json_of(const Made& span) {
  return "{\"traceId\":\"" + span.trace + "\",\"spanId\":\"" + span_id(span.id) + "\",\"parentSpanId\":\"" +
         (span.parent == 0 ? "" : span_id(span.parent)) + "\",\"name\":" + quoted(span.name) +
         ",\"kind\":" + std::to_string(span.kind) + ",\"startTimeUnixNano\":\"" + std::to_string(span.start) +
         "\",\"endTimeUnixNano\":\"" + std::to_string(span.end) + "\",\"attributes\":[" +
         joined(span.attributes) + "],\"status\":{" +
         (span.failed ? "\"code\":2,\"message\":\"Slow down, please\"" : "") + "}" + span.more + "}";
}

std::string line_of(const std::vector<std::string>& spans, const std::string& service = "shop",
                    int pid = 4000) {
  return "{\"resourceSpans\":[{\"resource\":{\"attributes\":[" +
         joined({text("service.name", service), number("process.pid", pid), text("host.name", "vm")}) +
         "]},\"scopeSpans\":[{\"scope\":{\"name\":\"llmobserve\"},\"spans\":[" + joined(spans) + "]}]}]}\n";
}

std::vector<std::string> model_call(const std::string& provider, const std::string& model, int input,
                                    int output, double usd) {
  return {text("http.request.method", "POST"),        text("gen_ai.operation.name", "chat"),
          text("gen_ai.provider.name", provider),     text("gen_ai.request.model", model),
          number("gen_ai.usage.input_tokens", input), number("gen_ai.usage.output_tokens", output),
          real("llmobserve.cost.usd", usd),           number("thread.id", 4000)};
}

Made streamed_call() {
  Made span{kResearchTrace,
            3,
            2,
            "llm.request",
            kStart + kSecond / 5,
            kStart + kSecond * 9 / 10,
            model_call("openai", "gpt-4o-mini", 812, 96, 0.00016),
            3};
  span.attributes.push_back(real("llmobserve.stream.first_token_seconds", 0.2));
  span.attributes.push_back(text("gen_ai.response.id", "resp-7f3a91"));
  span.attributes.push_back(
      text("gen_ai.input.messages", R"([{"role":"user","parts":[{"type":"text","content":"why?"}]}])"));
  return span;
}

Made failed_call() {
  Made span{kResearchTrace,
            4,
            1,
            "llm.request",
            kStart + kSecond,
            kStart + kSecond * 13 / 10,
            {text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "anthropic"),
             text("gen_ai.request.model", "claude-sonnet-4-5"), number("http.response.status_code", 429),
             text("error.type", "rate_limit_error"), number("thread.id", 4001)},
            3,
            true};
  span.more = ",\"events\":[{\"timeUnixNano\":\"" + std::to_string(kStart + kSecond * 12 / 10) +
              "\",\"name\":\"exception\",\"attributes\":[" +
              joined({text("exception.type", "acme::Busy"), text("exception.message", "try later"),
                      text("exception.stacktrace", "at ask (agent.cpp:77)\nat main (agent.cpp:9)")}) +
              "]}]";
  return span;
}

Made linked_span() {
  Made span{kResearchTrace,
            5,
            1,
            "workflow.handle_message",
            kStart + kSecond * 14 / 10,
            kStart + kSecond * 16 / 10,
            {number("thread.id", 4001)}};
  span.more = std::string(",\"links\":[{\"traceId\":\"") + kIngestTrace + "\",\"spanId\":\"" + span_id(11) +
              "\",\"attributes\":[" + text("messaging.message.id", "m-1") +
              "]},{\"traceId\":\"cccccccccccccccccccccccccccccccc\",\"spanId\":\"" + span_id(99) + "\"}]";
  return span;
}

// What a browser would run if it ever took a text for markup, an address or a script.
const std::vector<std::string>& harmful_texts() {
  static const std::vector<std::string> texts = {
      "</script><script>window.pwned=1</script>",
      "<img src=x onerror=\"window.pwned=2\">",
      "--></style><svg/onload=window.pwned=3>",
      "javascript:window.pwned=4",
      "\"'`;window.pwned=5;//",
      "\xe2\x80\xa8window.pwned=6\xe2\x80\xa9",
      std::string("nul\0nul", 7),
      "__proto__",
      "constructor",
      "{{script}}{{nonce}}",
      "${window.pwned=7}",
      std::string("\xe2\x80\xae") + "drow neddih",
      "\x1b[31mred\x07",
      std::string(200'000, 'w'),
  };
  return texts;
}

}  // namespace

std::string agent_traces() {
  Made open{kResearchTrace,
            6,
            1,
            "workflow.answer",
            kStart + kSecond * 17 / 10,
            kStart + kSecond * 2,
            {number("thread.id", 4000), attribute("llmobserve.open", "{\"boolValue\":true}")}};
  const std::vector<std::string> research = {
      json_of({kResearchTrace,
               1,
               0,
               "workflow.research",
               kStart,
               kStart + kSecond * 2,
               {number("thread.id", 4000)}}),
      json_of({kResearchTrace,
               2,
               1,
               "workflow.plan",
               kStart + kSecond / 10,
               kStart + kSecond,
               {number("thread.id", 4000), text("code.file.path", "/src/plan.cpp")}}),
      json_of(streamed_call()),
      json_of(failed_call()),
      json_of(linked_span()),
      json_of(open)};
  const std::uint64_t before = kStart - 60 * kSecond;
  const std::vector<std::string> ingest = {
      json_of(
          {kIngestTrace, 10, 0, "workflow.ingest", before, before + kSecond / 2, {number("thread.id", 7)}}),
      json_of({kIngestTrace,
               11,
               10,
               "publish tasks",
               before + kSecond / 10,
               before + kSecond / 5,
               {number("thread.id", 7)},
               4})};
  return line_of(ingest, "loader", 5000) + line_of(research);
}

std::string many_traces(int traces, int spans) {
  std::string lines;
  std::uint64_t id = 0;
  for (int trace = 0; trace < traces; ++trace) {
    const std::string trace_id = span_id(0xfeed) + span_id(static_cast<std::uint64_t>(trace) + 1);
    const std::uint64_t start = kStart + static_cast<std::uint64_t>(trace) * kSecond;
    const std::uint64_t root = ++id;
    std::vector<std::string> made = {
        json_of({trace_id, root, 0, "workflow.run", start, start + kSecond * 2, {number("thread.id", 1)}})};
    for (int span = 1; span < spans; ++span) {
      const std::uint64_t from = start + static_cast<std::uint64_t>(span) * 10'000'000;
      Made call{trace_id,
                ++id,
                root,
                "llm.request",
                from,
                from + 50'000'000,
                model_call("openai", "gpt-4o", span, 9, 0.001),
                3};
      call.attributes.push_back(text("gen_ai.response.id", "resp-" + std::to_string(id)));
      if (trace == traces / 2 && span == 1) call.attributes.push_back(text("needle", "in a Haystack"));
      made.push_back(json_of(call));
    }
    lines += line_of(made);
  }
  return lines;
}

std::string deep_trace(int depth) {
  std::vector<std::string> spans;
  for (int level = 1; level <= depth; ++level) {
    const auto number = static_cast<std::uint64_t>(level);
    spans.push_back(json_of({kResearchTrace,
                             number,
                             number - 1,
                             "level " + std::to_string(level),
                             kStart + number,
                             kStart + kSecond - number,
                             {},
                             1,
                             level == depth}));
  }
  return line_of(spans);
}

std::string hostile_traces() {
  std::vector<std::string> spans;
  std::uint64_t id = 100;
  for (const std::string& harm : harmful_texts()) {
    Made span{kResearchTrace,
              ++id,
              100,
              harm,
              kStart,
              kStart + kSecond,
              {text(harm, harm), text("gen_ai.provider.name", harm), text("gen_ai.request.model", harm),
               text("error.type", harm), text("thread.name", harm)},
              3,
              true};
    span.more = ",\"events\":[{\"timeUnixNano\":\"0\",\"name\":" + quoted(harm) + ",\"attributes\":[" +
                text(harm, harm) + "]}]";
    spans.push_back(json_of(span));
  }
  spans.push_back(json_of({kResearchTrace, 201, 202, "one of a circle", kStart, kStart + 5}));
  spans.push_back(json_of({kResearchTrace, 202, 201, "the other of the circle", kStart + 1, kStart + 5}));
  spans.push_back(json_of({kResearchTrace, 203, 203, "its own parent", kStart + 2, kStart + 5}));
  spans.push_back(json_of({kResearchTrace, 204, 0xdead, "an orphan", kStart + 3, kStart + 5}));
  spans.push_back(json_of({kResearchTrace, 205, 0, "told twice", kStart + 4, kStart + 5}));
  spans.push_back(json_of({kResearchTrace, 205, 0, "told twice, and later", kStart + 4, kStart + 9}));
  spans.push_back(json_of({kResearchTrace, 206, 0, "ends before it starts", kStart + kSecond, kStart}));
  spans.push_back(json_of({kIngestTrace, 1, 0, "at the end of time", UINT64_MAX - 5, UINT64_MAX}));
  spans.push_back(json_of({kIngestTrace, 2, 1, "at the beginning of time", 1, 2}));
  spans.push_back(json_of(
      {kIngestTrace,
       3,
       1,
       "costs",
       kStart,
       kStart + 1,
       {attribute("llmobserve.cost.usd", "{\"doubleValue\":\"NaN\"}"),
        number("gen_ai.usage.input_tokens", INT64_MAX), real("llmobserve.stream.first_token_seconds", -1)},
       3}));
  const std::string bad_bytes = "{\"traceId\":\"" + std::string(kIngestTrace) + "\",\"spanId\":\"" +
                                span_id(9) +
                                "\",\"name\":\"bytes \xff\xfe\xc0\x80 that are no "
                                "text\",\"startTimeUnixNano\":\"5\",\"endTimeUnixNano\":\"6\"}";
  return line_of(spans, harmful_texts()[0]) + line_of({bad_bytes}) + "no JSON\n";
}

}  // namespace llmo::test
