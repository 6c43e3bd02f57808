// Which traces are shown, what they add up to, and what keeps within limits.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "exporters/views/gate.h"
#include "exporters/views/percentiles.h"
#include "exporters/views/text_table.h"
#include "exporters/views/time_text.h"
#include "exporters/views/trace_filter.h"
#include "exporters/views/usage.h"
#include "exporters/views/usage_report.h"
#include "tests/unit/console_spans.h"

namespace llmo::views {
namespace {

using console::kSecond;
using console::make_call;
using console::make_span;
using console::number;
using console::text;

Span of_trace(std::uint64_t trace, Span span) {
  span.trace_id = {0xabc0000000000000 + trace, trace};
  return span;
}

Span llm_call(std::uint64_t id, std::uint64_t parent, const std::string& provider, const std::string& model,
              double cost) {
  return make_call(id, parent, "llm.request", id * kSecond, kSecond,
                   {text("gen_ai.provider.name", provider),
                    text("gen_ai.request.model", model),
                    number("gen_ai.usage.input_tokens", 100),
                    number("gen_ai.usage.output_tokens", 10),
                    number("gen_ai.usage.cache_read.input_tokens", 40),
                    {"llmobserve.cost.usd", cost},
                    {"llmobserve.stream.first_token_seconds", 0.25}});
}

Span failed(Span span) {
  span.status = StatusCode::kError;
  return span;
}

struct World {
  CallGroups groups;
  console::Forest forest;

