// The llmobserve program as people type it: run, tree, check, recover.
#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using std::chrono_literals::operator""s;

std::string traced_program() { return program_path("nested_calls", "gcc-O2"); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// `llmobserve run` with a script for the shell, and something that happens while it runs.
Finished run_shell(const Sandbox& sandbox, const std::string& script,
                   std::function<void(pid_t)> while_running = {}) {
  Command command;
  command.argv = {llmobserve_path(), "run", "--", "sh", "-c", script};
  command.environment = sandbox.environment();
  command.directory = sandbox.path();
  command.while_running = std::move(while_running);
  return run_command(command);
}

TEST_CASE("run hands the program's output through and its spans are exported when it returns", "[e2e][cli]") {
  Sandbox sandbox;
  const std::string program = program_path("prints_and_fails", "gcc-O2");
  const Finished plain = run_command({.argv = {program}});
  const Finished run = sandbox.llmobserve({"run", "--", program});
  CHECK(run.exit_code == plain.exit_code);
  CHECK(run.out == plain.out);
  CHECK(run.err == plain.err);
  CHECK_FALSE(sandbox.spans().empty());
}

TEST_CASE("run ends as the program ends: exit code or signal", "[e2e][cli]") {
  Sandbox sandbox;
  CHECK(run_shell(sandbox, "exit 0").exit_code == 0);
  CHECK(run_shell(sandbox, "exit 255").exit_code == 255);
  CHECK(run_shell(sandbox, "kill -TERM $$").signal == SIGTERM);
  CHECK(run_shell(sandbox, "kill -KILL $$").signal == SIGKILL);
  CHECK(run_shell(sandbox, "ulimit -c 0; kill -SEGV $$").signal == SIGSEGV);
}

TEST_CASE("run says of a command that cannot be run what env would say", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished missing = sandbox.llmobserve({"run", "no-such-command-anywhere"});
  CHECK(missing.exit_code == 127);
  CHECK(contains(missing.err, "cannot run no-such-command-anywhere: No such file"));
  write_text(sandbox.path() / "data", "x");
  CHECK(sandbox.llmobserve({"run", sandbox.path() / "data"}).exit_code == 126);
  CHECK(sandbox.llmobserve({"run"}).exit_code == 2);
  CHECK(sandbox.llmobserve({"run", "--no-such-option", "true"}).exit_code == 2);
  CHECK(sandbox.sessions().empty());
}

TEST_CASE("options after the program's name, and everything after two dashes, are the program's",
          "[e2e][cli]") {
  Sandbox sandbox;
  CHECK(sandbox.llmobserve({"run", "printf", "%s.", "--tree", "-v"}).out == "--tree.-v.");
  CHECK(sandbox.llmobserve({"run", "--", "printf", "%s.", "--help", "--"}).out == "--help.--.");
  CHECK(sandbox.llmobserve({"run", "printf", "%s.", "a", "--", "b"}).out == "a.--.b.");
}

TEST_CASE("a signal sent to run reaches the program, which decides what becomes of it", "[e2e][cli]") {
  Sandbox sandbox;
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2}) {
    const std::filesystem::path ready = sandbox.path() / ("ready" + std::to_string(number));
    const std::string script = "trap 'echo caught; exit 42' " + std::to_string(number) + "; : >'" +
                               ready.string() + "'; while :; do sleep 0.02; done";
    const Finished run = run_shell(sandbox, script, [&ready, number](pid_t pid) {
      REQUIRE(wait_until([&ready] { return std::filesystem::exists(ready); }));
      ::kill(pid, number);
    });
    INFO(number);
    CHECK(run.exit_code == 42);
    CHECK(run.out == "caught\n");
  }
}

TEST_CASE("the program starts with the signal mask and dispositions that run was given", "[e2e][cli]") {
  Sandbox sandbox;
  const std::vector<std::string> look = {"grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"};
  std::vector<std::string> under_run = {"run", "--"};
  under_run.insert(under_run.end(), look.begin(), look.end());
  CHECK(sandbox.llmobserve(under_run).out == run_command({.argv = look}).out);
}

TEST_CASE("run keeps the user's own preloads, after ours", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished run =
      sandbox.llmobserve({"run", "--", "sh", "-c", "echo $LD_PRELOAD"}, {{"LD_PRELOAD", "libc.so.6"}});
  CHECK(contains(run.out, "/libllmobserve.so:libc.so.6\n"));
}

TEST_CASE("a program of the user's that is named llmobserve is traced", "[e2e][cli][sampler]") {
  Sandbox sandbox;
  const std::filesystem::path program = sandbox.path() / "llmobserve";
  std::filesystem::copy_file(traced_program(), program);
  CHECK_FALSE(sandbox.run({program}).spans.empty());
}

TEST_CASE("run says why nothing was traced", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished run = sandbox.llmobserve({"run", "true"});
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "nothing was traced: true was not built with -finstrument-functions"));
  CHECK(sandbox.sessions().empty());

  const Finished unmatched = sandbox.llmobserve({"run", "--patterns", "nothing_like_this", traced_program()});
  CHECK(contains(unmatched.err,
                 "no function that ran matches LLMOBSERVE_FUNCTION_PATTERNS (nothing_like_this)"));
  CHECK(sandbox.llmobserve({"run", "--exporter", "none", "true"}).err.empty());
}

TEST_CASE("run without a place for the journal runs the program all the same", "[e2e][cli]") {
  Sandbox sandbox;
  write_text(sandbox.path() / "file", "");
  const Finished run = sandbox.llmobserve({"run", "echo", "ran"},
                                          {{"LLMOBSERVE_JOURNAL_DIR", sandbox.path() / "file" / "below"}});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "ran\n");
  CHECK(contains(run.err, "no journal can be kept in"));
}

