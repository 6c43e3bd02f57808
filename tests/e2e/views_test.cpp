// What people type to look at traces: tree, top, gate.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// A request of one span, as a line of a trace file. Times in milliseconds.
std::string line(const std::string& trace, const std::string& id, const std::string& parent,
                 const std::string& name, int start, int end, const std::string& more = "") {
  const auto nanos = [](int milliseconds) {
    return "\"" + std::to_string(1'790'000'000'000 + milliseconds) + "000000\"";
  };
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":")" + std::string(31, '0') + trace +
         R"(","spanId":")" + std::string(15, '0') + id + R"(","parentSpanId":")" +
         (parent.empty() ? "" : std::string(15, '0') + parent) + R"(","name":")" + name +
         R"(","startTimeUnixNano":)" + nanos(start) + R"(,"endTimeUnixNano":)" + nanos(end) + more +
         "}]}]}]}\n";
}

std::string call(const std::string& trace, const std::string& id, const std::string& parent, double cost) {
  return line(trace, id, parent, "llm.request", 1, 900,
              R"(,"kind":3,"attributes":[{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},)"
              R"({"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},)"
              R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},)"
              R"({"key":"gen_ai.usage.output_tokens","value":{"intValue":"20"}},)"
              R"({"key":"llmobserve.cost.usd","value":{"doubleValue":)" +
                  std::to_string(cost) + "}}]");
}

// A program that stays in a workflow until this goes.
class RunningWorkflow {
 public:
  explicit RunningWorkflow(const Sandbox& sandbox) : file_(sandbox.path() / "run") {
    write_text(file_, "");
    Command command;
    command.argv = {llmobserve_path(), "run", "--", program_path("open_workflow", "gcc-O2"), file_};
    command.environment = sandbox.environment();
    command.environment["OTEL_SERVICE_NAME"] = "served";
    running_.emplace(command);
    REQUIRE(wait_until([this] { return contains(running_->output(), "waiting"); }));
  }
  pid_t pid() const { return running_->pid(); }
  void let_end() { std::filesystem::remove(file_); }

 private:
  std::filesystem::path file_;
  std::optional<Background> running_;
};

TEST_CASE("tree shows what a running program has open, marked so", "[e2e][views][live]") {
  Sandbox sandbox;
  RunningWorkflow running(sandbox);
  const Finished tree = sandbox.llmobserve({"tree"});
  INFO(tree.out << tree.err);
  CHECK(tree.exit_code == 0);
  CHECK(contains(tree.out, "workflow.server_workflow"));
  CHECK(contains(tree.out, "├─ workflow.finished_agent"));
  CHECK(contains(tree.out, "└─ workflow.waiting_agent"));
  CHECK(count(tree.out, "… open ") == 2);

  REQUIRE(sandbox.sessions().size() == 1);
  const Finished session = sandbox.llmobserve({"tree", sandbox.sessions()[0]});
  CHECK(count(session.out, "… open ") == 2);
  CHECK(contains(sandbox.llmobserve({"top", "--json"}).out, "\"open\": 1"));

  running.let_end();
  sandbox.wait_for_export();
  const Finished after = sandbox.llmobserve({"tree"});
  CHECK(count(after.out, "… open ") == 0);
  CHECK(count(after.out, "workflow.") == 3);
}

TEST_CASE("looking at a session takes nothing away from its exporter", "[e2e][views][live]") {
  Sandbox sandbox;
  RunningWorkflow running(sandbox);
  for (int i = 0; i < 5; ++i) CHECK(sandbox.llmobserve({"tree"}).exit_code == 0);
  running.let_end();
  sandbox.wait_for_export();
  CHECK(sandbox.spans().size() == 3);
}

