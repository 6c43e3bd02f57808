// Spans in ClickHouse: real programs, the real engine (and Debian's old server), and the queries of the
// README.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/e2e/clickhouse_servers.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

// Started by the first test that needs it. nullptr, with a word about it, where there is none to be had.
template <typename Server>
const Server* server_or_word() {
  if (!Server::is_there()) {
    WARN("ClickHouse could not be fetched: not tested");
    return nullptr;
  }
  static const Server server;
  return &server;
}

Environment exporting_to(const std::string& url, const std::string& database) {
  return {{"LLMOBSERVE_EXPORTER", "file,clickhouse"},
          {"LLMOBSERVE_CLICKHOUSE_URL", url},
          {"LLMOBSERVE_CLICKHOUSE_DATABASE", database}};
}

// The demo: workflows within a workflow, threads, several providers, an error.
Run run_demo(Environment env) {
  MockServer apis({"/v1/messages=fail-429-once:demo", "/v1/chat/completions=pause:20ms"});
  env["DEMO_SERVER"] = apis.address();
  return run_under_shim((build_dir() / "demo" / "research_agent").string(), "", {.env = env});
}

// One call to a model.
std::vector<Span> run_chat(const std::string& url, const std::string& traceparent) {
  MockServer apis;
  Environment env = exporting_to(url, "default");
  env["TRACEPARENT"] = traceparent;
  return run_under_shim("curl_chat", "gcc-O2", {.args = {apis.url()}, .env = env}).spans;
}

constexpr const char* kKinds[] = {"Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"};
constexpr const char* kStatuses[] = {"Unset", "Ok", "Error"};

// What a row has to hold, as TabSeparated text in order of the span ids.
std::string rows_of(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.span_id < b.span_id; });
  std::ostringstream text;
  for (const Span& span : spans) {
    text << span.trace_id << '\t' << span.span_id << '\t' << span.parent_span_id << '\t' << span.name << '\t'
         << kKinds[span.kind] << '\t' << span.start_unix_nanos << '\t'
         << span.end_unix_nanos - span.start_unix_nanos << '\t' << kStatuses[span.status] << '\t'
         << resource_attribute(span, "service.name") << '\t' << attribute(span, "url.full") << '\t'
         << attribute(span, "gen_ai.usage.input_tokens") << '\t' << span.attributes.size() << '\n';
  }
  return text.str();
}

double number(const std::string& text) { return text.empty() ? 0 : std::stod(text); }

// A query of the README, as it stands there: from the comment that names it to the end of its paragraph.
std::string readme_query(const std::string& name) {
  std::ifstream file("README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  const std::size_t at = readme.find("    -- " + name + "\n");
  if (at == std::string::npos) throw std::runtime_error("the README has no query " + name);
  return readme.substr(at, readme.find("\n\n", at) - at);
}

std::vector<std::vector<std::string>> table_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string field; std::getline(fields, field, '\t');) row.push_back(field);
  }
  return rows;
}

bool is_workflow(const Span& span) {
  return span.name.starts_with("workflow.") || span.name.starts_with("auto.workflow.");
}

// The name of the outermost workflow above a span, by walking up.
std::string outermost_workflow(const std::vector<Span>& spans, const Span& call) {
  std::string name;
  const Span* at = &call;
  while (at != nullptr) {
    const auto parent = std::find_if(spans.begin(), spans.end(),
                                     [at](const Span& span) { return span.span_id == at->parent_span_id; });
    at = parent == spans.end() ? nullptr : &*parent;
    if (at != nullptr && is_workflow(*at)) name = at->name;
  }
  return name;
}

