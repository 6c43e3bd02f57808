// What the host may rely on: it behaves exactly as without us, and nothing of ours shows in it.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

void check_same_with_and_without(const std::vector<std::string>& argv, RunOptions options = {}) {
  Sandbox sandbox;
  const Run with = sandbox.run(argv, options);
  options.preload = false;
  const Run without = sandbox.run(argv, options);
  CHECK(with.out == without.out);
  CHECK(with.err == without.err);
  CHECK(with.exit_code == without.exit_code);
  CHECK(with.signal == without.signal);
}

TEST_CASE("a traced program's output and exit code are as without us", "[e2e][promise]") {
  check_same_with_and_without({program_path("prints_and_fails", each_variant())}, {.input = "one\ntwo\n"});
}

TEST_CASE("programs that are not instrumented run as without us", "[e2e][promise]") {
  const std::string script =
      GENERATE(as<std::string>{}, "ls -la /usr/bin/env /etc/passwd", "ls /no/such/file",
               "cat /etc/passwd | sort | head -n 3", "perl -e 'print map { $_ * 2 . qq(\\n) } 1..5; exit 9'",
               "exit 77", "kill -TERM $$", "sleep 0 & wait; echo $?",
               "command -v python3 >/dev/null || exit 0; python3 -c 'import os, threading, subprocess; "
               "print(len(os.listdir(\"/proc/self/fd\")), threading.active_count(), "
               "subprocess.run([\"true\"]).returncode)'");
  INFO(script);
  check_same_with_and_without({"/bin/sh", "-c", script});
}

TEST_CASE("a program that is not instrumented leaves no file behind", "[e2e][promise]") {
  Sandbox sandbox;
  const Run run = sandbox.run({"/bin/true"});
  CHECK(run.exit_code == 0);
  CHECK(run.leftover.empty());
  CHECK_FALSE(fs::exists(sandbox.trace_dir()));
}

TEST_CASE("threads, descriptors, heap, errno, signals and children are as before", "[e2e][promise]") {
  const Run run = run_under_shim("host_state", each_variant());
  CHECK(run.out == "the same\n");
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(run.spans.size() == 20'000);
}

TEST_CASE("not one call to the program's heap is ours", "[e2e][promise]") {
  const std::string program = program_path("counting_malloc", each_variant());
  Sandbox sandbox;
  const Run with = sandbox.run({program});
  CHECK(with.exit_code == 0);
  CHECK(with.out == "0\n");
  CHECK(with.spans.size() == 4'000);
}

TEST_CASE("the process begins with the descriptors, handlers and environment it would have",
          "[e2e][promise]") {
  // The shell itself lists its descriptors: a pipeline's ends may or may not be closed when another looks.
  check_same_with_and_without(
      {"/bin/sh", "-c", "(cd /proc/$$/fd && echo *); trap; env | grep -v LD_PRELOAD | sort"});
}

// The names that the version script makes global: what stands between `global:` and `local:`.
std::vector<std::string> names_in_map() {
  std::istringstream words(read_text("shim/libllmobserve.map"));
  std::vector<std::string> names;
  bool inside = false;
  bool comment = false;
  for (std::string word; words >> word;) {
    if (word.starts_with("/*")) comment = true;
    if (!comment && word == "local:") inside = false;
    if (!comment && inside) names.push_back(word.substr(0, word.find(';')));
    if (!comment && word == "global:") inside = true;
    if (word.ends_with("*/")) comment = false;
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("the library exports what its version script lists, and nothing else", "[e2e][promise]") {
  const Finished nm = run_command({.argv = {"nm", "-D", "--defined-only", library_path()}});
  std::istringstream lines(nm.out);
  std::vector<std::string> exported;
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(line.rfind(' ') + 1);
    // A version's own name is an absolute symbol.
    if (line.find(" A ") == std::string::npos) exported.push_back(name.substr(0, name.find('@')));
  }
  std::sort(exported.begin(), exported.end());
  CHECK_FALSE(exported.empty());
  CHECK(exported == names_in_map());
}

TEST_CASE("a C program that loads C++ late unwinds through us and through libgcc behind us, nothing else",
          "[e2e][promise]") {
  Sandbox sandbox;
  const std::string library = sandbox.path() / "libthrows.so";
  write_text(
      sandbox.path() / "throws.cpp",
      "extern \"C\" int throw_and_catch() { try { throw 5; } catch (int number) { return number; } }\n");
  REQUIRE(run_command({.argv = {"g++", "-shared", "-fPIC", sandbox.path() / "throws.cpp", "-o", library}})
              .exit_code == 0);
  const Run run =
      sandbox.run({program_path("throws_through_c", "gcc-O2"), library}, {.env = {{"LD_DEBUG", "bindings"}}});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "5\n");

  std::istringstream lines(run.err);
  std::size_t unwinding = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("`_Unwind_") == std::string::npos) continue;
    ++unwinding;
    const bool of_host = line.find("binding file " + library) != std::string::npos ||
                         line.find("libstdc++.so.6 [0] to") != std::string::npos;
    const bool to_known = line.find("to /lib/x86_64-linux-gnu/libgcc_s.so.1") != std::string::npos ||
                          line.find("to " + library_path().string()) != std::string::npos;
    if (of_host) CHECK(to_known);
  }
  CHECK(unwinding > 0);
}