TEST_CASE("a journal that is damaged or of another version is told and left out", "[e2e][views][live]") {
  Sandbox sandbox;
  RunningWorkflow running(sandbox);
  const std::filesystem::path session = sandbox.sessions().at(0);
  std::string foreign(8192, '\0');
  foreign.replace(0, 8, "LLMOJRNL");
  foreign[8] = 99;
  write_text(session / "1-1.journal", foreign);
  write_text(session / "2-2.journal", "short");
  const Finished tree = sandbox.llmobserve({"tree", session});
  CHECK(tree.exit_code == 1);
  CHECK(contains(tree.err, "1-1.journal: it was written by another version"));
  CHECK(count(tree.out, "… open ") == 2);

  // Nobody asked for that one.
  const Finished all = sandbox.llmobserve({"tree"});
  CHECK(all.exit_code == 0);
  CHECK(contains(all.err, "a journal of another version of llmobserve left out"));
  CHECK(count(all.out, "… open ") == 2);
}

// `llmobserve tree --follow` of a folder, with its output in a file, while something happens.
Finished follow(const Sandbox& sandbox, const std::filesystem::path& out,
                const std::function<void(pid_t)>& meanwhile) {
  Command command;
  command.argv = {"sh", "-c", "exec \"$0\" tree --follow >\"$1\"", llmobserve_path(), out};
  command.environment = sandbox.environment();
  command.while_running = meanwhile;
  return run_command(command);
}

TEST_CASE("tree --follow shows each trace when it is at its end, from a file that grows", "[e2e][views]") {
  Sandbox sandbox;
  std::filesystem::create_directories(sandbox.trace_dir());
  const std::filesystem::path file = sandbox.trace_dir() / "a.otlp.jsonl";
  const std::filesystem::path out = sandbox.path() / "out";
  // Before the follower comes: a trace that is at its end, and one that goes on.
  write_text(file, line("1", "1", "", "earlier_trace", 0, 1) + line("2", "2", "1", "early_child", 0, 1));
  const Finished run = follow(sandbox, out, [&](pid_t pid) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    const std::string more = line("2", "1", "", "late_root", 0, 2);
    std::ofstream(file, std::ios::app) << more.substr(0, 60) << std::flush;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    std::ofstream(file, std::ios::app) << more.substr(60);
    CHECK(wait_until([&] { return contains(read_text(out), "└─ early_child"); }));
    write_text(sandbox.trace_dir() / "b.otlp.jsonl", line("3", "1", "", "another_file", 0, 2));
    CHECK(wait_until([&] { return contains(read_text(out), "another_file"); }));
    ::kill(pid, SIGINT);
  });
  CHECK(run.exit_code == 0);
  const std::string text = read_text(out);
  CHECK_FALSE(contains(text, "earlier_trace"));
  CHECK(count(text, "late_root") == 1);
  CHECK_FALSE(contains(text, "\x1b"));
}

TEST_CASE("tree --follow shows a live session's trace once, when it ends, though it sees it twice",
          "[e2e][views][live]") {
  Sandbox sandbox;
  RunningWorkflow running(sandbox);
  const std::filesystem::path out = sandbox.path() / "out";
  const Finished run = follow(sandbox, out, [&](pid_t pid) {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    CHECK(read_text(out).empty());
    running.let_end();
    CHECK(wait_until([&] { return contains(read_text(out), "server_workflow"); }));
    sandbox.wait_for_export();
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    ::kill(pid, SIGTERM);
  });
  CHECK(run.exit_code == 0);
  CHECK(count(read_text(out), "workflow.") == 3);
}

TEST_CASE("tree --follow ends when nobody reads it any more", "[e2e][views]") {
  Sandbox sandbox;
  std::filesystem::create_directories(sandbox.trace_dir());
  Command command;
  command.argv = {"sh", "-c", "\"$0\" tree --follow | true", llmobserve_path()};
  command.environment = sandbox.environment();
  CHECK(run_command(command).exit_code == 0);
}

