// Addresses of this very process: which module, which function, which source file and line.
#include <dlfcn.h>
#include <sys/auxv.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "symbolizer/lines/source_lines.h"
#include "symbolizer/module_symbols.h"

using namespace std::string_literals;
using llmo::symbolizer::find_module;
using llmo::symbolizer::LoadedModule;
using llmo::symbolizer::ModuleSymbols;
using llmo::symbolizer::NamedFunction;
using llmo::symbolizer::SourceLines;

namespace {

constexpr int kHiddenAgentLine = __LINE__ + 1;
[[gnu::noinline]] int hidden_agent(int value) { return value * 3 + 1; }

template <typename T>
[[gnu::noinline]] T template_agent(T value) {
  return value + value;
}

struct Planner {
  [[gnu::noinline]] static int plan_agent(const std::string& text) { return static_cast<int>(text.size()); }
};

[[gnu::noinline]] std::uintptr_t caller_address() {
  return reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
}

template <typename Function>
std::uintptr_t address_of(Function* function) {
  return reinterpret_cast<std::uintptr_t>(function);
}

struct Found {
  std::optional<LoadedModule> module;
  std::optional<NamedFunction> function;
  std::optional<std::string> source;
};

Found look_up(std::uintptr_t address) {
  Found found;
  found.module = find_module(address);
  if (!found.module) return found;
  auto symbols = ModuleSymbols::open(*found.module);
  if (!symbols) return found;
  found.function = symbols->find(address - found.module->load_bias);
  found.source = symbols->source_file(address - found.module->load_bias);
  return found;
}

}  // namespace

[[gnu::noinline]] static int static_workflow(int value) { return hidden_agent(value) + 7; }
extern "C" [[gnu::noinline]] int llmo_test_c_handler(int value);
extern "C" int llmo_test_c_handler(int value) { return value - 1; }

TEST_CASE("functions of the main program are named, visible ones and hidden ones",
          "[symbolizer][module_symbols]") {
  const std::pair<std::uintptr_t, const char*> functions[] = {
      {address_of(hidden_agent), "(anonymous namespace)::hidden_agent"},
      {address_of(template_agent<int>), "(anonymous namespace)::template_agent"},
      {address_of(template_agent<double>), "(anonymous namespace)::template_agent"},
      {address_of(Planner::plan_agent), "(anonymous namespace)::Planner::plan_agent"},
      {address_of(static_workflow), "static_workflow"},
      {address_of(llmo_test_c_handler), "llmo_test_c_handler"},
  };
  for (const auto& [address, name] : functions) {
    CAPTURE(name);
    const Found found = look_up(address);
    REQUIRE(found.function);
    CHECK(found.function->name.qualified == name);
    CHECK(found.function->exact);
    CHECK(found.function->address + found.module->load_bias == address);
    REQUIRE(found.source);
    CHECK(found.source->ends_with("symbolizer_module_test.cpp"));
  }
}

TEST_CASE("an address inside a lambda leads to the lambda, not to where it starts",
          "[symbolizer][module_symbols]") {
  const auto lambda = []() __attribute__((noinline)) {
    const std::uintptr_t address = caller_address();
    return address + 0 * static_cast<std::uintptr_t>(hidden_agent(1));
  };
  const Found found = look_up(lambda());
  REQUIRE(found.function);
  CHECK(found.function->name.own == "operator()");
  CHECK(found.function->name.qualified.find("{lambda#1}") != std::string::npos);
  CHECK_FALSE(found.function->exact);
}

TEST_CASE("the main program is known by its path and read through /proc/self/exe",
          "[symbolizer][module_map]") {
  const auto module = find_module(address_of(hidden_agent));
  REQUIRE(module);
  CHECK(module->path.front() == '/');
  CHECK(module->path.find("(deleted)") == std::string::npos);
  CHECK(module->file == "/proc/self/exe");
  CHECK(module->text_start <= address_of(hidden_agent));
  CHECK(module->text_end > address_of(hidden_agent));
}

TEST_CASE("functions of stripped libraries are named from .dynsym", "[symbolizer][module_symbols]") {
  void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  REQUIRE(libc != nullptr);
  const Found found = look_up(reinterpret_cast<std::uintptr_t>(dlsym(libc, "getenv")));
  REQUIRE(found.function);
  CHECK(found.module->path.find("libc.so.6") != std::string::npos);
  CHECK(found.function->name.own == "getenv");

  const Found terminate = look_up(reinterpret_cast<std::uintptr_t>(dlsym(RTLD_DEFAULT, "_ZSt9terminatev")));
  REQUIRE(terminate.function);
  CHECK(terminate.function->name.qualified == "std::terminate");
}

TEST_CASE("the vDSO is a module without a file", "[symbolizer][module_map]") {
  const std::uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
  REQUIRE(vdso != 0);
  const auto module = find_module(vdso + 0x100);
  REQUIRE(module);
  CHECK(module->path == "[vdso]");
  CHECK(module->file.empty());
  CHECK_FALSE(ModuleSymbols::open(*module));
}

TEST_CASE("an address that is no code of a module belongs to none", "[symbolizer][module_map]") {
  static int data = 0;
  int on_stack = 0;
  CHECK_FALSE(find_module(0));
  CHECK_FALSE(find_module(UINTPTR_MAX));
  CHECK_FALSE(find_module(reinterpret_cast<std::uintptr_t>(&data)));
  CHECK_FALSE(find_module(reinterpret_cast<std::uintptr_t>(&on_stack)));
}

TEST_CASE("a file with another build id is not what runs", "[symbolizer][module_symbols]") {
  const auto module = find_module(address_of(hidden_agent));
  REQUIRE(module);
  REQUIRE_FALSE(module->build_id.empty());
  CHECK(ModuleSymbols::open(module->path, module->build_id));
  auto other = module->build_id;
  other.back() ^= 1;
  CHECK_FALSE(ModuleSymbols::open(module->path, other));
  SourceLines lines;
  CHECK_FALSE(lines.find(module->path, other, address_of(hidden_agent) - module->load_bias));
}

TEST_CASE("a function's line is the one it is declared on", "[symbolizer][source_lines]") {
  const auto module = find_module(address_of(hidden_agent));
  REQUIRE(module);
  SourceLines lines;
  const auto location =
      lines.find(module->path, module->build_id, address_of(hidden_agent) - module->load_bias);
  REQUIRE(location);
  CHECK(location->line == kHiddenAgentLine);
  CHECK(location->file.front() == '/');
  CHECK(location->file.ends_with("tests/unit/symbolizer_module_test.cpp"));
}

TEST_CASE("modules that were closed to make room are opened again", "[symbolizer][source_lines]") {
  const auto module = find_module(address_of(hidden_agent));
  REQUIRE(module);
  SourceLines lines(1);
  for (int round = 0; round < 2; ++round) {
    CHECK(lines.find(module->path, module->build_id, address_of(static_workflow) - module->load_bias));
    CHECK_FALSE(lines.find("/nonexistent", {}, 0x1000));
    CHECK_FALSE(lines.find("/etc/passwd", {}, 0x1000));
  }
}