TEST_CASE("off means off", "[e2e][promise]") {
  const auto variable = GENERATE(table<std::string, std::string>(
      {{"LLMOBSERVE_ENABLED", "false"}, {"OTEL_SDK_DISABLED", "true"}, {"LLMOBSERVE_ENABLED", "0"}}));
  Sandbox sandbox;
  const Run run = sandbox.run({program_path("nested_calls", "gcc-O2")},
                              {.env = {{std::get<0>(variable), std::get<1>(variable)}}});
  CHECK(run.exit_code == 0);
  CHECK(run.leftover.empty());
  CHECK_FALSE(fs::exists(sandbox.journal_dir()));
  CHECK_FALSE(fs::exists(sandbox.trace_dir()));
}

TEST_CASE("exporter none writes no trace", "[e2e][promise]") {
  const Run run = run_under_shim("nested_calls", "gcc-O2", {.env = {{"LLMOBSERVE_EXPORTER", "none"}}});
  CHECK(run.exit_code == 0);
  CHECK(run.trace_text.empty());
}

TEST_CASE("files are for their owner's eyes only, whatever the umask", "[e2e][promise]") {
  const mode_t before = ::umask(0);
  Sandbox sandbox;
  RunOptions options{.args = {"kill"}};
  const Run run = sandbox.run({program_path("end_inside", "gcc-O2")}, options);
  ::umask(before);
  CHECK_FALSE(run.spans.empty());
  const auto mode_of = [](const fs::path& path) {
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777U : 0U;
  };
  CHECK(mode_of(sandbox.journal_dir()) == 0700);
  CHECK(mode_of(sandbox.trace_dir()) == 0700);
  REQUIRE(sandbox.trace_files().size() == 1);
  CHECK(mode_of(sandbox.trace_files().front()) == 0600);
}

TEST_CASE("files of a running session are for their owner's eyes only", "[e2e][promise]") {
  Sandbox sandbox;
  std::vector<std::string> open_to_others;
  std::size_t files = 0;
  RunOptions options{.args = {sandbox.path() / "counter"}};
  options.while_running = [&](pid_t pid) {
    wait_until([&sandbox] { return !sandbox.trace_files().empty(); });
    for (const auto& entry : fs::recursive_directory_iterator(sandbox.journal_dir())) {
      const auto others = fs::perms::group_all | fs::perms::others_all;
      if ((entry.status().permissions() & others) != fs::perms::none) open_to_others.push_back(entry.path());
      ++files;
    }
    ::kill(pid, SIGKILL);
  };
  sandbox.run({program_path("counted_calls", "gcc-O2")}, options);
  CHECK(files >= 3);  // the session, its control file, a journal
  CHECK(open_to_others.empty());
}

TEST_CASE("the exporter keeps nothing of the host open: a pipe from it ends with it", "[e2e][promise]") {
  Sandbox sandbox;
  const std::string program = program_path("end_inside", "gcc-O2");
  // `cat` ends when the last writer of the pipe has gone; a sleeping exporter that kept it would hold it up.
  const Run run =
      sandbox.run({"/bin/sh", "-c", "exec 7>&1; " + program + " exit | cat; exec 7>&-; echo after"},
                  {.timeout = std::chrono::milliseconds{10'000}, .wait_for_export = false});
  CHECK(run.out == "after\n");
  CHECK(run.duration < std::chrono::milliseconds{5'000});
  sandbox.wait_for_export();
  CHECK_FALSE(sandbox.spans().empty());
}

}  // namespace
}  // namespace llmo::test
