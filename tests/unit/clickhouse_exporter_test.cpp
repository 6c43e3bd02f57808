// The ClickHouse exporter against a server that takes, refuses, hangs and talks nonsense. That ClickHouse
// itself understands it is tested end to end.
#include "exporters/clickhouse/clickhouse_exporter.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "exporters/clickhouse/server_url.h"
#include "tests/support/collector.h"

namespace llmo::clickhouse {
namespace {

using namespace std::chrono_literals;
using llmo::test::Collector;
using llmo::test::CollectorAnswer;
using llmo::test::Received;
using Texts = std::map<std::string, std::string>;
using Way = CollectorAnswer::Way;

ClickHouseSettings settings_of(const Texts& variables) {
  const auto lookup = [](const char* name, void* context) -> const char* {
    const auto& texts = *static_cast<const Texts*>(context);
    const auto found = texts.find(name);
    return found == texts.end() ? nullptr : found->second.c_str();
  };
  Texts copy = variables;
  return read_clickhouse_settings({lookup, &copy});
}

ClickHouseSettings settings_with_url(const std::string& url) {
  return settings_of({{"LLMOBSERVE_CLICKHOUSE_URL", url}});
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<Span> make_spans(std::size_t count) {
  const auto resource = std::make_shared<Resource>();
  std::vector<Span> spans(count);
  for (std::size_t i = 0; i < count; ++i) {
    spans[i].trace_id = {1, 2};
    spans[i].span_id = i + 1;
    spans[i].name = "span" + std::to_string(i);
    spans[i].start_unix_nanos = 1'700'000'000'000'000'005;
    spans[i].end_unix_nanos = spans[i].start_unix_nanos + 7;
    spans[i].resource = resource;
  }
  return spans;
}

// --- settings ----------------------------------------------------------------------------------------------

TEST_CASE("a ClickHouse URL gives server, user, password and database", "[clickhouse]") {
  const auto whole = settings_with_url("https://bob:pa%3Ass@ch.example:9000/traces");
  CHECK(whole.url == "https://ch.example:9000/");
  CHECK(whole.user == "bob");
  CHECK(whole.password == "pa:ss");
  CHECK(whole.database == "traces");
  CHECK(whole.notes.empty());

  CHECK(settings_with_url("ch.example").url == "http://ch.example:8123/");
  CHECK(settings_with_url("HTTPS://ch.example").url == "https://ch.example:8443/");
  CHECK(settings_with_url("http://[::1]/db").url == "http://[::1]:8123/");
  CHECK(settings_with_url("http://gate/ch/").url == "http://gate:8123/ch/");
  CHECK(settings_with_url("http://gate/ch/db").database == "db");
  CHECK(settings_with_url("http://h/?database=a&user=u&password=p%20q").password == "p q");
}

TEST_CASE("variables of their own win over what the ClickHouse URL says", "[clickhouse]") {
  const auto settings = settings_of({{"LLMOBSERVE_CLICKHOUSE_URL", "http://a:b@h/c"},
                                     {"LLMOBSERVE_CLICKHOUSE_DATABASE", "d"},
                                     {"LLMOBSERVE_CLICKHOUSE_USER", "e"},
                                     {"LLMOBSERVE_CLICKHOUSE_PASSWORD", "f"},
                                     {"LLMOBSERVE_CLICKHOUSE_TTL", "30"},
                                     {"LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA", "no"}});
  CHECK(settings.database == "d");
  CHECK(settings.user == "e");
  CHECK(settings.password == "f");
  CHECK(settings.ttl_days == 30);
  CHECK_FALSE(settings.create_schema);
}

TEST_CASE("names that a statement could be broken with are refused", "[clickhouse]") {
  for (const std::string name : {"a`b", "a'b", "a b", "a.b", "a;b", "a\\b", "\xc3\xa9", ""}) {
    INFO(name);
    CHECK_FALSE(is_plain_name(name));
  }
  CHECK_FALSE(is_plain_name(std::string(129, 'a')));
  const auto settings = settings_of(
      {{"LLMOBSERVE_CLICKHOUSE_TABLE", "t`; DROP TABLE x"}, {"LLMOBSERVE_CLICKHOUSE_URL", "http://h/d%27b"}});
  CHECK(settings.table == "otel_traces");
  CHECK(settings.database == "default");
  CHECK(settings.notes.size() == 2);
}

TEST_CASE("a ClickHouse URL that cannot be read is told without its secrets", "[clickhouse]") {
  for (const std::string url :
       {"ftp://u:secret@h", "http://u:secret@", "http://u:secret@h:99999/", "http://"}) {
    const auto settings = settings_with_url(url);
    INFO(url);
    CHECK(settings.url == "http://localhost:8123/");
    REQUIRE(settings.notes.size() == 1);
    CHECK_FALSE(holds(settings.notes[0], "secret"));
  }
}

// --- rows --------------------------------------------------------------------------------------------------

TEST_CASE("a row has the words and texts of the collector's exporter", "[clickhouse]") {
  Span span = make_spans(1)[0];
  span.kind = SpanKind::kClient;
  span.status = StatusCode::kError;
  span.parent_span_id = 0xab;
  span.attributes = AttributeList{Attribute{"list", std::vector<std::string>{"a", "\"b"}},
                                  Attribute{"flag", true}, Attribute{"number", std::int64_t{-5}},
                                  Attribute{"cost", 0.5}, Attribute{"text", std::string("x\n\x01\"")}};
  span.events.push_back({.unix_nanos = 5, .name = "e", .attributes = {}});
  RowWriter rows(Layout::kFull);
  rows.add(span);
  CHECK(std::string(rows.rows()) ==
        R"({"Timestamp":"1700000000.000000005","Duration":7,"TraceId":"00000000000000010000000000000002",)"
        R"("SpanId":"0000000000000001","ParentSpanId":"00000000000000ab","TraceState":"","SpanName":"span0",)"
        R"("SpanKind":"Client","ServiceName":"","ResourceAttributes":{},"ScopeName":"llmobserve",)"
        R"("ScopeVersion":"0.1.0","SpanAttributes":{"list":"[\"a\",\"\\\"b\"]","flag":"true","number":"-5",)"
        R"("cost":"0.5","text":"x\n\u0001\""},"StatusCode":"Error","StatusMessage":"",)"
        R"("Events.Timestamp":["0.000000005"],"Events.Name":["e"],"Events.Attributes":[{}],)"
        R"("Links.TraceId":[],"Links.SpanId":[],"Links.TraceState":[],"Links.Attributes":[]})"
        "\n");
}

TEST_CASE("times beyond what ClickHouse can hold become the last that it can", "[clickhouse]") {
  Span span = make_spans(1)[0];
  span.start_unix_nanos = ~0ULL;
  span.end_unix_nanos = 0;
  RowWriter full(Layout::kFull);
  RowWriter plain(Layout::kPlain);
  full.add(span);
  plain.add(span);
  CHECK(holds(std::string(full.rows()), R"("Timestamp":"9223372036.854775807","Duration":0,)"));
  CHECK(holds(std::string(plain.rows()), R"("Timestamp":4294967295,"Nanoseconds":709551615,"Duration":0,)"));
}

TEST_CASE("every column that a layout names is in its rows, and no other", "[clickhouse]") {
  for (const Layout layout : {Layout::kFull, Layout::kPlain}) {
    RowWriter rows(layout);
    rows.add(make_spans(1)[0]);
    const std::string row(rows.rows());
    std::size_t members = 0;
    for (const std::string_view column : columns_of(layout)) {
      INFO(column);
      const std::string key = "\"" + std::string(column) + "\":";
      CHECK(holds(row, key));
      ++members;
    }
    // No attributes, events or links: each member has one colon, none stands elsewhere.
    CHECK(static_cast<std::size_t>(std::count(row.begin(), row.end(), ':')) == members);
  }
}

// --- the exporter ------------------------------------------------------------------------------------------

// What a server says that has all tables.
const std::string kVersionAnswer = "26.7.2.1\n";
std::string tables_answer(const std::string& table = "otel_traces") {
  std::string text = table + "_trace_id_ts\tTraceId\tString\n" + table + "_trace_id_ts_mv\tTraceId\tString\n";
  for (const std::string_view column : columns_of(Layout::kFull)) {
    text += table + "\t" + std::string(column) + "\tString\n";
  }
  return text;
}

CollectorAnswer exception(int status, unsigned code) {
  return {.status = status,
          .body = "Code: " + std::to_string(code) + ". DB::Exception: row {\"a\":\"secret\"} (SOME_NAME)"};
}

class Fixture {
 public:
  explicit Fixture(bool create_schema = false) {
    ClickHouseSettings settings;
    settings.url = collector.url("/");
    settings.user = "bob";
    settings.password = "secret";
    settings.create_schema = create_schema;
    settings.timeout = 20s;
    exporter.emplace(settings, [this] { return stop; });
  }