TEST_CASE("filters choose traces, and say where none is as asked for", "[e2e][views]") {
  Sandbox sandbox;
  const std::filesystem::path file = sandbox.path() / "traces.jsonl";
  write_text(file, line("1", "1", "", "workflow.a_agent", 0, 1000) + call("1", "2", "1", 0.01) +
                       line("2", "1", "", "workflow.b_agent", 0, 10, R"(,"status":{"code":2})"));
  const auto tree = [&](std::vector<std::string> options) {
    options.insert(options.begin(), "tree");
    options.push_back(file);
    return sandbox.llmobserve(options);
  };
  CHECK(contains(tree({"--provider", "openai"}).out, "a_agent"));
  CHECK_FALSE(contains(tree({"--provider", "openai"}).out, "b_agent"));
  CHECK_FALSE(contains(tree({"--errors"}).out, "a_agent"));
  CHECK_FALSE(contains(tree({"--slower-than", "500ms"}).out, "b_agent"));
  CHECK_FALSE(contains(tree({"--last", "1", "--workflow", "a*"}).out, "b_agent"));
  const Finished none = tree({"--model", "no-such"});
  CHECK(none.exit_code == 1);
  CHECK(contains(none.err, "none of 2 traces is as asked for"));
  CHECK(tree({"--since", "yesterday"}).exit_code == 2);
  CHECK(tree({"--trace", "xyz"}).exit_code == 2);
}

TEST_CASE("gate's exit code says whether the limits are kept", "[e2e][views]") {
  Sandbox sandbox;
  const std::filesystem::path file = sandbox.path() / "traces.jsonl";
  write_text(file, line("1", "1", "", "workflow.research_agent", 0, 1000) + call("1", "2", "1", 0.04));
  const auto gate = [&](std::vector<std::string> options) {
    options.insert(options.begin(), "gate");
    options.push_back(file);
    return sandbox.llmobserve(options);
  };
  const Finished good = gate({"--workflow", "research_*", "--max-cost", "0.05", "--max-p95", "2s",
                              "--max-errors", "0", "--max-error-rate", "1%", "--max-tokens", "20000"});
  INFO(good.out << good.err);
  CHECK(good.exit_code == 0);
  CHECK(contains(good.out, "PASS: 1 run"));
  const Finished dear = gate({"--workflow", "research_*", "--max-cost", "$0.03", "--max-p95", "2s"});
  CHECK(dear.exit_code == 1);
  CHECK(contains(dear.out, "FAIL"));
  CHECK(contains(gate({"--max-cost", "0.03", "--json"}).out, "\"passed\": false"));
  CHECK(gate({"--workflow", "research_*", "--max-errors", "0", "--min-runs", "2"}).exit_code == 1);
  CHECK(gate({"--workflow", "nothing_like_it", "--max-errors", "0"}).exit_code == 1);
  CHECK(gate({}).exit_code == 2);
  CHECK(gate({"--max-p95", "fast"}).exit_code == 2);
  CHECK(sandbox.llmobserve({"gate", "--max-errors", "0", sandbox.path() / "missing"}).exit_code == 1);
}

TEST_CASE("top says who spends what", "[e2e][views]") {
  Sandbox sandbox;
  const std::filesystem::path file = sandbox.path() / "traces.jsonl";
  write_text(file, line("1", "1", "", "workflow.a_agent", 0, 1000) + call("1", "2", "1", 0.04) +
                       line("2", "1", "", "workflow.b_agent", 0, 10) + call("2", "2", "1", 0.01));
  const Finished top = sandbox.llmobserve({"top", "--by", "cost", file});
  INFO(top.out << top.err);
  CHECK(top.exit_code == 0);
  CHECK(top.out.find("a_agent") < top.out.find("b_agent"));
  CHECK(contains(top.out, "openai gpt-4o-mini"));
  CHECK(contains(top.out, "80.0 %"));
  CHECK(contains(top.out, "2 traces, 2 calls, 240 tokens, $0.0500"));
  CHECK(sandbox.llmobserve({"top", "--by", "colour", file}).exit_code == 2);
}

}  // namespace
}  // namespace llmo::test
