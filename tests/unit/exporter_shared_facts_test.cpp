// What spans of one function and thread share: told apart where it differs, and written like any other.
#include "exporters/span/shared_facts.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/otlp/protobuf_writer.h"
#include "exporters/span/span.h"

namespace {

using namespace llmo;

struct Places : CodeLookup {
  std::optional<SourcePosition> declared_at(const ModuleDefinition& module, std::uint64_t address) override {
    return SourcePosition{module.path + ".cpp", static_cast<std::uint32_t>(address)};
  }
  std::vector<CodeFrame> frames_at(const ModuleDefinition&, std::uint64_t) override { return {}; }
  std::string source_of(const ModuleDefinition&, std::uint64_t) override { return {}; }
};

template <typename T = std::string>
T value(const AttributeList::Shared& list, std::string_view key) {
  REQUIRE(list != nullptr);
  for (const Attribute& attribute : *list) {
    if (attribute.key == key) return std::get<T>(attribute.value);
  }
  FAIL("no " << key);
  return {};
}

Definitions two_modules() {
  Definitions definitions;
  definitions.modules = {{0, {"/opt/app/agent", "", 0}}, {1, {"/opt/app/libtools.so", "", 0}}};
  definitions.functions = {{0, {"acme::plan", 0, 11}}, {1, {"acme::plan", 1, 22}}};
  return definitions;
}

}  // namespace

TEST_CASE("calls of one function on one thread share their attributes; others do not", "[exporter][facts]") {
  const Definitions definitions = two_modules();
  SharedFacts facts(definitions, std::make_shared<Places>());
  const auto first = facts.of_call(0, 4001, "worker").attributes;
  CHECK(facts.of_call(0, 4001, "worker").attributes == first);
  CHECK(facts.of_call(0, 4002, "worker").attributes != first);
  CHECK(facts.of_call(0, 4001, "worker").attributes == first);
  CHECK(value(first, "code.function.name") == "acme::plan");
  CHECK(value(first, "thread.name") == "worker");
  CHECK(value<std::int64_t>(first, "thread.id") == 4001);
}

TEST_CASE("functions of one name in two modules are told apart", "[exporter][facts]") {
  const Definitions definitions = two_modules();
  SharedFacts facts(definitions, std::make_shared<Places>());
  const auto here = facts.of_call(0, 1, "").attributes;
  const auto there = facts.of_call(1, 1, "").attributes;
  CHECK(value(here, "llmobserve.module") == "agent");
  CHECK(value(there, "llmobserve.module") == "libtools.so");
  CHECK(value(here, "code.file.path") == "/opt/app/agent.cpp");
  CHECK(value<std::int64_t>(there, "code.line.number") == 22);
}

TEST_CASE("a function is unknown until its definition comes", "[exporter][facts]") {
  Definitions definitions;
  SharedFacts facts(definitions, nullptr);
  CHECK(facts.of_call(5, 1, "t").span_name == "workflow.unknown");
  CHECK(value(facts.of_call(5, 2, "u").attributes, "thread.name") == "u");
  definitions.functions[5] = {"acme::late", 9, 0};
  CHECK(facts.of_call(5, 1, "t").span_name == "workflow.acme::late");
}

TEST_CASE("definitions are looked for when an id is new, not for every span", "[exporter][facts]") {
  Definitions definitions;
  int looks = 0;
  definitions.look_again = [&] {
    ++looks;
    definitions.functions[1] = {"acme::plan", 0, 0};
    definitions.modules[0] = {"/opt/app/agent", "", 0};
  };
  SharedFacts facts(definitions, nullptr);
  for (int i = 0; i < 100; ++i) CHECK(facts.of_call(1, 1, "t").span_name == "workflow.acme::plan");
  CHECK(looks == 1);
}

TEST_CASE("a thread that changes its name has the new one from then on", "[exporter][facts]") {
  const Definitions definitions = two_modules();
  SharedFacts facts(definitions, nullptr);
  const auto before = facts.of_call(0, 1, "start").attributes;
  CHECK(value(facts.of_call(0, 1, "serve").attributes, "thread.name") == "serve");
  CHECK(value(facts.of_thread(1, "serve"), "thread.name") == "serve");
  CHECK(value(before, "thread.name") == "start");
  CHECK(facts.of_thread(0, "") == nullptr);
}

TEST_CASE("very many threads have right attributes, and are not all remembered", "[exporter][facts]") {
  const Definitions definitions = two_modules();
  SharedFacts facts(definitions, nullptr);
  std::weak_ptr<const std::vector<Attribute>> first = facts.of_call(0, 1, "worker 1").attributes;
  for (std::uint32_t tid = 1; tid <= 20'000; ++tid) {
    const auto& list = facts.of_call(0, tid, "worker " + std::to_string(tid)).attributes;
    if (tid % 1000 == 0) CHECK(value<std::int64_t>(list, "thread.id") == tid);
  }
  CHECK(first.expired());
  CHECK(value(facts.of_call(0, 1, "worker 1").attributes, "thread.name") == "worker 1");
}

TEST_CASE("shared attributes are written like those that a span has for itself",
          "[exporter][otlp][protobuf][json]") {
  std::vector<Span> sharing;
  std::vector<Span> owning;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Span span;
    span.trace_id = {1, 2};
    span.span_id = i + 1;
    span.name = "n";
    // More lists than are remembered, each used again and again.
    const auto number = static_cast<std::int64_t>(i * 7 % 400);
    const std::vector<Attribute> list{{"code.line.number", number}, {"thread.name", std::to_string(number)}};
    static std::vector<AttributeList::Shared> lists(400);
    auto& shared = lists[static_cast<std::size_t>(number)];
    if (shared == nullptr) shared = std::make_shared<const std::vector<Attribute>>(list);
    span.attributes = AttributeList(shared);
    span.attributes.push_back({"error.type", std::string("E")});
    sharing.push_back(span);
    span.attributes = AttributeList(list);
    span.attributes.push_back({"error.type", std::string("E")});
    owning.push_back(span);
  }
  std::string first;
  std::string second;
  otlp::append_otlp_protobuf(sharing, first);
  otlp::append_otlp_protobuf(owning, second);
  CHECK(first == second);
  CHECK(file::to_otlp_json(sharing) == file::to_otlp_json(owning));
}