  // The answers to the questions before the first insert, and then these.
  void answer(std::vector<CollectorAnswer> inserts) {
    inserts.insert(inserts.begin(), {{.body = kVersionAnswer}, {.body = tables_answer()}});
    collector.answer_next(std::move(inserts));
  }

  [[nodiscard]] std::vector<Received> inserts() const {
    std::vector<Received> found;
    for (const Received& request : collector.requests()) {
      if (holds(request.target, "INSERT")) found.push_back(request);
    }
    return found;
  }

  Collector collector;
  std::optional<ClickHouseExporter> exporter;
  bool stop = false;
};

std::string parameter(const Received& request, const std::string& name) {
  const std::size_t at = request.target.find("&" + name + "=");
  if (at == std::string::npos) return "(none)";
  const std::size_t value = at + name.size() + 2;
  return request.target.substr(value, request.target.find('&', value) - value);
}

TEST_CASE("what is missing is created in order, and a batch is one compressed insert", "[clickhouse]") {
  Fixture fixture(true);
  fixture.collector.answer_next({{.body = kVersionAnswer}, {}, {}, {}, {}, {}, {.body = tables_answer()}});
  REQUIRE(fixture.exporter->export_batch(make_spans(3)));
  const auto requests = fixture.collector.requests();
  REQUIRE(requests.size() == 8);
  const std::vector<std::string> beginnings = {
      "SELECT version()",
      "SELECT table, name",
      "CREATE DATABASE IF NOT EXISTS `default`",
      "CREATE TABLE IF NOT EXISTS `default`.`otel_traces`\n",
      "CREATE TABLE IF NOT EXISTS `default`.`otel_traces_trace_id_ts`\n",
      "CREATE MATERIALIZED VIEW IF NOT EXISTS `default`.`otel_traces_trace_id_ts_mv`",
      "SELECT table, name"};
  for (std::size_t i = 0; i < beginnings.size(); ++i) {
    CHECK(requests[i].body.substr(0, beginnings[i].size()) == beginnings[i]);
  }
  CHECK(requests[7].gzip);
  CHECK(std::count(requests[7].body.begin(), requests[7].body.end(), '\n') == 3);
  CHECK(parameter(requests[7], "async_insert") == "0");
  CHECK_FALSE(holds(requests[7].target, "secret"));
  CHECK(fixture.exporter->counts().exported == 3);
}

TEST_CASE("a batch whose answer was lost comes again with the same token, another one with another",
          "[clickhouse]") {
  Fixture fixture;
  fixture.answer({{.body = "an answer that does not get through", .cut = true}});
  const auto spans = make_spans(2);
  CHECK_FALSE(fixture.exporter->export_batch(spans));
  CHECK(fixture.exporter->retry_in() > 0ms);
  CHECK(holds(fixture.exporter->problem(), "ends before its end"));
  CHECK(fixture.exporter->export_batch(spans));
  CHECK(fixture.exporter->export_batch(make_spans(1)));
  const auto inserts = fixture.inserts();
  REQUIRE(inserts.size() == 3);
  const std::string token = parameter(inserts[0], "insert_deduplication_token");
  CHECK(holds(token, "llmobserve-"));
  CHECK(parameter(inserts[1], "insert_deduplication_token") == token);
  CHECK(parameter(inserts.back(), "insert_deduplication_token") != token);
  CHECK(fixture.exporter->counts().exported == 3);
  CHECK(fixture.exporter->counts().retried == 1);
}

TEST_CASE("what passes is tried again soon, what somebody has to set right later, and nothing is dropped",
          "[clickhouse]") {
  struct Case {
    CollectorAnswer answer;
    bool soon;
    std::string_view says;
  };
  const std::vector<Case> cases = {
      {exception(500, 252), true, "too many parts"},
      {exception(500, 241), true, "memory"},
      {exception(500, 159), true, "too long"},
      {exception(500, 202), true, "too many queries"},
      {exception(500, 242), true, "read-only"},
      {exception(500, 210), true, "connection"},
      {exception(500, 4711), true, "code 4711"},
      {exception(200, 241), true, "memory"},
      {{.status = 500, .body = "Code: 241, e.displayText() = DB::Exception: Memory limit"}, true, "memory"},
      {{.status = 503}, true, "not able to answer"},
      {{.status = 429, .headers = {{"Retry-After", "120"}}}, true, "not able to answer"},
      {exception(403, 516), false, "LLMOBSERVE_CLICKHOUSE_PASSWORD"},
      {exception(500, 192), false, "LLMOBSERVE_CLICKHOUSE_USER"},
      {exception(500, 497), false, "INSERT"},
      {exception(404, 60), false, "LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA"},
      {exception(404, 81), false, "LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA"},
      {exception(400, 62), false, "statement"},
      {exception(404, 16), false, "LLMOBSERVE_CLICKHOUSE_TABLE"},
      {{.status = 401}, false, "LLMOBSERVE_CLICKHOUSE_PASSWORD"},
      {{.status = 404, .body = "<html>no such page</html>"}, false, "not ClickHouse"},
      {{.status = 200, .body = "<html>welcome</html>"}, false, "not ClickHouse"},
  };
  for (const Case& one : cases) {
    Fixture fixture;
    fixture.answer({one.answer});
    INFO(one.answer.status << " " << one.answer.body);
    CHECK_FALSE(fixture.exporter->export_batch(make_spans(2)));
    CHECK(holds(fixture.exporter->problem(), one.says));
    CHECK_FALSE(holds(fixture.exporter->problem(), "secret"));
    const bool asked = !one.answer.headers.empty();
    CHECK((fixture.exporter->retry_in() < 30s) == (one.soon && !asked));
    CHECK(fixture.exporter->counts().dropped == 0);
    CHECK(fixture.exporter->counts().exported == 0);
  }
}

TEST_CASE("a table that goes away is looked for again before the batch is", "[clickhouse]") {
  Fixture fixture;
  fixture.answer({exception(404, 60), {.body = kVersionAnswer}, {.body = tables_answer()}});
  CHECK_FALSE(fixture.exporter->export_batch(make_spans(1)));
  CHECK(fixture.exporter->export_batch(make_spans(1)));
}

TEST_CASE("a row that cannot be read is found and given up alone", "[clickhouse]") {
  // Of four the second is bad.
  const auto bad = exception(400, 27);
  Fixture fixture;
  fixture.answer({bad, bad, {}, bad, bad, {}, {}});
  CHECK(fixture.exporter->export_batch(make_spans(4)));
  CHECK(fixture.exporter->counts().exported == 3);
  CHECK(fixture.exporter->counts().dropped == 1);
  std::string taken;
  for (const Received& insert : fixture.inserts()) taken += insert.body;
  CHECK(holds(taken, "span3"));
  const std::string warning = fixture.exporter->take_warning();
  CHECK(holds(warning, "1 span is lost"));
  CHECK_FALSE(holds(warning, "secret"));
  CHECK(fixture.exporter->take_warning().empty());
}

TEST_CASE("a table that no row fits is a fault of the table: the batch stays", "[clickhouse]") {
  for (const std::size_t size : {std::size_t{2}, std::size_t{40}}) {
    Fixture fixture;
    fixture.answer({});
    fixture.collector.answer(exception(400, 27));
    CHECK_FALSE(fixture.exporter->export_batch(make_spans(size)));
    CHECK(holds(fixture.exporter->problem(), "LLMOBSERVE_CLICKHOUSE_TABLE"));
    CHECK(fixture.exporter->retry_in() >= 30s);
    CHECK(fixture.exporter->counts().dropped == 0);
    CHECK(fixture.collector.requests().size() < 80);

    fixture.answer({});
    fixture.collector.answer({});
    CHECK(fixture.exporter->export_batch(make_spans(size)));
    CHECK(fixture.exporter->counts().exported == size);
    CHECK(fixture.exporter->take_warning().empty());
  }
}

TEST_CASE("a batch that was taken in part goes on where it stopped", "[clickhouse]") {
  const auto bad = exception(400, 27);
  Fixture fixture;
  fixture.answer({bad, {}, exception(500, 252)});
  const auto spans = make_spans(4);
  CHECK_FALSE(fixture.exporter->export_batch(spans));
  CHECK(fixture.exporter->counts().exported == 2);
  CHECK(fixture.exporter->export_batch(spans));
  CHECK(fixture.exporter->counts().exported == 4);
  CHECK(holds(fixture.inserts().back().body, "span2"));
  CHECK_FALSE(holds(fixture.inserts().back().body, "span1"));
}

TEST_CASE("a server that does not allow settings gets the rows without them", "[clickhouse]") {
  for (const unsigned code : {115U, 164U, 452U}) {
    Fixture fixture;
    fixture.answer({exception(500, code)});
    CHECK(fixture.exporter->export_batch(make_spans(1)));
    REQUIRE(fixture.inserts().size() == 2);
    CHECK(parameter(fixture.inserts()[1], "insert_deduplication_token") == "(none)");
    CHECK(holds(fixture.exporter->take_warning(), "stored twice"));
  }
  Fixture read_only;
  read_only.answer({exception(500, 164), exception(500, 164)});
  CHECK_FALSE(read_only.exporter->export_batch(make_spans(1)));
}

TEST_CASE("a table of an older collector is filled as far as it goes, one of somebody else is left alone",
          "[clickhouse]") {
  std::string older = tables_answer();
  for (const std::string column :
       {"otel_traces\tScopeName\tString\n", "otel_traces\tScopeVersion\tString\n"}) {
    older.erase(older.find(column), column.size());
  }
  Fixture fixture;
  fixture.collector.answer_next({{.body = kVersionAnswer}, {.body = older}});
  CHECK(fixture.exporter->export_batch(make_spans(1)));
  CHECK_FALSE(holds(fixture.inserts().back().target, "ScopeName"));
  CHECK(holds(fixture.exporter->take_warning(), "no columns ScopeName, ScopeVersion"));

  Fixture other;
  other.collector.answer_next({{.body = kVersionAnswer}, {.body = "otel_traces\tid\tInt32\n"}});
  CHECK_FALSE(other.exporter->export_batch(make_spans(1)));
  CHECK(holds(other.exporter->problem(), "LLMOBSERVE_CLICKHOUSE_TABLE"));
  CHECK(other.inserts().empty());
}

TEST_CASE("a user who may not create can still write to what is there", "[clickhouse]") {
  const auto denied = exception(403, 497);
  const std::string columns = tables_answer();
  // The table alone, without what stands beside it.
  const std::string alone = columns.substr(columns.find("otel_traces\t"));
  Fixture fixture(true);
  fixture.collector.answer_next(
      {{.body = kVersionAnswer}, {.body = alone}, denied, denied, denied, denied, {.body = alone}});
  CHECK(fixture.exporter->export_batch(make_spans(1)));
  CHECK(holds(fixture.exporter->take_warning(), "were not created"));

  Fixture nothing(true);
  nothing.collector.answer_next({{.body = kVersionAnswer}, {}, denied, denied, denied, denied, {}});
  CHECK_FALSE(nothing.exporter->export_batch(make_spans(1)));
  CHECK(holds(nothing.exporter->problem(), "does not allow"));
}

TEST_CASE("an old server gets the plain layout, and no settings that it does not know", "[clickhouse]") {
  std::string columns;
  for (const std::string_view column : columns_of(Layout::kPlain)) {
    columns += "otel_traces\t" + std::string(column) + "\tString\n";
  }
  Fixture fixture(true);
  fixture.collector.answer_next({{.body = "18.16.1\n"}, {}, {}, {}, {.body = columns}});
  CHECK(fixture.exporter->export_batch(make_spans(1)));
  CHECK(holds(fixture.collector.requests()[3].body, "ReplacingMergeTree"));
  CHECK_FALSE(holds(fixture.inserts().back().target, "&"));
}

TEST_CASE("what is no ClickHouse at all is told, and costs nothing but time", "[clickhouse]") {
  const std::vector<CollectorAnswer> answers = {
      {.body = "<html>"},   {.body = std::string(100'000, 'x')}, {.body = "SSH-2.0-x\r\n", .way = Way::kRaw},
      {.way = Way::kReset}, {.body = "26.7", .cut = true},       {.body = std::string("\0\xff.\n", 4)}};
  for (const CollectorAnswer& answer : answers) {
    Fixture fixture;
    fixture.collector.answer(answer);
    CHECK_FALSE(fixture.exporter->export_batch(make_spans(1)));
    CHECK_FALSE(fixture.exporter->problem().empty());
    CHECK(fixture.exporter->counts().dropped == 0);
  }
}

TEST_CASE("columns that are nonsense are taken for no table", "[clickhouse]") {
  for (const std::string text : {"\t\t\t\n\n", "otel_traces", "otel_traces\tTimestamp\notel_traces\t\n",
                                 "\xff\xfe\t\x01\n", "otel_traces\tSpanAttributes\tMap\n"}) {
    Fixture fixture;
    fixture.collector.answer_next({{.body = kVersionAnswer}, {.body = text}});
    CHECK_FALSE(fixture.exporter->export_batch(make_spans(1)));
    CHECK(fixture.inserts().empty());
  }
}

TEST_CASE("a server that never answers is left when the session is to end", "[clickhouse]") {
  Fixture fixture;
  fixture.collector.answer({.way = Way::kHang});
  fixture.stop = true;
  CHECK_FALSE(fixture.exporter->export_batch(make_spans(1)));
}

TEST_CASE("a large batch goes out in several inserts, in order and whole", "[clickhouse]") {
  std::vector<Span> spans = make_spans(12);
  for (Span& span : spans) span.status_message = std::string(2 << 20, 'm');
  Fixture fixture;
  fixture.answer({});
  CHECK(fixture.exporter->export_batch(spans));
  const auto inserts = fixture.inserts();
  CHECK(inserts.size() == 3);
  CHECK(fixture.exporter->counts().exported == 12);
  CHECK(holds(inserts.back().body.substr(inserts.back().body.rfind("SpanName")), "span11"));
}

TEST_CASE("versions are read, and what is none is not", "[clickhouse]") {
  CHECK(parse_version("24.8.3.1-lts\n") == ServerVersion{24, 8});
  CHECK(parse_version("18.16.1") == ServerVersion{18, 16});
  for (const std::string text : {"", "24", "24.", ".8", "<html>", "-1.5", "99999999999.1"}) {
    CHECK_FALSE(parse_version(text));
  }
}

}  // namespace
}  // namespace llmo::clickhouse
