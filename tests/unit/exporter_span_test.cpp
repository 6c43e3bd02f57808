// From what a journal says to what OpenTelemetry says.
#include "exporters/span/span_builder.h"

#include <catch2/catch.hpp>

#include "exporters/file/trace_file.h"
#include "exporters/span/attributes.h"
#include "exporters/span/diagnostics.h"
#include "exporters/span/price_file.h"
#include "exporters/span/resource.h"
#include "exporters/span/utf8.h"
#include "exporters/span/version.h"
#include "tests/unit/exporter_code.h"
#include "tests/unit/exporter_journal.h"

namespace {

using namespace llmo;
using test::AttributeBytes;

template <typename T>
const T* get(const AttributeList& attributes, std::string_view key) {
  const AttributeValue* const value = find_attribute(attributes, key);
  return value == nullptr ? nullptr : std::get_if<T>(value);
}

std::string text(const AttributeList& attributes, std::string_view key) {
  const auto* const value = get<std::string>(attributes, key);
  return value == nullptr ? "(none)" : *value;
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

struct BuilderFixture {
  Definitions definitions;
  TickClock clock{journal::ClockKind::kMonotonicNanos, {0, 0, 1'000'000}, 0};
  std::shared_ptr<const Resource> resource = std::make_shared<const Resource>();
  std::shared_ptr<test::FakeCode> code = std::make_shared<test::FakeCode>();
  SpanBuilder builder{definitions, clock, resource, {code, nullptr, load_prices("").table}};

  RawCall call(std::uint32_t function) const {
    RawCall raw;
    raw.flags = journal::kFlagSampled | journal::kFlagRandom;
    raw.start_ticks = 10;
    raw.end_ticks = 30;
    raw.span_id = 5;
    raw.trace = {1, 2};
    raw.tid = 99;
    raw.thread_name = "main";
    raw.function = function;
    return raw;
  }
};

}  // namespace

TEST_CASE_METHOD(BuilderFixture, "a call becomes a span with its source position, looked up once",
                 "[exporter][span]") {
  definitions.modules[0] = {"agent", "", 0};
  definitions.functions[3] = {"acme::plan_workflow", 0, 0x1234};
  const Span span = builder.build(call(3));
  builder.build(call(3));
  CHECK(code->lookups == 1);
  CHECK(span.name == "workflow.acme::plan_workflow");
  CHECK(span.flags == 0x103);
  CHECK(span.start_unix_nanos == 1'000'010);
  CHECK(span.end_unix_nanos == 1'000'030);
  CHECK(text(span.attributes, "code.file.path") == "/src/agent.cpp");
  CHECK(*get<std::int64_t>(span.attributes, "code.line.number") == 42);
  CHECK(text(span.attributes, "thread.name") == "main");
  CHECK(*get<std::int64_t>(span.attributes, "thread.id") == 99);
  CHECK(span.resource == resource);
}

TEST_CASE_METHOD(BuilderFixture, "a function that is not described yet is unknown only until it is",
                 "[exporter][span]") {
  CHECK(builder.build(call(3)).name == "workflow.unknown");
  definitions.functions[3] = {"late_agent", 9, 0};
  const Span span = builder.build(call(3));
  CHECK(span.name == "workflow.late_agent");
  CHECK(find_attribute(span.attributes, "code.file.path") == nullptr);
  CHECK(find_attribute(span.attributes, "llmobserve.module") == nullptr);
}

TEST_CASE_METHOD(BuilderFixture, "each way to end has its name, returning has none", "[exporter][span]") {
  const std::pair<journal::EndKind, std::string> kinds[] = {
      {journal::EndKind::kReturned, "(none)"},
      {journal::EndKind::kUnwound, "unwound"},
      {journal::EndKind::kThreadExit, "thread_exit"},
      {journal::EndKind::kProcessExit, "process_exit"},
      {journal::EndKind::kKilled, "killed"},
      {journal::EndKind::kCancelled, "cancelled"},
      {journal::EndKind::kException, "exception"},
      {journal::EndKind::kLongjmp, "longjmp"},
      {journal::EndKind::kQuickExit, "quick_exit"},
      {journal::EndKind::kImmediateExit, "_exit"},
      {journal::EndKind::kAbort, "abort"},
      {journal::EndKind::kTerminate, "terminate"},
      {journal::EndKind::kExec, "exec"},
      {journal::EndKind::kSignal, "signal"},
      {journal::EndKind::kThreadCancel, "thread_cancel"},
      {journal::EndKind::kDestroyed, "destroyed"}};
  CHECK(std::size(kinds) == static_cast<std::size_t>(journal::kLastEndKind) + 1);
  for (const auto& [kind, name] : kinds) {
    RawCall raw = call(0);
    raw.end_kind = kind;
    CHECK(text(builder.build(raw).attributes, "llmobserve.end") == name);
  }
}

TEST_CASE_METHOD(BuilderFixture, "bytes that are no UTF-8 leave the builder as UTF-8", "[exporter][span]") {
  RawSpan raw;
  raw.span_id = 1;
  raw.trace = {1, 1};
  raw.name = "GET \xff";
  raw.status_message = "\xc3";
  const auto attributes = AttributeBytes().add("key", "a\xf0\x9f b").bytes();
  raw.attributes = bytes_of(attributes);
  const Span span = builder.build(raw);
  CHECK(span.name == "GET \xef\xbf\xbd");
  CHECK(span.status_message == "\xef\xbf\xbd");
  CHECK(text(span.attributes, "key") == "a\xef\xbf\xbd b");
  raw.name = "";
  CHECK(builder.build(raw).name == "unnamed");
}

TEST_CASE("text is repaired at every kind of wrong sequence and nowhere else", "[exporter][utf8]") {
  const std::string good = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf";
  CHECK(valid_utf8(good) == good);
  const std::string r = "\xef\xbf\xbd";
  CHECK(valid_utf8("\xc0\xaf") == r + r);                  // overlong
  CHECK(valid_utf8("\xed\xa0\x80") == r + r + r);          // a surrogate
  CHECK(valid_utf8("\xf4\x90\x80\x80") == r + r + r + r);  // beyond U+10FFFF
  CHECK(valid_utf8("\xe2\x82x") == r + "x");               // cut short
  CHECK(valid_utf8("\xf0\x9f\x98") == r);
  CHECK(valid_utf8("x\x80y") == "x" + r + "y");
}

TEST_CASE("attributes of every type are read, the last of equal keys wins", "[exporter][attributes]") {
  const std::uint32_t sizes[] = {1, 2};
  std::string list(reinterpret_cast<const char*>(&sizes[0]), 4);
  list += "a";
  list.append(reinterpret_cast<const char*>(&sizes[1]), 4);
  list += "bc";
  AttributeBytes bytes;
  bytes.add("s", "old").add_int("i", -5).add_double("d", 0.5).add_bool("b", true);
  bytes.put(journal::AttributeType::kStrings, "l", list.data(), list.size()).add("s", "new");
  const SpanAttributes read = read_attributes(bytes_of(bytes.bytes()));
  const AttributeList& attributes = read.plain;
  CHECK(read.dropped == 0);
  REQUIRE(attributes.size() == 5);
  CHECK(text(attributes, "s") == "new");
  CHECK(*get<std::int64_t>(attributes, "i") == -5);
  CHECK(*get<double>(attributes, "d") == 0.5);
  CHECK(*get<bool>(attributes, "b"));
  CHECK(*get<std::vector<std::string>>(attributes, "l") == std::vector<std::string>{"a", "bc"});
}

TEST_CASE("attribute bytes cut anywhere give those before the cut, and one dropped",
          "[exporter][attributes]") {
  const std::string whole = AttributeBytes().add("first", "1").add_int("second", 2).add("third", "3").bytes();
  const std::size_t ends[] = {8 + 5 + 1, 8 + 5 + 1 + 8 + 6 + 8, whole.size()};
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    const SpanAttributes list = read_attributes(bytes_of(cut));
    const auto expected = static_cast<std::size_t>(
        std::count_if(std::begin(ends), std::end(ends), [size](std::size_t end) { return end <= size; }));
    CHECK(list.plain.size() == expected);
    const bool at_end = size == 0 || std::find(std::begin(ends), std::end(ends), size) != std::end(ends);
    CHECK(list.dropped == (at_end ? 0 : 1));
  }
}

