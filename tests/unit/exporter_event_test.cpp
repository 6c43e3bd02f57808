// Events, exceptions, endings and running times: what the builder makes of more than a plain call.
#include <signal.h>

#include <catch2/catch.hpp>
#include <stdexcept>
#include <typeinfo>

#include "exporters/span/ending.h"
#include "exporters/span/exception_type.h"
#include "exporters/span/price_file.h"
#include "exporters/span/span_builder.h"
#include "tests/unit/exporter_code.h"
#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using namespace llmo::test;
using journal::EndKind;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

struct EventFixture {
  Definitions definitions;
  TickClock clock{journal::ClockKind::kMonotonicNanos, {0, 0, 1'000'000}, 0};
  std::shared_ptr<FakeCode> code = std::make_shared<FakeCode>();
  SpanBuilder builder{
      definitions,
      clock,
      std::make_shared<const Resource>(),
      {code, std::make_shared<const filter::FunctionFilter>("*_agent", ""), load_prices("").table}};

  EventFixture() {
    definitions.modules[0] = {"/opt/app/agent", "", 0};
    definitions.functions[0] = {"acme::plan_agent", 0, 0};
    code->add("/opt/app/agent", 0x10, "acme::fail", {"/src/fail.cpp", 3});
    code->add("/opt/app/agent", 0x20, "acme::plan_agent", {"/src/plan.cpp", 4});
  }
  Span build(const AttributeBytes& attributes, EndKind end_kind = EndKind::kException,
             journal::SpanStatus status = journal::SpanStatus::kError, int signal = 0) {
    RawCall raw;
    raw.start_ticks = 1000;
    raw.end_ticks = 3'000'001'000;
    raw.span_id = 5;
    raw.trace = {1, 2};
    raw.end_kind = end_kind;
    raw.status = status;
    raw.signal = signal;
    raw.attributes = bytes_of(attributes.bytes());
    return builder.build(raw);
  }
};

AttributeBytes thrown() {
  AttributeBytes attributes;
  attributes.add("exception.type", typeid(std::runtime_error).name())
      .add("exception.message", "no such tool");
  return attributes.add_stack("exception.stacktrace", {{0, 0, 0x11}, {0, 0, 0x21}});
}

}  // namespace

TEST_CASE_METHOD(EventFixture, "an exception that leaves a function is an event with type, message and stack",
                 "[exporter][event]") {
  const Span span = build(AttributeBytes().add_event("exception", 2000, thrown()));
  CHECK(span.name == "workflow.acme::plan_agent");
  CHECK(span.status == StatusCode::kError);
  CHECK(span.status_message == "no such tool");
  CHECK(value(span.attributes, "error.type") == "std::runtime_error");
  CHECK(value(span.attributes, "llmobserve.end") == "exception");
  REQUIRE(span.events.size() == 1);
  const SpanEvent& event = span.events[0];
  CHECK(event.name == "exception");
  CHECK(event.unix_nanos == 1'002'000);
  CHECK(value(event.attributes, "exception.type") == "std::runtime_error");
  CHECK(value(event.attributes, "exception.message") == "no such tool");
  CHECK(value(event.attributes, "exception.stacktrace") ==
        "at acme::fail (/src/fail.cpp:3)\nat acme::plan_agent (/src/plan.cpp:4)");
  CHECK(value<bool>(event.attributes, "exception.escaped"));
}

TEST_CASE_METHOD(EventFixture, "an exception that a function dealt with is no error of it",
                 "[exporter][event]") {
  const Span span = build(AttributeBytes().add_event("exception", 2000, thrown()), EndKind::kReturned,
                          journal::SpanStatus::kUnset);
  CHECK(span.status == StatusCode::kUnset);
  CHECK(find_attribute(span.attributes, "error.type") == nullptr);
  CHECK(find_attribute(span.events.at(0).attributes, "exception.escaped") == nullptr);
}

TEST_CASE_METHOD(EventFixture, "attributes of a call stand beside what its function says",
                 "[exporter][event]") {
  const Span span = build(AttributeBytes().add("user.id", "7").add_event("note", 5000, {}),
                          EndKind::kReturned, journal::SpanStatus::kUnset);
  CHECK(value(span.attributes, "user.id") == "7");
  CHECK(value(span.attributes, "code.function.name") == "acme::plan_agent");
  REQUIRE(span.events.size() == 1);
  CHECK(span.events[0].attributes.empty());
}