  World(const std::vector<Span>& spans, const TraceFilter& filter) {
    std::vector<console::SpanSummary> summaries;
    for (const Span& span : spans) {
      if (filter.leaves_out(span.trace_id)) continue;
      summaries.push_back(filter.summarise(span));
      summaries.back().group = groups.group_of(span);
    }
    forest = console::build_forest(std::move(summaries));
  }
};

// The last four digits of the ids of the traces that are shown.
std::vector<std::uint64_t> shown(const std::vector<Span>& spans, const FilterOptions& options) {
  const TraceFilter filter(options);
  const World world(spans, filter);
  std::vector<std::uint64_t> traces;
  for (const console::TraceSlice& trace : filter.select(world.forest)) {
    traces.push_back(world.forest.nodes[trace.first_node].span.trace_id.low);
  }
  return traces;
}

Usage usage_of(const std::vector<Span>& spans, UsageOrder order = UsageOrder::kCost) {
  const TraceFilter filter{FilterOptions()};
  const World world(spans, filter);
  UsageCounter counter(world.groups);
  for (const console::TraceSlice& trace : filter.select(world.forest)) counter.add(world.forest, trace);
  return counter.usage(order);
}

using Traces = std::vector<std::uint64_t>;

std::vector<Span> three_traces() {
  return {
      of_trace(1, make_span(1, 0, "workflow.research_agent", 0, 9 * kSecond,
                            {text("code.function.name", "acme::research_agent")})),
      of_trace(1, llm_call(2, 1, "openai", "gpt-4o-mini", 0.5)),
      of_trace(1, failed(llm_call(3, 1, "anthropic", "claude-x", 0.25))),
      of_trace(2, make_span(1, 0, "workflow.index_workflow", 20 * kSecond, kSecond)),
      of_trace(2, llm_call(4, 1, "openai", "gpt-4o", 1)),
      of_trace(3, make_span(1, 0, "workflow.outer_agent", 40 * kSecond, kSecond)),
      of_trace(3, make_span(2, 1, "workflow.research_agent", 40 * kSecond, kSecond)),
      of_trace(3, failed(make_span(3, 1, "workflow.clean_agent", 40 * kSecond, kSecond))),
  };
}

TEST_CASE("a filter shows whole traces in which one span meets all conditions", "[views][filter]") {
  const std::vector<Span> spans = three_traces();
  CHECK(shown(spans, {}) == Traces{1, 2, 3});
  CHECK(shown(spans, {.providers = {"openai"}}) == Traces{1, 2});
  CHECK(shown(spans, {.providers = {"anth*"}, .models = {"claude*"}}) == Traces{1});
  CHECK(shown(spans, {.providers = {"openai"}, .models = {"claude*"}}).empty());
  CHECK(shown(spans, {.errors = true}) == Traces{1, 3});
  CHECK(shown(spans, {.providers = {"openai"}, .errors = true}).empty());
  CHECK(shown(spans, {.models = {"gpt-4o", "claude-x"}}) == Traces{1, 2});
  CHECK(shown(spans, {.slower_than_nanos = 5 * kSecond}) == Traces{1});
}

TEST_CASE("a workflow says where to look: in it and in all beneath it", "[views][filter]") {
  const std::vector<Span> spans = three_traces();
  CHECK(shown(spans, {.workflows = {"research_agent"}}) == Traces{1, 3});
  CHECK(shown(spans, {.workflows = {"workflow.research_*"}}) == Traces{1, 3});
  CHECK(shown(spans, {.workflows = {"acme::*"}}) == Traces{1});
  // The error of the third trace is beside the workflow, not in it.
  CHECK(shown(spans, {.workflows = {"research_agent"}, .errors = true}) == Traces{1});
  CHECK(shown(spans, {.workflows = {"outer_agent"}, .errors = true}) == Traces{3});
  CHECK(shown(spans, {.workflows = {"index*", "outer*"}}) == Traces{2, 3});
}

TEST_CASE("traces are chosen by id, by time and by how new they are", "[views][filter]") {
  const std::vector<Span> spans = three_traces();
  CHECK(shown(spans, {.trace = "abc0000000000002"}) == Traces{2});
  CHECK(shown(spans, {.trace = "abc"}) == Traces{1, 2, 3});
  CHECK(shown(spans, {.trace = "f"}).empty());
  CHECK(shown(spans, {.last = 2}) == Traces{2, 3});
  CHECK(shown(spans, {.errors = true, .last = 1}) == Traces{3});
  CHECK(shown(spans, {.since_unix_nanos = (1'790'000'000 + 30) * kSecond}) == Traces{3});
  CHECK(shown(spans, {.since_unix_nanos = (1'790'000'000 + 8) * kSecond}) == Traces{1, 2, 3});
}

TEST_CASE("times are read as people type them", "[views]") {
  CHECK(parse_duration("500ms") == 500'000'000);
  CHECK(parse_duration("1.5s") == 1'500'000'000);
  CHECK(parse_duration("10m") == 600 * kSecond);
  CHECK(parse_duration("2d") == 172'800 * kSecond);
  for (const char* const wrong : {"", "5", "s", "-1s", "1e3s", "5 s", "5x", "99999999999999d"}) {
    INFO(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
  CHECK(parse_time("10s", 60 * kSecond) == 50 * kSecond);
  CHECK(parse_time("1h", kSecond) == 0);
  CHECK(parse_time("2026-11-23T09:30:12Z", 0) == 1'795'426'212 * kSecond);
  CHECK(parse_time("2026-11-23 09:30Z", 0) == 1'795'426'200 * kSecond);
  CHECK(parse_time("2026-11-23", 0).has_value());
  for (const char* const wrong :
       {"", "yesterday", "2026-02-31", "2026-13-01", "2026-11-23T25:00", "9999-01-01Z", "Z"}) {
    INFO(wrong);
    CHECK_FALSE(parse_time(wrong, 0));
  }
}

TEST_CASE("percentiles are exact, and beyond their limit within 0.8 %", "[views]") {
  Percentiles few;
  CHECK_FALSE(few.at(50));
  for (const std::uint64_t value : {30, 10, 20, 40}) few.add(value);
  CHECK(few.at(50) == 20);
  CHECK(few.at(95) == 40);
  CHECK(few.at(0) == 10);
  Percentiles many;
  for (std::uint64_t value = 1; value <= 300'000; ++value) many.add(value * 1000);
  CHECK_FALSE(many.exact());
  CHECK(static_cast<double>(*many.at(50)) == Approx(150e6).epsilon(0.008));
  CHECK(static_cast<double>(*many.at(95)) == Approx(285e6).epsilon(0.008));
  CHECK(many.max() == 300'000'000);
  many.add(UINT64_MAX);
  CHECK(many.at(100) == UINT64_MAX);
}

TEST_CASE("a workflow's numbers hold all beneath it, and a call within itself counts once", "[views][top]") {
  const Usage usage = usage_of({
      of_trace(1, make_span(1, 0, "workflow.outer", 0, 9 * kSecond)),
      of_trace(1, make_span(2, 1, "workflow.inner", 0, 4 * kSecond)),
      of_trace(1, failed(make_span(3, 2, "workflow.outer", 0, kSecond))),
      of_trace(1, llm_call(4, 3, "openai", "gpt", 1)),
      of_trace(1, llm_call(5, 1, "openai", "gpt", 2)),
      of_trace(1, failed(llm_call(6, 1, "anthropic", "claude", 4))),
      of_trace(2, make_span(1, 0, "workflow.inner", 0, 2 * kSecond)),
  });
  REQUIRE(usage.workflows.size() == 2);
  const WorkflowUsage& outer = usage.workflows[0];
  CHECK(outer.name == "workflow.outer");
  CHECK(outer.stats.runs == 1);
  CHECK(outer.stats.errors == 0);
  CHECK(outer.stats.calls == 3);
  CHECK(outer.stats.failed_calls == 1);
  CHECK(outer.stats.cost_usd == Approx(7));
  CHECK(outer.stats.tokens.input == 300);
  CHECK(outer.stats.tokens.output == 30);
  CHECK(outer.stats.tokens.cached == 120);
  CHECK(outer.stats.first_token_nanos.at(50) == 4 * kSecond + kSecond / 4);
  const WorkflowUsage& inner = usage.workflows[1];
  CHECK(inner.stats.runs == 2);
  CHECK(inner.stats.cost_usd == Approx(1));
  CHECK(inner.stats.latency_nanos.at(50) == 2 * kSecond);
  CHECK(inner.stats.latency_nanos.max() == 4 * kSecond);

  REQUIRE(usage.models.size() == 2);
  CHECK(usage.models[0].model == "claude");
  CHECK(usage.models[0].stats.errors == 1);
  CHECK(usage.models[1].stats.runs == 2);
  CHECK(usage.models[1].stats.cost_usd == Approx(3));
  CHECK(usage.models[1].stats.first_token_nanos.at(50) == kSecond / 4);
  CHECK(usage.all.runs == 2);
  CHECK(usage.all.cost_usd == Approx(7));
}

TEST_CASE("a call that two instrumentations tell of is one call of its model", "[views][top]") {
  const Usage usage = usage_of({
      of_trace(1, make_span(1, 0, "workflow.outer", 0, kSecond)),
      of_trace(1, llm_call(2, 1, "openai", "gpt", 1)),
      of_trace(1, llm_call(3, 2, "openai", "gpt", 1)),
  });
  REQUIRE(usage.models.size() == 1);
  CHECK(usage.models[0].stats.runs == 1);
  CHECK(usage.workflows[0].stats.cost_usd == Approx(1));
}

TEST_CASE("what is open counts, but not its time", "[views][top]") {
  Span open = make_span(1, 0, "workflow.server", 0, 1000 * kSecond, {{"llmobserve.open", true}});
  const Usage usage = usage_of({of_trace(1, open), of_trace(1, llm_call(2, 1, "openai", "gpt", 1))});
  CHECK(usage.workflows[0].stats.open == 1);
  CHECK(usage.workflows[0].stats.latency_nanos.count() == 0);
  CHECK(usage.workflows[0].stats.cost_usd == Approx(1));
}

TEST_CASE("rows are sorted by what is asked for, largest first", "[views][top]") {
  const std::vector<Span> spans = three_traces();
  CHECK(usage_of(spans, UsageOrder::kCost).workflows[0].name == "workflow.index_workflow");
  CHECK(usage_of(spans, UsageOrder::kCalls).workflows[0].name == "workflow.research_agent");
  CHECK(usage_of(spans, UsageOrder::kP95).workflows[0].name == "workflow.research_agent");
  CHECK(usage_of(spans, UsageOrder::kErrors).workflows[0].name == "workflow.clean_agent");
  CHECK(usage_of(spans, UsageOrder::kTokens).workflows[0].name == "workflow.research_agent");
}

TEST_CASE("chains, circles and hosts of spans add up in no time and without recursion", "[views][top]") {
  std::vector<Span> spans;
  for (std::uint64_t id = 1; id <= 100'000; ++id) {
    spans.push_back(of_trace(1, make_span(id, id - 1, id % 2 == 0 ? "workflow.a" : "workflow.b", id, 10)));
  }
  spans.push_back(of_trace(1, llm_call(100'001, 100'000, "openai", "gpt", 1)));
  spans.push_back(of_trace(2, make_span(1, 2, "workflow.c", 0, 10)));
  spans.push_back(of_trace(2, make_span(2, 1, "workflow.c", 0, 10)));
  const Usage usage = usage_of(spans);
  REQUIRE(usage.workflows.size() == 3);
  for (const WorkflowUsage& row : usage.workflows) CHECK(row.stats.runs == 1);
  CHECK(usage.workflows[0].stats.cost_usd == Approx(1));
  CHECK(usage.workflows[1].stats.cost_usd == Approx(1));
  CHECK(shown(spans, {.workflows = {"a"}, .providers = {"openai"}}) == Traces{1});
}

TEST_CASE("a table fits: names are cut, then what can be spared goes", "[views]") {
  const Table table{
      {{"name"}, {"runs"}, {"max", 2}, {"cost", 1}, {"never"}},
      {{"a name that is long enough to be cut", "1", "9.99 s", "$1.00", ""}, {"模型", "22", "1", "2", ""}}};
  CHECK(draw_table(table, 0, false) ==
        "name                                  runs     max   cost\n"
        "a name that is long enough to be cut     1  9.99 s  $1.00\n"
        "模型                                    22       1      2\n");
  CHECK(draw_table(table, 42, false) ==
        "name                   runs     max   cost\n"
        "a name that is long …     1  9.99 s  $1.00\n"
        "模型                     22       1      2\n");
  CHECK(draw_table(table, 34, false) ==
        "name                   runs   cost\n"
        "a name that is long …     1  $1.00\n"
        "模型                     22      2\n");
}

TEST_CASE("a report shows no name that a terminal would obey", "[views][top]") {
  const Usage usage = usage_of({of_trace(1, make_span(1, 0, "\x1b[31mred\n", 0, 1)),
                                of_trace(1, llm_call(2, 1, "\x1b]0;title\x07", "m\x1b[2J", 1))});
  const std::string report = usage_text(usage, {});
  CHECK(report.find('\x1b') == std::string::npos);
  CHECK(report.find('\x07') == std::string::npos);
  CHECK(usage_json(usage).find('\x1b') == std::string::npos);
}

struct Gated {
  RunStats runs;
  std::vector<GateCheck> checks;
};

Gated gate(const std::vector<Span>& spans, const GateLimits& limits,
           std::vector<std::string> workflows = {}) {
  const FilterOptions options{.workflows = std::move(workflows)};
  const TraceFilter filter(options);
  const World world(spans, filter);
  Gated gated{gate_runs(world.forest, filter.select(world.forest), options.workflows.empty()), {}};
  gated.checks = check_limits(gated.runs, limits);
  return gated;
}

TEST_CASE("a gate passes at its limit and fails above it", "[views][gate]") {
  const std::vector<Span> spans = three_traces();
  const auto passes = [&spans](const GateLimits& limits) {
    const Gated gated = gate(spans, limits, {"research_*"});
    REQUIRE(gated.checks.size() == 1);
    CHECK(gated.runs.runs == 2);
    return gated.checks[0].passed;
  };
  CHECK(passes({.cost_usd = 0.75}));
  CHECK_FALSE(passes({.cost_usd = 0.74}));
  CHECK(passes({.tokens = 220}));
  CHECK_FALSE(passes({.tokens = 219}));
  CHECK(passes({.p50_nanos = kSecond}));
  CHECK_FALSE(passes({.p95_nanos = 9 * kSecond - 1}));
  CHECK(passes({.latency_nanos = 9 * kSecond}));
  CHECK(passes({.errors = 0}));
  CHECK(passes({.failed_calls = 1}));
  CHECK_FALSE(passes({.failed_calls = 0}));
}

TEST_CASE("without a workflow a gate looks at whole traces", "[views][gate]") {
  const Gated gated = gate(three_traces(), {.total_cost_usd = 1.75, .error_rate = 0.0});
  CHECK(gated.runs.runs == 3);
  REQUIRE(gated.checks.size() == 2);
  CHECK(gated.checks[0].passed);
  CHECK(gated.checks[1].passed);
}

TEST_CASE("what nobody has told does not pass a gate", "[views][gate]") {
  CHECK_FALSE(gate({}, {.errors = 0}).checks[0].passed);
  const Span call = make_call(2, 1, "llm.request", 0, 1, {text("gen_ai.provider.name", "new")});
  const std::vector<Span> unpriced = {of_trace(1, make_span(1, 0, "workflow.a", 0, 10)), of_trace(1, call)};
  CHECK_FALSE(gate(unpriced, {.cost_usd = 100.0}).checks[0].passed);
  CHECK(gate({unpriced[0]}, {.cost_usd = 0.0}).checks[0].passed);
}

}  // namespace
}  // namespace llmo::views