TEST_CASE("attributes beyond the limit are dropped and counted", "[exporter][attributes]") {
  AttributeBytes bytes;
  for (int i = 0; i < 1352; ++i) bytes.add_int("k" + std::to_string(i), i);
  bytes.add_int("k0", 1000);
  const SpanAttributes attributes = read_attributes(bytes_of(bytes.bytes()));
  CHECK(attributes.dropped == 72);
  CHECK(attributes.plain.size() == 1280);
  CHECK(*get<std::int64_t>(attributes.plain, "k0") == 1000);
}

TEST_CASE("the service is named by the user, else after the program", "[exporter][resource]") {
  const ProcessFacts process{7, 1, 3, 1'700'000'000'123'456'789, 5, "/opt/app/agent"};
  const auto name = [&](const char* service, const char* attributes) {
    return text(make_resource(process, service, attributes)->attributes, "service.name");
  };
  CHECK(name("", "") == "unknown_service:agent");
  CHECK(name("", "service.name=from%20attributes") == "from attributes");
  CHECK(name("from name", "service.name=other") == "from name");
  CHECK(name("", "service.name=") == "unknown_service:agent");
  const auto resource = make_resource(process, "", "host.name=mine,telemetry.sdk.name=forged,team=a%2Cb");
  CHECK(text(resource->attributes, "host.name") == "mine");
  CHECK(text(resource->attributes, "team") == "a,b");
  CHECK(text(resource->attributes, "telemetry.sdk.name") == "llmobserve");
  CHECK(text(resource->attributes, "telemetry.sdk.version") == kVersion);
  CHECK(text(resource->attributes, "process.creation.time") == "2023-11-14T22:13:20.123Z");
  CHECK(*get<std::int64_t>(resource->attributes, "process.parent_pid") == 1);
  CHECK(text(make_resource({}, "", "")->attributes, "service.name") == "unknown_service");
  CHECK(text(resource->attributes, "llmobserve.prices.date") == "(none)");
  CHECK(text(make_resource({}, "", "", "2026-08")->attributes, "llmobserve.prices.date") == "2026-08");
}