TEST_CASE_METHOD(EventFixture, "an API call says where it was made and beneath which workflow",
                 "[exporter][event]") {
  RawSpan raw;
  raw.span_id = 1;
  raw.trace = {1, 1};
  raw.kind = journal::SpanKind::kClient;
  raw.name = "llm.request";
  const auto attributes = AttributeBytes().add_stack("llmobserve.call_stack", {{0, 0, 0x11}, {0, 0, 0x21}});
  raw.attributes = bytes_of(attributes.bytes());
  const Span span = builder.build(raw);
  CHECK(value(span.attributes, "code.function.name") == "acme::fail");
  CHECK(value(span.attributes, "code.file.path") == "/src/fail.cpp");
  CHECK(value<std::int64_t>(span.attributes, "code.line.number") == 3);
  CHECK(value(span.attributes, "code.stacktrace").starts_with("at acme::fail ("));
  CHECK(value(span.attributes, "llmobserve.caller_workflow") == "acme::plan_agent");
  CHECK(find_attribute(span.attributes, "llmobserve.call_stack") == nullptr);
}

TEST_CASE_METHOD(EventFixture, "a coroutine's running time is told in seconds, and what it was suspended",
                 "[exporter][event]") {
  const auto run = [this](std::int64_t ticks) {
    return build(AttributeBytes()
                     .add_int("llmobserve.coroutine.running_ticks", ticks)
                     .add_int("llmobserve.coroutine.resumes", 4),
                 EndKind::kReturned, journal::SpanStatus::kUnset);
  };
  const Span span = run(500'000'000);
  CHECK(value<double>(span.attributes, "llmobserve.coroutine.running_seconds") == Approx(0.5));
  CHECK(value<double>(span.attributes, "llmobserve.coroutine.suspended_seconds") == Approx(2.5));
  CHECK(value<std::int64_t>(span.attributes, "llmobserve.coroutine.resumes") == 4);
  CHECK(find_attribute(span.attributes, "llmobserve.coroutine.running_ticks") == nullptr);
  // Ran on two processors at once, or damaged: never less than nothing.
  CHECK(value<double>(run(INT64_MAX).attributes, "llmobserve.coroutine.suspended_seconds") == 0);
  CHECK(value<double>(run(-5).attributes, "llmobserve.coroutine.running_seconds") == 0);
}

TEST_CASE_METHOD(EventFixture, "a fault is an error, being told to end is none", "[exporter][event]") {
  const auto end = [this](EndKind kind, int signal) {
    return build({}, kind, journal::SpanStatus::kUnset, signal);
  };
  for (const auto& [signal, name] : {std::pair{SIGSEGV, "SIGSEGV"},
                                     {SIGBUS, "SIGBUS"},
                                     {SIGILL, "SIGILL"},
                                     {SIGFPE, "SIGFPE"},
                                     {SIGABRT, "SIGABRT"}}) {
    const Span span = end(EndKind::kSignal, signal);
    CHECK(value(span.attributes, "llmobserve.end") == "signal");
    CHECK(value(span.attributes, "llmobserve.signal") == name);
    CHECK(value(span.attributes, "error.type") == name);
    CHECK(span.status == StatusCode::kError);
  }
  const Span told = end(EndKind::kSignal, SIGTERM);
  CHECK(value(told.attributes, "llmobserve.signal") == "SIGTERM");
  CHECK(told.status == StatusCode::kUnset);
  CHECK(find_attribute(told.attributes, "error.type") == nullptr);
  CHECK(end(EndKind::kAbort, 0).status == StatusCode::kError);
  CHECK(value(end(EndKind::kTerminate, 0).attributes, "error.type") == "terminate");
  CHECK(end(EndKind::kKilled, 0).status == StatusCode::kUnset);
  CHECK(end(EndKind::kLongjmp, 0).status == StatusCode::kUnset);
  CHECK(signal_name(SIGRTMIN + 1) == "signal " + std::to_string(SIGRTMIN + 1));
}