TEST_CASE("what the file has is in ClickHouse's table, and the README's queries count it right",
          "[e2e][clickhouse]") {
  const auto* const engine = server_or_word<ClickHouseEngine>();
  if (engine == nullptr) return;
  std::vector<Span> spans = run_demo(exporting_to(engine->url(), "default")).spans;
  // One in a process of its own below an agent of the demo, as the handler of another service would be.
  const Span agent = only_span(spans, "workflow.plan_agent");
  for (const std::string& parent : {std::string(), "00-" + agent.trace_id + "-" + agent.span_id + "-01"}) {
    const std::vector<Span> more = run_chat(engine->url(), parent);
    spans.insert(spans.end(), more.begin(), more.end());
  }
  REQUIRE(spans.size() > 12);

  CHECK(engine->query(
            "SELECT TraceId, SpanId, ParentSpanId, SpanName, SpanKind, toUnixTimestamp64Nano(Timestamp), "
            "Duration, StatusCode, ServiceName, SpanAttributes['url.full'], "
            "SpanAttributes['gen_ai.usage.input_tokens'], length(SpanAttributes) "
            "FROM otel_traces ORDER BY SpanId") == rows_of(spans));
  CHECK(
      engine->query("SELECT DISTINCT ScopeName, ResourceAttributes['telemetry.sdk.name'] FROM otel_traces") ==
      "llmobserve\tllmobserve\n");
  CHECK(engine->query("SELECT uniqExact(TraceId) FROM otel_traces_trace_id_ts") == "2\n");

  // The same three days ago: a day is a row of its own.
  engine->query(
      "INSERT INTO otel_traces SELECT * REPLACE (Timestamp - INTERVAL 3 DAY AS Timestamp, "
      "concat('0ld', TraceId) AS TraceId) FROM otel_traces");
  std::map<std::string, double> cost;
  std::map<std::string, int> calls;
  std::map<std::string, std::vector<double>> seconds;
  for (const Span& span : spans) {
    if (has_attribute(span, "llmobserve.cost.usd")) {
      const std::string workflow = outermost_workflow(spans, span);
      cost[workflow] += number(attribute(span, "llmobserve.cost.usd"));
      ++calls[workflow];
    }
    const double duration = static_cast<double>(span.end_unix_nanos - span.start_unix_nanos) / 1e9;
    if (has_attribute(span, "gen_ai.request.model")) {
      seconds[attribute(span, "gen_ai.request.model")].insert(
          seconds[attribute(span, "gen_ai.request.model")].end(), 2, duration);
    }
  }
  REQUIRE(cost.count("workflow.research_workflow") == 1);

  const auto costs = table_of(engine->query(readme_query("cost per workflow per day")));
  std::map<std::string, std::set<std::string>> days;
  for (const auto& row : costs) {
    REQUIRE(row.size() == 4);
    INFO(row[1]);
    days[row[1]].insert(row[0]);
    CHECK(row[2] == std::to_string(calls[row[1]]));
    CHECK(number(row[3]) == Approx(cost[row[1]]).margin(1e-9).epsilon(0));
  }
  CHECK(days.size() == cost.size());
  for (const auto& [workflow, its_days] : days) CHECK(its_days.size() == 2);

  const auto models = table_of(engine->query(readme_query("p95 per model")));
  CHECK(models.size() == seconds.size());
  for (const auto& row : models) {
    REQUIRE(row.size() == 4);
    INFO(row[0]);
    std::vector<double>& its = seconds[row[0]];
    std::sort(its.begin(), its.end());
    REQUIRE(row[1] == std::to_string(its.size()));
    const double place = 0.95 * static_cast<double>(its.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double above = its[std::min(below + 1, its.size() - 1)];
    CHECK(number(row[2]) == Approx(its[below] + (place - static_cast<double>(below)) * (above - its[below])));
  }
}

TEST_CASE("the tables are those of the OpenTelemetry Collector", "[e2e][clickhouse]") {
  const auto* const engine = server_or_word<ClickHouseEngine>();
  if (engine == nullptr) return;
  Environment env = exporting_to(engine->url(), "laid-out");
  env["LLMOBSERVE_CLICKHOUSE_TTL"] = "30";
  REQUIRE(run_under_shim("nested_calls", "gcc-O2", {.env = env}).exit_code == 0);
  CHECK(
      engine->query(
          "SELECT name, type FROM system.columns WHERE database = 'laid-out' AND table = 'otel_traces'") ==
      "Timestamp\tDateTime64(9)\nTraceId\tString\nSpanId\tString\nParentSpanId\tString\nTraceState\tString\n"
      "SpanName\tLowCardinality(String)\nSpanKind\tLowCardinality(String)\nServiceName\tLowCardinality("
      "String)\n"
      "ResourceAttributes\tMap(LowCardinality(String), String)\nScopeName\tString\nScopeVersion\tString\n"
      "SpanAttributes\tMap(LowCardinality(String), String)\nDuration\tUInt64\n"
      "StatusCode\tLowCardinality(String)\nStatusMessage\tString\n"
      "Events.Timestamp\tArray(DateTime64(9))\nEvents.Name\tArray(LowCardinality(String))\n"
      "Events.Attributes\tArray(Map(LowCardinality(String), String))\nLinks.TraceId\tArray(String)\n"
      "Links.SpanId\tArray(String)\nLinks.TraceState\tArray(String)\n"
      "Links.Attributes\tArray(Map(LowCardinality(String), String))\n");
  CHECK(
      engine->query("SELECT name, partition_key, sorting_key FROM system.tables WHERE database = 'laid-out' "
                    "ORDER BY name") ==
      "otel_traces\ttoDate(Timestamp)\tServiceName, SpanName, toDateTime(Timestamp)\n"
      "otel_traces_trace_id_ts\ttoDate(Start)\tTraceId, Start\n"
      "otel_traces_trace_id_ts_mv\t\t\n");
  CHECK(engine->query("SELECT name, type_full FROM system.data_skipping_indices WHERE database = 'laid-out' "
                      "AND table = 'otel_traces' ORDER BY name") ==
        "idx_duration\tminmax\nidx_res_attr_key\tbloom_filter(0.01)\nidx_res_attr_value\tbloom_filter(0.01)\n"
        "idx_span_attr_key\tbloom_filter(0.01)\nidx_span_attr_value\tbloom_filter(0.01)\n"
        "idx_trace_id\tbloom_filter(0.001)\n");
  CHECK(engine->query("SHOW CREATE TABLE `laid-out`.otel_traces").find("toIntervalDay(30)") !=
        std::string::npos);
}

TEST_CASE("a batch whose answer is lost is sent again and stored once", "[e2e][clickhouse]") {
  const auto* const engine = server_or_word<ClickHouseEngine>();
  if (engine == nullptr) return;
  engine->lose_next_answer();
  const Run run = run_under_shim("nested_calls", "gcc-O2", {.env = exporting_to(engine->url(), "once")});
  REQUIRE_FALSE(run.spans.empty());
  CHECK(engine->lost_answers() == 1);
  CHECK(engine->query("SELECT count() FROM once.otel_traces") == std::to_string(run.spans.size()) + "\n");
  CHECK(engine->query("SELECT count() = uniqExact(TraceId) FROM once.otel_traces_trace_id_ts") == "1\n");
}

TEST_CASE("an old server has the spans in the plain layout, for a user with a password",
          "[e2e][clickhouse]") {
  const auto* const server = server_or_word<OldClickHouse>();
  if (server == nullptr) return;
  const std::string url = "http://writer:pass%3Aword@" + server->url().substr(7);
  const Run run = run_demo(exporting_to(url, "traces"));
  REQUIRE(run.spans.size() > 10);
  const auto attribute_of = [](const std::string& key) {
    return "SpanAttributes.Value[indexOf(SpanAttributes.Key, '" + key + "')], ";
  };
  CHECK(server->query(
            "SELECT TraceId, SpanId, ParentSpanId, SpanName, SpanKind, "
            "toUInt64(toUInt32(Timestamp)) * 1000000000 + Nanoseconds, Duration, StatusCode, ServiceName, " +
            attribute_of("url.full") + attribute_of("gen_ai.usage.input_tokens") +
            "length(SpanAttributes.Key) FROM traces.otel_traces ORDER BY SpanId") == rows_of(run.spans));
}

}  // namespace
}  // namespace llmo::test