TEST_CASE("an instance id is a UUID that stays the same for a process", "[exporter][resource]") {
  const ProcessFacts process{7, 1, 3, 0, 5, "/opt/app/agent"};
  const std::string id = text(make_resource(process, "", "")->attributes, "service.instance.id");
  CHECK(id.size() == 36);
  CHECK(id[14] == '4');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(id == text(make_resource(process, "x", "")->attributes, "service.instance.id"));
}

TEST_CASE("resource attributes with any fault are dropped as a whole", "[exporter][resource]") {
  CHECK(parse_resource_attributes("")->empty());
  CHECK(parse_resource_attributes(" a = 1 , b=2,")->size() == 2);
  CHECK_FALSE(parse_resource_attributes("a=1,b"));
  CHECK_FALSE(parse_resource_attributes("a=%4"));
  CHECK_FALSE(parse_resource_attributes("a=%zz"));
  CHECK_FALSE(parse_resource_attributes("=1"));
  CHECK(text(*parse_resource_attributes("a=1=2"), "a") == "1=2");
}

TEST_CASE("a process that lost nothing says nothing", "[exporter][span]") {
  const ProcessFacts process{7, 1, 3, 0, 5'000, ""};
  CHECK_FALSE(make_diagnostics(process, nullptr, {}, {}, 9'000));
  const auto span = make_diagnostics(process, nullptr, {.attributes = 2}, {}, 9'000);
  REQUIRE(span);
  CHECK(span->span_id != 0);
  CHECK(span->start_unix_nanos == 5'000);
  CHECK(span->end_unix_nanos == 9'000);
  CHECK(make_diagnostics(process, nullptr, {.attributes = 2}, {}, 9'000)->span_id == span->span_id);
}

TEST_CASE("a service's name becomes a file name that cannot leave its directory", "[exporter][file]") {
  const auto name = [](const char* service, unsigned attempt = 0) {
    Span span;
    span.start_unix_nanos = 1'700'000'000'000'000'000;
    auto resource = std::make_shared<Resource>();
    resource->attributes = {{"service.name", std::string(service)}, {"process.pid", std::int64_t{12}}};
    span.resource = resource;
    return file::trace_file_name(span, attempt, file::Compression::kNone);
  };
  CHECK(name("planner") == "planner-20231114T221320Z-12.otlp.jsonl");
  CHECK(name("unknown_service:agent", 1) == "agent-20231114T221320Z-12-2.otlp.jsonl");
  CHECK(name("../../etc/passwd") == "_._.._etc_passwd-20231114T221320Z-12.otlp.jsonl");
  CHECK(name("-rf \xc3\xa4") == "_rf___-20231114T221320Z-12.otlp.jsonl");
  CHECK(name("") == "unknown_service-20231114T221320Z-12.otlp.jsonl");
  CHECK(name(std::string(5000, 'x').c_str()).size() < 200);
}
