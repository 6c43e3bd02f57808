// What keeps a program from being traced, and where the loader finds libraries.
#include "exporters/cli/program_facts.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "exporters/cli/library_search.h"
#include "exporters/cli/reasons.h"
#include "tests/support/temp_dir.h"

namespace llmo::cli {
namespace {

using Reach = Obstacle::Reach;

// A program against which nothing stands.
ProgramFacts traceable() {
  ProgramFacts facts;
  facts.command = "app";
  facts.path = "/bin/app";
  facts.elf.is_elf = true;
  facts.elf.for_x86_64 = true;
  facts.elf.machine = "x86-64";
  facts.elf.has_interpreter = true;
  facts.elf.calls_function_hooks = true;
  return facts;
}

std::string write_executable(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path) << content;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

// A loader cache as ldconfig writes it.
std::string loader_cache(std::int32_t flags, const std::string& name, const std::string& path) {
  std::string bytes = "glibc-ld.so.cache1.1";
  const auto put = [&bytes](auto number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  const std::uint32_t strings_at = 48 + 24;
  put(std::uint32_t{1});
  bytes.resize(48, '\0');
  put(flags);
  put(strings_at);
  put(static_cast<std::uint32_t>(strings_at + name.size() + 1));
  bytes.resize(48 + 24, '\0');
  return bytes + name + '\0' + path + '\0';
}

TEST_CASE("each thing that keeps the library from being loaded is told, and nothing else with it", "[cli]") {
  CHECK(obstacles(traceable()).empty());

  ProgramFacts facts = traceable();
  facts.elf.has_interpreter = false;
  facts.elf.calls_function_hooks = false;
  REQUIRE(obstacles(facts).size() == 1);
  CHECK(obstacles(facts)[0].reach == Reach::kEverything);
  CHECK(obstacles(facts)[0].sentence.find("app is statically linked") == 0);

  facts = traceable();
  facts.elf.for_x86_64 = false;
  facts.elf.machine = "32-bit x86";
  CHECK(obstacles(facts).at(0).sentence.find("32-bit x86") != std::string::npos);

  facts = traceable();
  facts.set_id = true;
  facts.file_capabilities = true;
  CHECK(obstacles(facts).size() == 2);
}

TEST_CASE("functions and API calls have obstacles of their own", "[cli]") {
  ProgramFacts facts = traceable();
  facts.elf.calls_function_hooks = false;
  CHECK(obstacles(facts).at(0).reach == Reach::kFunctions);
  facts.instrumented_libraries = {"libagents.so"};
  CHECK(obstacles(facts).empty());
  facts.elf.defines_libcurl = true;
  CHECK(obstacles(facts).at(0).reach == Reach::kApiCalls);
  facts.elf.defines_function_hooks = true;
  CHECK(obstacles(facts).size() == 2);
}

TEST_CASE("a script's obstacles name its interpreter", "[cli]") {
  ProgramFacts facts = traceable();
  facts.script = "./job.py";
  facts.command = "./job.py";
  facts.path = "/usr/bin/python3";
  facts.elf.calls_function_hooks = false;
  CHECK(obstacles(facts).at(0).sentence.find("./job.py (which runs /usr/bin/python3)") == 0);
}

TEST_CASE("a run without spans is always given a reason", "[cli]") {
  const llmo::config::Settings settings;
  CHECK(why_nothing_was_traced(traceable(), settings).find("no function that ran matches") == 0);

  ProgramFacts plain = traceable();
  plain.elf.calls_function_hooks = false;
  CHECK(why_nothing_was_traced(plain, settings).find("-finstrument-functions") != std::string::npos);

  llmo::config::Settings calls_only;
  calls_only.function_tracing = false;
  CHECK(why_nothing_was_traced(traceable(), calls_only).find("AUTO_FUNCTION_TRACING=false") !=
        std::string::npos);

  ProgramFacts unknown;
  unknown.command = "x";
  CHECK_FALSE(why_nothing_was_traced(unknown, settings).empty());
}

TEST_CASE("a command is looked for as execvp does, and what stands against running it is told", "[cli]") {
  const llmo::test::TempDir dir;
  CHECK(inspect_program("no-such-command-anywhere").exec_error == ENOENT);
  CHECK(inspect_program(dir.path() / "missing").exec_error == ENOENT);
  CHECK(inspect_program("").exec_error == ENOENT);
  CHECK(inspect_program(dir.path()).exec_error == EACCES);
  std::ofstream(dir.path() / "plain") << "text";
  CHECK(inspect_program(dir.path() / "plain").exec_error == EACCES);
  CHECK(inspect_program("true").exec_error == 0);
}

TEST_CASE("a script is followed to its interpreter, through env too", "[cli]") {
  const llmo::test::TempDir dir;
  const std::string shell = write_executable(dir.path() / "a", "#! /bin/sh -e\nexit 0\n");
  CHECK(inspect_program(shell).path == "/bin/sh");
  CHECK(inspect_program(shell).script == shell);
  CHECK(inspect_program(shell).elf.is_elf);

  const std::string through_env = write_executable(dir.path() / "b", "#!/usr/bin/env sh\n");
  CHECK(inspect_program(through_env).path.ends_with("/sh"));

  const std::string endless = write_executable(dir.path() / "c", "#!" + std::string(5000, 'x'));
  CHECK_FALSE(inspect_program(endless).elf.is_elf);
  const std::string empty = write_executable(dir.path() / "d", "#!");
  CHECK_FALSE(inspect_program(empty).elf.is_elf);
}

TEST_CASE("an ELF file cut short or overwritten at any place is read without harm", "[cli]") {
  std::ifstream file("/bin/true", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(read_elf_facts("/bin/true").has_interpreter);
  const llmo::test::TempDir dir;
  const std::string path = dir.path() / "torn";
  for (std::size_t size = 0; size < whole.size(); size += size < 128 ? 1 : 997) {
    write_executable(path, whole.substr(0, size));
    read_elf_facts(path);
    std::string damaged = whole;
    damaged.replace(size, std::min<std::size_t>(16, whole.size() - size), 16, '\xff');
    write_executable(path, damaged);
    read_elf_facts(path);
  }
  CHECK_FALSE(read_elf_facts(dir.path()).is_elf);
}

TEST_CASE("the loader's cache is read, foreign entries left out, damage survived", "[cli]") {
  const std::string cache = loader_cache(0x0303, "libx.so.1", "/opt/libx.so.1");
  CHECK(parse_loader_cache(cache).at("libx.so.1") == "/opt/libx.so.1");
  CHECK(parse_loader_cache(loader_cache(0x0003, "libx.so.1", "/lib32/libx.so.1")).empty());
  for (std::size_t size = 0; size < cache.size(); ++size)
    CHECK(parse_loader_cache(cache.substr(0, size)).size() <= 1);
  std::string wild = cache;
  std::memset(wild.data() + 20, 0xff, 4);  // four thousand million entries
  CHECK(parse_loader_cache(wild).size() == 1);
}

TEST_CASE("libraries are found by run path, library path and cache, in the loader's order", "[cli]") {
  const llmo::test::TempDir dir;
  std::filesystem::create_directories(dir.path() / "own");
  std::filesystem::create_directories(dir.path() / "env");
  std::ofstream(dir.path() / "own" / "libx.so");
  std::ofstream(dir.path() / "env" / "libx.so");
  const std::string user = dir.path() / "app";
  ElfFacts facts;
  facts.runpath = "/nowhere:$ORIGIN/own";
  CHECK(LibrarySearch("").find("libx.so", facts, user) == user.substr(0, user.size() - 3) + "own/libx.so");
  CHECK(LibrarySearch(dir.path() / "env").find("libx.so", facts, user) == dir.path() / "env" / "libx.so");
  facts.rpath = "${ORIGIN}/own";
  facts.runpath.clear();
  CHECK(LibrarySearch(dir.path() / "env").find("libx.so", facts, user) == dir.path() / "own" / "libx.so");
  CHECK(LibrarySearch("").find("libc.so.6", ElfFacts{}, "/bin/true").ends_with("/libc.so.6"));
  CHECK(LibrarySearch("").find("libnowhere.so.9", ElfFacts{}, "/bin/true").empty());
}

}  // namespace
}  // namespace llmo::cli
