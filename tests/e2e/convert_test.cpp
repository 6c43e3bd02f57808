// Traces in the formats of other tools, trace files with limits, and what is installed beside the program.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/process.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Finished shell(const std::string& script, const Environment& env = {}) {
  Command command;
  command.argv = {"bash", "-c", script};
  command.environment = clean_environment();
  // What `make test` runs under is not what a make that is started here is to take part in.
  for (const char* const name : {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}) command.environment.erase(name);
  for (const auto& [name, value] : env) command.environment[name] = value;
  command.timeout = std::chrono::seconds(120);
  return run_command(command);
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  return lines;
}

// What bash would offer for a command line, whose last word is being typed.
std::set<std::string> completions(const std::string& words) {
  const Finished done =
      shell("llmobserve() { '" + llmobserve_path().string() + "' \"$@\"; }; " +
            "source exporters/cli/llmobserve.bash-completion; COMP_WORDS=(" + words +
            "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
            "_llmobserve llmobserve \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; "
            "printf '%s\\n' \"${COMPREPLY[@]}\"");
  CHECK(done.err.empty());
  return lines_of(done.out);
}

const std::set<std::string> kCommands = {"run",     "tree",  "top",       "gate",     "html",  "convert",
                                         "recover", "check", "functions", "settings", "prices"};

}  // namespace

TEST_CASE("a traced program's spans go to protobuf and back without loss", "[e2e][convert]") {
  Sandbox sandbox;
  REQUIRE(sandbox.run({program_path("nested_calls", "gcc-O2")}).exit_code == 0);
  const std::string traces = sandbox.trace_dir();
  const std::string protobuf = sandbox.path() / "traces.pb";
  const Finished there = sandbox.llmobserve({"convert", "--to", "otlp-protobuf", "-o", protobuf, traces});
  CHECK(there.exit_code == 0);
  CHECK(there.err.empty());
  const Finished back = sandbox.llmobserve({"convert", "--to", "otlp-json", protobuf});
  const Finished plain = sandbox.llmobserve({"convert", "--to", "otlp-json", traces});
  CHECK(back.out == plain.out);
  CHECK(sandbox.llmobserve({"tree", protobuf}).out == sandbox.llmobserve({"tree", traces}).out);
}

TEST_CASE("convert says what it cannot do, and then makes no file", "[e2e][convert]") {
  Sandbox sandbox;
  const fs::path output = sandbox.path() / "out";
  CHECK(sandbox.llmobserve({"convert", "-o", output, "."}).exit_code == 2);
  CHECK(sandbox.llmobserve({"convert", "--to", "xml", "-o", output}).exit_code == 2);
  const Finished missing = sandbox.llmobserve({"convert", "--to", "csv", "-o", output, "/no/such/file"});
  CHECK(missing.exit_code == 1);
  CHECK(missing.err.find("there is no /no/such/file") != std::string::npos);
  write_text(sandbox.path() / "empty.jsonl", "");
  CHECK(sandbox.llmobserve({"convert", "--to", "chrome", "-o", output, sandbox.path() / "empty.jsonl"})
            .exit_code == 1);
  CHECK_FALSE(fs::exists(output));
  CHECK(std::distance(fs::directory_iterator(sandbox.path()), {}) == 1);
}

TEST_CASE("trace files are compressed where that is wanted, and the tree reads them", "[e2e][file]") {
  for (const auto& [name, suffix] : {std::pair{"gzip", ".gz"}, std::pair{"zstd", ".zst"}}) {
    Sandbox sandbox;
    const Finished run = sandbox.llmobserve({"run", "--", program_path("nested_calls", "gcc-O2")},
                                            {{"LLMOBSERVE_FILE_COMPRESSION", name}});
    CHECK(run.exit_code == 0);
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(sandbox.trace_dir())) {
      files += entry.path().extension() == suffix ? 1 : 0;
    }
    CHECK(files == 1);
    const Finished tree = sandbox.llmobserve({"tree", sandbox.trace_dir()});
    CHECK(tree.out.find("workflow.outer_workflow") != std::string::npos);
  }
}

TEST_CASE("bash completes the commands and options that there are", "[e2e][completion]") {
  CHECK(completions("llmobserve ''") == kCommands);
  CHECK(completions("llmobserve t") == std::set<std::string>{"top", "tree"});
  for (const std::string& command : kCommands) {
    INFO(command);
    const Finished help = shell("'" + llmobserve_path().string() + "' " + command +
                                " --help | grep -oE '^  -[^ ]+' | tr -d ' ' | tr ',' '\\n'");
    CHECK(completions("llmobserve " + command + " -") == lines_of(help.out));
  }
  CHECK(completions("llmobserve convert --to ''") ==
        std::set<std::string>{"otlp-json", "otlp-protobuf", "perfetto", "chrome", "csv"});
  CHECK(completions("llmobserve convert --to c") == std::set<std::string>{"chrome", "csv"});
  CHECK(completions("llmobserve tree LICEN").count("LICENSE") == 1);
  CHECK(completions("llmobserve run -- mkdi").count("mkdir") == 1);
}

TEST_CASE("the manual page names every command", "[e2e][manual]") {
  const std::string page = text_of("exporters/cli/llmobserve.1");
  for (const std::string& command : kCommands) {
    INFO(command);
    CHECK(page.find("\n.It Cm " + command + "\n") != std::string::npos);
  }
  const Finished shown =
      shell("command -v man >/dev/null || exit 0; man --warnings -l exporters/cli/llmobserve.1 >/dev/null");
  CHECK(shown.err.empty());
}

TEST_CASE("the Debian package holds a library and a program that find each other", "[e2e][package]") {
  const TempDir dir;
  const std::string build = build_dir();
  const Finished made =
      shell("scripts/build-deb.sh '" + build + "' && dpkg-deb -x '" + build + "'/llmobserve_*.deb '" +
            dir.path().string() + "' && dpkg-deb -f '" + build + "'/llmobserve_*.deb Depends");
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  CHECK(made.out.find("libcurl4") != std::string::npos);
  const fs::path usr = dir.path() / "usr";
  for (const char* const file :
       {"include/llmobserve/llmobserve.h", "share/man/man1/llmobserve.1.gz", "share/doc/llmobserve/copyright",
        "share/bash-completion/completions/llmobserve"}) {
    CHECK(fs::exists(usr / file));
  }
  Sandbox sandbox;
  Command command;
  command.argv = {program_path("nested_calls", "gcc-O2")};
  command.environment = sandbox.environment();
  command.environment.erase("LLMOBSERVE_PROGRAM");
  command.environment["LD_PRELOAD"] = usr / "lib/libllmobserve.so";
  CHECK(run_command(command).exit_code == 0);
  CHECK(wait_until([&sandbox] { return !sandbox.trace_files().empty(); }));
  sandbox.wait_for_export();
  CHECK(sandbox.spans().size() == 3);

  command.argv = {usr / "bin/llmobserve", "run", "--tree", "--", program_path("nested_calls", "gcc-O2")};
  command.environment.erase("LD_PRELOAD");
  const Finished run = run_command(command);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("workflow.outer_workflow") != std::string::npos);
}

}  // namespace llmo::test
