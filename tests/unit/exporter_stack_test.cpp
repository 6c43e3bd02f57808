// Call stacks: named, cut down to what a reader wants to see, and the workflow found in them.
#include "exporters/span/stack_namer.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/exporter_code.h"

namespace {

using namespace llmo;
using journal::CodeAddress;

// Return addresses lie one behind what is looked up.
struct StackFixture {
  Definitions definitions;
  std::shared_ptr<test::FakeCode> code = std::make_shared<test::FakeCode>();
  std::shared_ptr<const filter::FunctionFilter> filter =
      std::make_shared<const filter::FunctionFilter>("*_agent,acme::*_handler,!debug_*", "test");
  StackNamer stacks{definitions, code, filter};

  StackFixture() {
    definitions.modules[0] = {"/opt/app/agent", "", 0};
    definitions.modules[1] = {"/usr/lib/x86_64-linux-gnu/libcurl.so.4", "", 0};
    definitions.modules[2] = {"/opt/llmobserve/libllmobserve.so", "", 0};
    definitions.modules[3] = {"/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "", 0};
    definitions.modules[4] = {"/usr/lib/x86_64-linux-gnu/libcurl-gnutls.so.4", "", 0};
    definitions.modules[5] = {"/opt/test/libplugin.so", "", 0};
    code->add("/opt/app/agent", 0x100, "acme::send", {"/src/send.cpp", 7});
    code->add("/opt/app/agent", 0x200, "acme::ask_agent", {"/src/ask.cpp", 70});
    code->add("/opt/app/agent", 0x300, "main", {"/src/main.cpp", 700});
  }
  NamedStack name(const std::vector<CodeAddress>& addresses) {
    return stacks.name(std::as_bytes(std::span(addresses)));
  }
};

}  // namespace

TEST_CASE_METHOD(StackFixture, "a stack reads innermost first, one line a frame", "[exporter][stack]") {
  const NamedStack stack = name({{0, 0, 0x101}, {0, 0, 0x201}, {0, 0, 0x301}});
  CHECK(stack.text ==
        "at acme::send (/src/send.cpp:7)\nat acme::ask_agent (/src/ask.cpp:70)\nat main (/src/main.cpp:700)");
  CHECK(stack.call_site.function == "acme::send");
  CHECK(stack.call_site.position.line == 7);
  CHECK(stack.caller_workflow == "acme::ask_agent");
}

TEST_CASE_METHOD(StackFixture, "frames of the library and of libcurl are left out", "[exporter][stack]") {
  const NamedStack stack = name({{2, 0, 0x51}, {1, 0, 0x61}, {4, 0, 0x71}, {0, 0, 0x101}});
  CHECK(stack.text == "at acme::send (/src/send.cpp:7)");
}

TEST_CASE_METHOD(StackFixture, "the call site is the innermost code of the program itself",
                 "[exporter][stack]") {
  code->add("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", 0x10, "std::thread::_State::run");
  code->add("/opt/app/agent", 0x400, "std::invoke", {"/usr/include/c++/12/functional", 9});
  const NamedStack stack = name({{3, 0, 0x11}, {0, 0, 0x401}, {0, 0, 0x201}});
  CHECK(stack.call_site.function == "acme::ask_agent");
  CHECK(stack.text.starts_with("at std::thread::_State::run (libstdc++.so.6+0x11)\nat std::invoke ("));
}

TEST_CASE_METHOD(StackFixture,
                 "code without a name shows where it lies, and no farther frame stands in for it",
                 "[exporter][stack]") {
  const NamedStack stack = name({{0, 0, 0xabc}, {0, 0, 0x101}});
  CHECK(stack.text == "at (agent+0xabc)\nat acme::send (/src/send.cpp:7)");
  CHECK(stack.call_site.function.empty());
}

TEST_CASE_METHOD(StackFixture, "inlined functions are frames of their own", "[exporter][stack]") {
  code->add("/opt/app/agent", 0x500, "acme::inlined_agent", {"/src/a.h", 1});
  code->add("/opt/app/agent", 0x500, "acme::outer", {"/src/b.cpp", 2});
  const NamedStack stack = name({{0, 0, 0x501}});
  CHECK(stack.text == "at acme::inlined_agent (/src/a.h:1)\nat acme::outer (/src/b.cpp:2)");
  CHECK(stack.caller_workflow == "acme::inlined_agent");
}

TEST_CASE_METHOD(StackFixture,
                 "a workflow on the stack is found by the rules that instrumented functions have",
                 "[exporter][stack]") {
  const auto caller = [this](const std::string& module, const std::string& function) {
    static std::uint64_t address = 0x1000;
    address += 0x10;
    code->add(module, address, function);
    const std::uint32_t id = module == "/opt/app/agent" ? 0 : 5;
    return name({{id, 0, address + 1}}).caller_workflow;
  };
  CHECK(caller("/opt/app/agent", "run_agent") == "run_agent");
  CHECK(caller("/opt/app/agent", "acme::http_handler") == "acme::http_handler");
  CHECK(caller("/opt/app/agent", "other::http_handler").empty());
  CHECK(caller("/opt/app/agent", "debug_agent").empty());
  CHECK(caller("/opt/app/agent", "test::run_agent").empty());
  CHECK(caller("/opt/test/libplugin.so", "run_agent") == "run_agent");  // a directory is no module's name
}

TEST_CASE_METHOD(StackFixture, "a workflow in an excluded source file is none", "[exporter][stack]") {
  code->sources[0x200] = "src/test/ask.cpp";
  CHECK(name({{0, 0, 0x201}}).caller_workflow.empty());
}

TEST_CASE_METHOD(StackFixture, "a stack that was seen before asks nobody", "[exporter][stack]") {
  name({{0, 0, 0x101}, {0, 0, 0x201}});
  CHECK(code->lookups == 2);
  name({{0, 0, 0x101}, {0, 0, 0x201}});
  CHECK(code->lookups == 2);
  name({{0, 0, 0x101}, {0, 0, 0x301}});  // another stack: one address is new
  CHECK(code->lookups == 3);
}

TEST_CASE_METHOD(StackFixture, "a module that is described later is named from then on",
                 "[exporter][stack]") {
  const std::vector<CodeAddress> addresses = {{9, 0, 0x101}, {0, 0, 0x201}};
  CHECK(name(addresses).text == "at (unknown+0x101)\nat acme::ask_agent (/src/ask.cpp:70)");
  CHECK(name(addresses).call_site.function.empty());
  definitions.modules[9] = {"/opt/app/late.so", "", 0};
  code->add("/opt/app/late.so", 0x100, "late");
  CHECK(name(addresses).text.starts_with("at late (late.so+0x101)\n"));
}

TEST_CASE_METHOD(StackFixture, "a stack of any size and of any stacks stays bounded", "[exporter][stack]") {
  const NamedStack deep = name(std::vector<CodeAddress>(100'000, {0, 0, 0x101}));
  CHECK(deep.text.size() <= 32 * 1024);
  CHECK(deep.text.ends_with("(/src/send.cpp:7)"));
  for (std::uint64_t i = 0; i < 40'000; ++i) name({{0, 0, i}});
  CHECK(name({{0, 0, 0x101}}).text == "at acme::send (/src/send.cpp:7)");
  CHECK(name({}).text.empty());
}

TEST_CASE("without symbols and rules a stack still says where it lies", "[exporter][stack]") {
  Definitions definitions;
  definitions.modules[0] = {"/opt/app/agent", "", 0};
  StackNamer stacks(definitions, nullptr, nullptr);
  const std::vector<CodeAddress> addresses = {{0, 0, 0}, {0, 0, UINT64_MAX}};
  CHECK(stacks.name(std::as_bytes(std::span(addresses))).text ==
        "at (agent+0x0)\nat (agent+0xffffffffffffffff)");
}