TEST_CASE("exception types read as they were written", "[exporter][event]") {
  CHECK(exception_type_name("St13runtime_error") == "std::runtime_error");
  CHECK(exception_type_name("7MyError") == "MyError");
  CHECK(exception_type_name("N4acme5ErrorIiEE") == "acme::Error<int>");
  CHECK(exception_type_name("PKc") == "char const*");
  CHECK(exception_type_name("i") == "int");
  CHECK(exception_type_name("*N12_GLOBAL__N_16HiddenE") == "(anonymous namespace)::Hidden");
  CHECK(exception_type_name("java.lang.Error") == "java.lang.Error");
  CHECK(exception_type_name("").empty());
  CHECK(exception_type_name("9My\xff") == "9My\xef\xbf\xbd");
}

TEST_CASE("a type name that would double with each letter is read in short", "[exporter][event]") {
  std::string name = "1AI1BS_S_E";
  for (int i = 0; i < 60; ++i) name = "1PI" + name + "S" + std::to_string(i % 10) + "_S_E";
  CHECK(exception_type_name(name).size() <= name.size());
  CHECK(exception_type_name(std::string(100'000, 'P') + "i").size() <= 300'000);
  CHECK(exception_type_name("N4acme5ErrorI" + std::string(2000, 'i') + "EE") == "acme::Error");
}

TEST_CASE("an event cut at any byte gives what stood before, and one dropped", "[exporter][event]") {
  const std::string whole = AttributeBytes()
                                .add("before", "1")
                                .add_event("exception", 7, thrown())
                                .add_stack("stack", {{1, 0, 2}})
                                .bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const SpanAttributes read = read_attributes(bytes_of(whole.substr(0, size)));
    CHECK(read.plain.size() <= 1);
    CHECK(read.events.size() <= 1);
    CHECK(read.dropped <= 1);
  }
  const SpanAttributes read = read_attributes(bytes_of(whole));
  CHECK(read.dropped == 0);
  REQUIRE(read.events.size() == 1);
  CHECK(read.events[0].attributes.stacks.at(0).addresses.size() == 32);
  CHECK(read.stacks.at(0).key == "stack");
}

TEST_CASE("events within events, stacks of odd sizes and wild sizes are damage", "[exporter][event]") {
  const AttributeBytes inner = AttributeBytes().add("a", "1").add_event("nested", 1, {}).add("b", "2");
  const auto nested = read_attributes(bytes_of(AttributeBytes().add_event("outer", 1, inner).bytes()));
  REQUIRE(nested.events.size() == 1);
  CHECK(nested.events[0].attributes.plain.size() == 1);
  CHECK(nested.dropped == 1);

  const char odd[17] = {};
  CHECK(read_attributes(bytes_of(AttributeBytes().put(journal::AttributeType::kStack, "s", odd, 17).bytes()))
            .dropped == 1);
  CHECK(read_attributes(bytes_of(AttributeBytes().put(journal::AttributeType::kEvent, "e", odd, 7).bytes()))
            .dropped == 1);
  std::string wild = AttributeBytes().add_event("e", 1, thrown()).bytes();
  for (const std::size_t at : {4U, 21U}) {
    std::string damaged = wild;
    damaged.replace(at, 4, 4, '\xff');
    const SpanAttributes read = read_attributes(bytes_of(damaged));
    CHECK(read.dropped >= 1);
  }
  AttributeBytes many;
  for (int i = 0; i < 1352; ++i) many.add_event("e" + std::to_string(i), 1, {});
  const SpanAttributes read = read_attributes(bytes_of(many.bytes()));
  CHECK(read.events.size() == 1280);
  CHECK(read.dropped == 72);
}

TEST_CASE("events are read back from the trace file as they were written", "[exporter][event][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  JournalImage image = simple_journal();
  AttributeBytes attributes;
  attributes.add_event("exception", kOpenedTicks + 1900, thrown());
  image.add_call(
      1, {.span_id = 3, .parent = 1, .end_kind = EndKind::kException, .status = journal::SpanStatus::kError},
      attributes);
  image.save(session);
  const auto spans = spans_in(session::run_exporter(session, options_for(root)).output_path);
  const Span& span = span_with_id(spans, 3);
  CHECK(span.status == StatusCode::kError);
  CHECK(span.status_message == "no such tool");
  REQUIRE(span.events.size() == 1);
  CHECK(span.events[0].unix_nanos == kOpenedUnix + 1900);
  CHECK(value(span.events[0].attributes, "exception.type") == "std::runtime_error");
  CHECK(value<bool>(span.events[0].attributes, "exception.escaped"));
  CHECK(value(span.events[0].attributes, "exception.stacktrace") == "at (agent+0x11)\nat (agent+0x21)");
}
