// Spans into trees, and trees into text.
#include <catch2/catch.hpp>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "exporters/console/text.h"
#include "exporters/console/trace_tree.h"
#include "exporters/console/tree_view.h"
#include "tests/unit/console_spans.h"

namespace llmo::console {
namespace {

constexpr std::uint64_t kCentisecond = kSecond / 100;

Forest forest_of(const std::vector<Span>& spans) {
  std::vector<SpanSummary> summaries;
  for (const Span& span : spans) summaries.push_back(summarise(span));
  return build_forest(std::move(summaries));
}

std::string draw(const std::vector<Span>& spans, const ViewOptions& options = {}) {
  const Forest forest = forest_of(spans);
  std::string out;
  for (const TraceSlice& trace : forest.traces) {
    draw_trace(forest, trace, options, [&out](std::string_view text) { out += text; });
  }
  return out;
}

// The trace of the picture in the README.
std::vector<Span> research_agent() {
  std::vector<Span> spans = {
      make_span(1, 0, "workflow.research_agent", 0, 241 * kCentisecond, {number("thread.id", 10)}),
      make_call(2, 1, "llm.request", kCentisecond, 83 * kCentisecond,
                {number("thread.id", 10),
                 text("gen_ai.provider.name", "openai"),
                 text("gen_ai.request.model", "gpt-4o-mini"),
                 text("gen_ai.operation.name", "chat"),
                 number("gen_ai.usage.input_tokens", 812),
                 number("gen_ai.usage.output_tokens", 96),
                 {"gen_ai.response.time_to_first_chunk", 0.21}}),
      make_call(3, 1, "pinecone.query", 90 * kCentisecond, 6 * kCentisecond,
                {number("thread.id", 10), text("db.system.name", "pinecone"),
                 text("db.collection.name", "docs"), number("db.operation.parameter.top_k", 5)}),
      make_call(4, 1, "llm.request", 100 * kCentisecond, 137 * kCentisecond,
                {number("thread.id", 11),
                 text("gen_ai.provider.name", "anthropic"),
                 text("gen_ai.request.model", "claude-4"),
                 text("gen_ai.operation.name", "chat"),
                 number("http.response.status_code", 429),
                 text("error.type", "rate_limit_error"),
                 {"http.response.header.retry-after", std::vector<std::string>{"2"}}}),
  };
  spans[3].status = StatusCode::kError;
  return spans;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("a trace is drawn with aligned columns, totals at the workflow and errors at the call",
          "[console]") {
  CHECK(draw(research_agent()) ==
        "workflow.research_agent                                   2.41 s   3 calls  908 tokens\n"
        "├─ llm.request      openai gpt-4o-mini   chat             0.83 s   ttft 0.21 s   812 → 96 tokens\n"
        "├─ pinecone.query   index \"docs\" top_k 5                  0.06 s\n"
        "└─ llm.request      anthropic claude-4   chat  (thread 2) 1.37 s   ERROR 429 rate_limit_error, "
        "retry-after 2 s\n");
}

TEST_CASE("what became of a stream stands behind its measures", "[console]") {
  std::vector<Span> spans = research_agent();
  spans.resize(2);
  spans[1].attributes.push_back(text("llmobserve.end", "cancelled"));
  CHECK(draw(spans).ends_with("ttft 0.21 s   812 → 96 tokens   cancelled\n"));
  spans[1].attributes.erase("llmobserve.end");
  set_attribute(spans[1].attributes, "gen_ai.response.finish_reasons", std::vector<std::string>{"error"});
  CHECK(draw(spans).ends_with("ttft 0.21 s   812 → 96 tokens   cut short\n"));
}

TEST_CASE("the order of the input does not matter", "[console]") {
  std::vector<Span> spans = research_agent();
  const std::string expected = draw(spans);
  std::reverse(spans.begin(), spans.end());
  CHECK(draw(spans) == expected);
}

TEST_CASE("children of inner branches are drawn under the rail of their parent", "[console]") {
  CHECK(draw({make_span(1, 0, "a", 0, kSecond), make_span(2, 1, "b", 1, kSecond),
              make_span(3, 2, "c", 2, kSecond), make_span(4, 1, "d", 3, kSecond),
              make_span(5, 4, "e", 4, kSecond)}) ==
        "a         1.00 s\n"
        "├─ b      1.00 s\n"
        "│  └─ c   1.00 s\n"
        "└─ d      1.00 s\n"
        "   └─ e   1.00 s\n");
}

TEST_CASE("another process is told rather than another thread", "[console]") {
  Span parent = make_span(1, 0, "a", 0, kSecond, {number("thread.id", 5)});
  parent.resource = process(100);
  Span child = make_span(2, 1, "b", 1, kSecond, {number("thread.id", 6)});
  child.resource = process(123);
  CHECK(draw({parent, child}) ==
        "a                   1.00 s\n"
        "└─ b  (process 123) 1.00 s\n");
}

TEST_CASE("threads are numbered by process in the order in which they appear", "[console]") {
  std::vector<Span> spans;
  for (std::uint64_t index = 0; index < 4; ++index) {
    spans.push_back(make_span(index + 1, 0, "a", index, 1, {number("thread.id", index % 2 == 0 ? 500 : 20)}));
    spans.back().resource = process(index < 3 ? 1 : 2);
  }
  const Forest forest = forest_of(spans);
  std::vector<std::uint32_t> numbers;
  for (const TreeNode& node : forest.nodes) numbers.push_back(node.thread_number);
  CHECK(numbers == std::vector<std::uint32_t>{1, 2, 1, 1});
}

TEST_CASE("spans whose parent is not in the input are roots, marked by why", "[console]") {
  Span remote = make_span(2, 77, "b", 1, kSecond);
  remote.flags = 0x300;
  CHECK(draw({make_span(1, 99, "a", 0, kSecond), remote}) ==
        "a  (parent missing)   1.00 s\n"
        "b  (parent elsewhere) 1.00 s\n");
}

TEST_CASE("spans that are each other's ancestors are drawn once each, from the earliest", "[console]") {
  CHECK(draw({make_span(3, 2, "c", 2, kSecond), make_span(1, 3, "a", 0, kSecond),
              make_span(2, 1, "b", 1, kSecond), make_span(4, 2, "d", 3, kSecond)}) ==
        "a  (its own ancestor) 1.00 s\n"
        "└─ b                  1.00 s\n"
        "   ├─ c               1.00 s\n"
        "   └─ d               1.00 s\n");
  CHECK(draw({make_span(1, 1, "self", 0, kSecond)}) == "self  (its own ancestor) 1.00 s\n");
}

TEST_CASE("a span told twice is shown as it was told last", "[console]") {
  const Forest forest = forest_of(
      {make_span(1, 0, "open", 0, 1), make_span(2, 1, "b", 1, 1), make_span(1, 0, "finished", 0, 5)});
  REQUIRE(forest.nodes.size() == 2);
  CHECK(forest.duplicates == 1);
  CHECK(forest.nodes[0].span.name == "finished");
}

TEST_CASE("calls, tokens and cost are taken from the deepest spans that tell them", "[console]") {
  const auto usage = [](std::int64_t tokens, double cost) {
    return std::vector<llmo::Attribute>{number("gen_ai.usage.input_tokens", tokens),
                                        {"llmobserve.cost.usd", cost}};
  };
  // A model call, its two attempts on the wire, and a call beside it.
  const Forest forest =
      forest_of({make_span(1, 0, "w", 0, 9), make_call(2, 1, "llm.request", 1, 5, usage(10, 0.5)),
                 make_call(3, 2, "POST", 2, 1), make_call(4, 2, "POST", 3, 1),
                 make_call(5, 1, "llm.request", 4, 1, usage(7, 0.25))});
  const Totals& totals = forest.nodes[0].totals;
  CHECK(totals.calls == 3);
  REQUIRE(totals.tokens.has_value());
  CHECK(totals.tokens->all() == 17);
  CHECK(totals.cost_usd == Approx(0.75));
}

TEST_CASE("traces are ordered by their first span, the newest last", "[console]") {
  Span late = make_span(1, 0, "late", 5, 1);
  Span early = make_span(1, 0, "early", 3, 1);
  early.trace_id = {9, 9};
  const Forest forest = forest_of({late, early});
  REQUIRE(forest.traces.size() == 2);
  CHECK(forest.nodes[forest.traces[0].first_node].span.name == "early");
  CHECK(forest.duplicates == 0);
}

TEST_CASE("a chain of a hundred thousand calls is drawn in linear space and without recursion", "[console]") {
  constexpr std::uint64_t kDepth = 100'000;
  std::vector<SpanSummary> spans;
  for (std::uint64_t id = 1; id <= kDepth; ++id)
    spans.push_back(summarise(make_span(id, id - 1, "f", id, 1)));
  const Forest forest = build_forest(std::move(spans));
  std::size_t bytes = 0;
  std::size_t lines = 0;
  draw_trace(forest, forest.traces.at(0), {}, [&](std::string_view line) {
    bytes += line.size();
    ++lines;
  });
  CHECK(lines == kDepth);
  CHECK(bytes < kDepth * 400);
}

TEST_CASE("a span too deep to be indented says its depth", "[console]") {
  std::vector<Span> spans;
  for (std::uint64_t id = 1; id <= 60; ++id) spans.push_back(make_span(id, id - 1, "f", id, 1));
  CHECK(lines_of(draw(spans)).back().find("└─ (depth 59) f") != std::string::npos);
}

TEST_CASE("on a terminal no line is wider than it, however narrow", "[console]") {
  std::vector<Span> spans = research_agent();
  spans.push_back(make_span(5, 1, "workflow." + std::string(200, 'x'), 200, 1));
  spans.push_back(
      make_call(6, 5, "GET", 201, 1, {text("url.full", "https://日本語.example/" + std::string(99, 'y'))}));
  for (std::size_t width = 1; width < 140; ++width) {
    ViewOptions options;
    options.width = width;
    for (const std::string& line : lines_of(draw(spans, options))) {
      INFO(width << ": " << line);
      REQUIRE(display_width(line) <= width);
    }
  }
}

TEST_CASE("on a narrow terminal a model's name gives way before the columns after it", "[console]") {
  ViewOptions options;
  options.width = 96;
  std::vector<Span> spans = research_agent();
  set_attribute(spans[3].attributes, "gen_ai.request.model", "claude-sonnet-4-20250514-with-a-long-tail");
  const std::string text = draw(spans, options);
  INFO(text);
  CHECK(text.find("anthropic clau…") != std::string::npos);
  CHECK(text.find("1.37 s   ERROR 429 rate_limit") != std::string::npos);
}

TEST_CASE("colour adds escape sequences and nothing else", "[console]") {
  ViewOptions options;
  options.colour = true;
  std::string text = draw(research_agent(), options);
  CHECK(text.find("\x1b[31mERROR 429") != std::string::npos);
  for (auto start = text.find('\x1b'); start != std::string::npos; start = text.find('\x1b')) {
    text.erase(start, text.find('m', start) - start + 1);
  }
  CHECK(text == draw(research_agent()));
}

}  // namespace
}  // namespace llmo::console
