// Names and lines of this very program's code, as the exporter finds them for a stack.
#include "exporters/session/code_lookup.h"

#include <catch2/catch.hpp>
#include <string>

#include "exporters/span/stack_namer.h"
#include "symbolizer/module_map.h"

namespace {

using namespace llmo;

constexpr std::uint32_t kCallLine = __LINE__ + 2;
[[gnu::noinline]] std::uintptr_t static_callee() {
  return reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
}

struct Prober {
  [[gnu::noinline]] static std::uintptr_t probe_agent() {
    const std::uintptr_t address = static_callee();
    asm volatile("");  // no tail call
    return address;
  }
  [[gnu::always_inline]] static inline std::uintptr_t inlined_handler() {
    const std::uintptr_t address = static_callee();
    asm volatile("");
    return address;
  }
  [[gnu::noinline]] static std::uintptr_t holds_inlined() {
    const std::uintptr_t address = inlined_handler();
    asm volatile("");
    return address;
  }
};
constexpr std::uint32_t kProbeLine = kCallLine + 5;
constexpr std::uint32_t kInlinedLine = kCallLine + 10;
constexpr std::uint32_t kHolderLine = kCallLine + 15;

ModuleDefinition module_of(std::uintptr_t address) {
  const auto module = symbolizer::find_module(address);
  REQUIRE(module);
  return {module->path, std::string(module->build_id.begin(), module->build_id.end()), module->load_bias};
}

}  // namespace

TEST_CASE("a return address gives the function and the line of the call", "[exporter][code_lookup]") {
  const std::uintptr_t address = Prober::probe_agent();
  const ModuleDefinition module = module_of(address);
  const auto frames = session::make_code_lookup()->frames_at(module, address - 1 - module.load_bias);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].function == "(anonymous namespace)::Prober::probe_agent");
  CHECK(frames[0].own_name == "probe_agent");
  CHECK(frames[0].position.file.ends_with("/tests/unit/exporter_code_lookup_test.cpp"));
  CHECK(frames[0].position.line == kProbeLine);
}

TEST_CASE("an inlined function is named, with its line and that of the call it stands for",
          "[exporter][code_lookup]") {
  const std::uintptr_t address = Prober::holds_inlined();
  const ModuleDefinition module = module_of(address);
  const auto frames = session::make_code_lookup()->frames_at(module, address - 1 - module.load_bias);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].own_name == "inlined_handler");
  CHECK(frames[0].position.line == kInlinedLine);
  CHECK(frames[1].function == "(anonymous namespace)::Prober::holds_inlined");
  CHECK(frames[1].position.line == kHolderLine);
  CHECK(frames[1].position.file.ends_with("/tests/unit/exporter_code_lookup_test.cpp"));
}

TEST_CASE("a stack of real addresses is named and finds its workflow", "[exporter][code_lookup]") {
  const std::uintptr_t address = Prober::probe_agent();
  Definitions definitions;
  definitions.modules[4] = module_of(address);
  StackNamer stacks(definitions, session::make_code_lookup(),
                    std::make_shared<const filter::FunctionFilter>("*_agent", ""));
  const std::vector<journal::CodeAddress> addresses = {{4, 0, address - definitions.modules[4].load_bias}};
  const NamedStack stack = stacks.name(std::as_bytes(std::span(addresses)));
  CHECK(stack.caller_workflow == "(anonymous namespace)::Prober::probe_agent");
  CHECK(stack.text.starts_with("at (anonymous namespace)::Prober::probe_agent (/"));
}

TEST_CASE("code in a file that is gone, or is another one by now, has no name", "[exporter][code_lookup]") {
  const auto lookup = session::make_code_lookup();
  ModuleDefinition module = module_of(Prober::probe_agent());
  const std::uint64_t address = Prober::probe_agent() - module.load_bias;
  module.build_id.back() = static_cast<char>(module.build_id.back() ^ 1);
  CHECK(lookup->frames_at(module, address).empty());
  CHECK(lookup->source_of(module, address).empty());
  CHECK(lookup->frames_at({"/nonexistent", "", 0}, address).empty());
  CHECK(lookup->frames_at({"[vdso]", "", 0}, 0x100).empty());
  CHECK(lookup->frames_at({"/etc/passwd", "", 0}, UINT64_MAX).empty());
}

TEST_CASE("a library that was not built here gives the names of its functions", "[exporter][code_lookup]") {
  const auto address = reinterpret_cast<std::uintptr_t>(&::getenv);
  const ModuleDefinition module = module_of(address);
  const auto frames = session::make_code_lookup()->frames_at(module, address - module.load_bias + 4);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].own_name == "getenv");
}