TEST_CASE("run does not wait for a process that is left behind", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished run =
      run_shell(sandbox, "sleep 20 >/dev/null 2>&1 & echo $!; '" + traced_program() + "' >/dev/null 2>&1");
  CHECK(run.duration < 15s);
  CHECK_FALSE(sandbox.spans().empty());
  ::kill(static_cast<pid_t>(std::stol(run.out)), SIGKILL);
}

TEST_CASE("run --tree shows the trace on standard error, the program's output stays its own", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished plain = run_command({.argv = {traced_program()}});
  const Finished run = sandbox.llmobserve({"run", "--tree", "--", traced_program()});
  CHECK(run.out == plain.out);
  CHECK(contains(run.err, "workflow."));
  CHECK(sandbox.llmobserve({"run", "--tree", "--exporter", "console", "true"}).exit_code == 2);
}

TEST_CASE("the console exporter prints the tree before run returns", "[e2e][cli][console]") {
  Sandbox sandbox;
  const Finished run = sandbox.llmobserve({"run", "--exporter", "console", "--", traced_program()});
  CHECK(contains(run.err, "workflow."));
  CHECK(sandbox.trace_files().empty());
}

TEST_CASE("tree shows a folder of traces, and says where it finds none", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished none = sandbox.llmobserve({"tree"});
  CHECK(none.exit_code == 1);
  CHECK(contains(none.err, "there is no "));
  sandbox.llmobserve({"run", "--", traced_program()});
  const Finished tree = sandbox.llmobserve({"tree"});
  CHECK(tree.exit_code == 0);
  CHECK(contains(tree.out, "workflow."));
  CHECK_FALSE(contains(tree.out, "\x1b["));
  CHECK(contains(sandbox.llmobserve({"tree", "--color", "always"}).out, "\x1b["));
}

TEST_CASE("recover exports what is left when the exporter was never there", "[e2e][cli]") {
  Sandbox sandbox;
  Command command;
  command.argv = {traced_program()};
  command.environment = sandbox.environment();
  command.environment["LD_PRELOAD"] = preload_value();
  command.environment["LLMOBSERVE_PROGRAM"] = "/nonexistent";
  run_command(command);
  REQUIRE(sandbox.sessions().size() == 1);
  const Finished recover = sandbox.llmobserve({"recover"});
  CHECK(recover.exit_code == 0);
  CHECK(contains(recover.err, "exported to "));
  CHECK(sandbox.sessions().empty());
  CHECK_FALSE(sandbox.spans().empty());
  CHECK(contains(sandbox.llmobserve({"recover"}).err, "nothing to recover"));
}

TEST_CASE("check is content with a good environment and says what is wrong with a bad one", "[e2e][cli]") {
  Sandbox sandbox;
  const Finished good = sandbox.llmobserve({"check"});
  INFO(good.out);
  CHECK(good.exit_code == 0);
  CHECK_FALSE(contains(good.out, "FAIL"));

  const Finished off = sandbox.llmobserve({"check"}, {{"OTEL_SDK_DISABLED", "true"}});
  CHECK(off.exit_code == 1);
  CHECK(contains(off.out, "FAIL setting"));
  const Finished broken = sandbox.llmobserve({"check"}, {{"LLMOBSERVE_LIBRARY", "/etc/passwd"}});
  CHECK(broken.exit_code == 1);
  CHECK(contains(broken.out, "FAIL library"));
}

TEST_CASE("check tells whether a program can be traced", "[e2e][cli]") {
  Sandbox sandbox;
  CHECK(sandbox.llmobserve({"check", traced_program()}).exit_code == 0);
  const Finished plain = sandbox.llmobserve({"check", "true"});
  CHECK(plain.exit_code == 1);
  CHECK(contains(plain.out, "-finstrument-functions"));
}

TEST_CASE("wrong values of options are refused in words of their own", "[e2e][cli]") {
  Sandbox sandbox;
  const auto refusal = [&](std::vector<std::string> arguments) {
    const Finished wrong = sandbox.llmobserve(arguments);
    CHECK(wrong.exit_code == 2);
    return wrong.err;
  };
  CHECK(contains(refusal({"nonsense"}), "there is no command nonsense"));
  CHECK(contains(refusal({"tree", "--last", "-1"}), "--last: -1 is not a whole number"));
  CHECK(contains(refusal({"top", "--rows", "-1"}), "--rows: -1 is not a whole number"));
  CHECK(contains(refusal({"gate", "--max-cost", "much"}), "much is not an amount like 0.05"));
  const std::string by = refusal({"top", "--by", "name"});
  CHECK(contains(by, "name is none of these: calls, cost, errors, p95, tokens"));
  CHECK(contains(by, "llmobserve top --help"));
}

TEST_CASE("help and version go to standard output, wrong usage to standard error", "[e2e][cli]") {
  Sandbox sandbox;
  for (const char* command : {"run", "tree", "recover", "check", "settings"}) {
    const Finished help = sandbox.llmobserve({command, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(contains(help.out, "Usage: llmobserve"));
  }
  const Finished help = sandbox.llmobserve({"--help"});
  CHECK(contains(help.out, "llmobserve settings"));
  CHECK_FALSE(contains(help.out, "\n  export "));
  CHECK(contains(sandbox.llmobserve({"--version"}).out, "llmobserve "));
  CHECK(contains(sandbox.llmobserve({"settings"}).out, "LLMOBSERVE_FUNCTION_PATTERNS"));
  const Finished wrong = sandbox.llmobserve({"nonsense"});
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.out.empty());
}

}  // namespace
}  // namespace llmo::test
