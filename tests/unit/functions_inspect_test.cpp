// Files that lie, end too early, or are none: what is said of them, and that nothing comes to harm.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>

#include "exporters/functions/functions_report.h"
#include "exporters/functions/inspect.h"
#include "exporters/functions/process_modules.h"
#include "exporters/span/json_text.h"
#include "tests/support/temp_dir.h"

namespace llmo::functions {
namespace {

const filter::FunctionFilter& everything() {
  static const filter::FunctionFilter filter("*", ",");
  return filter;
}

ModuleReport inspect(const std::string& file, const filter::FunctionFilter& filter = everything()) {
  return inspect_module({"/opt/acme/planner", file}, filter, {true, false});
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// An instrumented program with debug information and something inlined, a few kilobytes of it.
std::string compiled_program(const test::TempDir& dir) {
  const std::string source = dir.path() / "planner.c";
  const std::string program = dir.path() / "planner";
  write_file(
      source,
      "static inline int step_agent(int x) { return x * 3 + 1; }\n"
      "__attribute__((noinline)) int plan_agent(int x) { return step_agent(x) + 2; }\n"
      "__attribute__((no_instrument_function, noinline)) int quiet_agent(int x) { return x + 2; }\n"
      "int main(int count, char** words) { return words ? plan_agent(count) + quiet_agent(count) : 0; }\n");
  const std::string command =
      "timeout 60 gcc -O2 -g -finstrument-functions " + source + " -o " + program + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  return program;
}

// Everything that is made of a report, so that a wild value in it shows.
void make_all_of(ModuleReport module) {
  FunctionsReport report;
  report.subject = module.path;
  report.modules.push_back(std::move(module));
  CHECK_FALSE(report_text(report).empty());
  CHECK(is_json_container(report_json(report)));
}

const FunctionRow& row(const ModuleReport& module, const std::string& name) {
  for (const FunctionRow& row : module.rows) {
    if (row.name == name) return row;
  }
  FAIL("no row for " << name);
  throw std::runtime_error(name);
}

TEST_CASE("a program that was cut or changed anywhere does no harm", "[functions]") {
  const test::TempDir dir;
  const std::string whole = read_file(compiled_program(dir));
  const std::string damaged = dir.path() / "damaged";
  std::mt19937 random(20240511);  // always the same damage
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 300; ++round) {
    std::string bytes = whole;
    for (std::size_t changes = below(12); changes > 0; --changes) {
      const std::size_t tables = whole.size() * 3 / 4;  // symbols and section headers stand at the end
      const std::size_t at = below(3) == 0   ? below(64)
                             : below(2) == 0 ? tables + below(whole.size() - tables)
                                             : below(whole.size());
      bytes[at] = static_cast<char>(below(2) == 0 ? 0xff : below(256));
    }
    if (round % 4 == 0) bytes.resize(below(bytes.size()));
    write_file(damaged, bytes);
    make_all_of(inspect(damaged));
  }
}

TEST_CASE("what a function of a small program does is told by its code and its debug information",
          "[functions]") {
  const test::TempDir dir;
  const filter::FunctionFilter filter("*_agent", ",");
  const ModuleReport module = inspect(compiled_program(dir), filter);
  CHECK(module.problem.empty());
  CHECK(module.kind == ModuleKind::kProgram);
  CHECK(module.names == NameSource::kSymbolTable);
  CHECK(module.instrumented == 3);  // with main
  CHECK(module.seen() == 2);
  CHECK(module.unseen() == 1);
  CHECK(row(module, "plan_agent").is_seen());
  CHECK(row(module, "step_agent").copies == 1);
  CHECK(row(module, "step_agent").silent_copies == 0);
  CHECK(row(module, "step_agent").places.at(0).caller == "plan_agent");
  CHECK(row(module, "step_agent").places.at(0).line == 2);
  CHECK(row(module, "quiet_agent").unseen == Unseen::kMarked);
  CHECK(row(module, "main").verdict == filter::Verdict::kNoMatch);
}

TEST_CASE("what is no program or library is told so", "[functions]") {
  const test::TempDir dir;
  const std::string text = dir.path() / "text";
  write_file(text, "int main() {}\n");
  CHECK(inspect(text).problem.find("not an ELF file") != std::string::npos);
  CHECK(inspect(dir.path() / "nothing").problem == "No such file or directory");
  CHECK(inspect(dir.path()).problem.find("not an ELF file") != std::string::npos);

  std::string program = read_file("/proc/self/exe").substr(0, 4096);
  program[16] = 1;  // ET_REL
  write_file(text, program);
  CHECK(inspect(text).problem.find("an object file") != std::string::npos);
  program[18] = static_cast<char>(183);  // EM_AARCH64
  write_file(text, program);
  CHECK(inspect(text).problem.find("for another machine") != std::string::npos);
  make_all_of(inspect(text));
}

TEST_CASE("a report with bytes that are no text is still JSON, and harmless to a terminal", "[functions]") {
  ModuleReport module;
  module.path = "/opt/\x1b[31m\xff/app";
  FunctionRow hostile;
  hostile.name = "evil\x1b]0;\x07\n\xc3_agent";
  hostile.rule = "*_agent";
  hostile.verdict = filter::Verdict::kTraced;
  hostile.ground = filter::Ground::kName;
  hostile.instrumented = true;
  hostile.copies = 2;
  hostile.places = {{"ca\nller\x1b", "/src/\x1b.c", 7}};
  module.rows.push_back(hostile);
  module.instrumented = 1;
  make_all_of(module);
  FunctionsReport report;
  report.modules.push_back(module);
  const std::string text = report_text(report);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\xff') == std::string::npos);
}

TEST_CASE("the maps of a process give each file with code once, and nothing that is none", "[functions]") {
  const auto found = parse_maps(
      "55d0c0000000-55d0c0001000 r--p 00000000 08:01 7 /opt/app\n"
      "55d0c0001000-55d0c0002000 r-xp 00001000 08:01 7 /opt/app\n"
      "7f0000000000-7f0000001000 r-xp 00000000 08:01 8 /opt/my lib.so (deleted)\n"
      "7f0000001000-7f0000002000 r-xp 00002000 08:01 7 /opt/app\n"
      "7f0000002000-7f0000003000 rwxp 00000000 00:00 0 \n"
      "7fff00000000-7fff00001000 r-xp 00000000 00:00 0 [vdso]\n"
      "r-xp\n\n7f00 r-xp 0 0 0 /cut");
  REQUIRE(found.size() == 3);
  CHECK(found[0].path == "/opt/app");
  CHECK_FALSE(found[0].deleted);
  CHECK(found[1].path == "/opt/my lib.so");
  CHECK(found[1].deleted);
  CHECK(found[1].range == "7f0000000000-7f0000001000");
  CHECK(found[2].path == "/cut");
}

TEST_CASE("a process that is not there, or is none, is told so", "[functions]") {
  CHECK(read_process(999999999).problem == "there is no process 999999999");
  CHECK(read_process(::getpid()).problem.empty());
  CHECK(read_process(::getpid()).environment_known);
}

}  // namespace
}  // namespace llmo::functions
