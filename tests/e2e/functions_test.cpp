// `llmobserve functions`: what it says of a program is what is seen when the program runs.
#include <rapidjson/document.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using Names = std::set<std::string>;

// Each function of its kind once: inlined everywhere, kept by its address, marked, and called for what was
// inlined into it. All are called.
constexpr const char* kSource = R"(
static volatile int sink;
static inline int small_agent(int x) { return x * 3 + sink; }
static int kept_agent(int x) { sink = x; return x + 1; }
int (*volatile kept)(int) = kept_agent;
__attribute__((noinline)) int plan_agent(int x) { return small_agent(x) + kept(x); }
__attribute__((noinline, no_instrument_function)) int quiet_agent(int x) { return small_agent(x) - 1; }
__attribute__((noinline)) static int local_agent(int x) { return x ^ sink; }
__attribute__((noinline)) int other_name(int x) { return x & sink; }
int main(void) { return plan_agent(2) + quiet_agent(3) + local_agent(4) + other_name(5) == 1000; }
)";

constexpr const char* kCppSource = R"(
#include <cstdio>
namespace acme {
namespace { int hidden_agent(int x) { return std::printf(".") + x; } }
struct Planner {
  explicit Planner(int n) : n(n) {}
  template <typename T> int plan_agent(T x) { return hidden_agent(static_cast<int>(x)) + n; }
  static int direct_agent(int x) { return x * 7; }
  int n;
};
namespace test { __attribute__((noinline)) int mock_agent(int x) { return std::printf("m") + x; } }
}
__attribute__((noinline)) int run_agent(int n) {
  acme::Planner planner(n);
  auto lambda = [&](int y) { return planner.direct_agent(y) + n; };
  return planner.plan_agent(2.0) + lambda(3) + acme::test::mock_agent(1);
}
int main(int count, char**) { return run_agent(count) == 1000; }
)";

struct Build {
  std::string compiler;
  Words flags;
};

std::string compile(const Sandbox& sandbox, const Build& build, const std::string& source,
                    const std::string& name = "planner") {
  const fs::path text =
      sandbox.path() / (name + (build.compiler.find("++") == std::string::npos ? ".c" : ".cpp"));
  const std::string program = sandbox.path() / name;
  write_text(text, source);
  Words argv = {build.compiler, text, "-o", program};
  argv.insert(argv.end(), build.flags.begin(), build.flags.end());
  const Finished built = run_command({.argv = argv});
  INFO(built.err);
  REQUIRE(built.exit_code == 0);
  return program;
}

struct Answer {
  int exit_code = -1;
  std::map<std::string, Names> by_state;  // `traced`, `excluded`, `unseen`, `not_asked_for`
  std::map<std::string, std::string> why;
  std::string text;  // the whole JSON
  std::string err;

  bool says(const std::string& words) const { return text.find(words) != std::string::npos; }
};

Answer read_answer(const Finished& finished) {
  Answer answer{finished.exit_code, {}, {}, finished.out, finished.err};
  rapidjson::Document document;
  document.Parse(finished.out.c_str());
  INFO(finished.out << finished.err);
  REQUIRE_FALSE(document.HasParseError());
  for (const auto& module : document["modules"].GetArray()) {
    if (!module.HasMember("functions")) continue;
    for (const auto& function : module["functions"].GetArray()) {
      const std::string name = function["name"].GetString();
      answer.by_state[function["state"].GetString()].insert(name);
      if (function.HasMember("why_unseen")) answer.why[name] = function["why_unseen"].GetString();
    }
  }
  return answer;
}

Answer ask(Sandbox& sandbox, const Words& args, const Environment& env = {}) {
  Words words = {"functions", "--json"};
  words.insert(words.end(), args.begin(), args.end());
  return read_answer(sandbox.llmobserve(words, env));
}

// The functions that really have spans when the program runs.
Names seen_in_run(Sandbox& sandbox, const std::string& program, const std::string& patterns) {
  const Run run = sandbox.run({program}, {.env = {{"LLMOBSERVE_FUNCTION_PATTERNS", patterns}}});
  CHECK(run.exit_code == 0);
  Names names;
  for (const Span& span : run.spans) names.insert(span.name.substr(std::string("workflow.").size()));
  return names;
}

const char* const kPlain = "-finstrument-functions";
const char* const kAfter = "-finstrument-functions-after-inlining";

const std::vector<Build> kBuilds = {
    {"gcc", {"-O0", "-g", kPlain}},
    {"gcc", {"-O2", "-g", kPlain}},
    {"gcc", {"-O2", kPlain, "-fno-pie", "-no-pie"}},
    {"gcc", {"-O2", kPlain, "-fno-plt"}},
    {"gcc", {"-O3", kPlain, "-fno-plt", "-fno-pie", "-no-pie"}},
    {"gcc", {"-O2", kPlain, "-Wl,-z,now"}},
    {"gcc", {"-O2", kPlain, "-fcf-protection", "-Wl,-z,ibtplt"}},
    {"gcc", {"-O2", "-g", kPlain, "-flto"}},
    {"gcc", {"-O2", kPlain, "-fuse-ld=gold"}},
    {"clang", {"-O0", "-g", kPlain}},
    {"clang", {"-O2", "-g", kPlain}},
    {"clang", {"-O2", kPlain, "-fno-pie", "-no-pie"}},
    {"clang", {"-O0", kPlain, "-fno-pie", "-no-pie"}},
    {"clang", {"-O2", kPlain, "-fno-plt"}},
    {"clang", {"-O2", "-g", kAfter}},
    {"clang", {"-O0", "-g", kAfter}},
};

std::string described(const Build& build) {
  std::string text = build.compiler;
  for (const std::string& flag : build.flags) text += ' ' + flag;
  return text;
}

TEST_CASE("the functions that are said to be traced are those that have spans", "[e2e][functions]") {
  const auto number = GENERATE(range(std::size_t{0}, kBuilds.size()));
  const Build& build = kBuilds[number];
  CAPTURE(described(build));
  Sandbox sandbox;
  const std::string program = compile(sandbox, build, kSource);
  const Answer answer = ask(sandbox, {program, "--patterns", "*_agent"});
  CHECK(answer.exit_code == 0);
  const Names seen = seen_in_run(sandbox, program, "*_agent");
  CHECK(answer.by_state.at("traced") == seen);
  CHECK(seen.count("plan_agent") == 1);
  CHECK(answer.by_state.at("unseen").count("quiet_agent") == 1);
}

TEST_CASE("the same holds for C++: templates, unnamed namespaces, lambdas", "[e2e][functions]") {
  const Build build = GENERATE(
      Build{"g++", {"-std=c++20", "-O0", "-g", kPlain}}, Build{"g++", {"-std=c++20", "-O2", "-g", kPlain}},
      Build{"g++", {"-std=c++20", "-O2", kPlain}}, Build{"clang++", {"-std=c++20", "-O2", "-g", kAfter}},
      Build{"clang++", {"-std=c++20", "-O0", "-g", kAfter}});
  CAPTURE(described(build));
  Sandbox sandbox;
  const std::string program = compile(sandbox, build, kCppSource);
  const std::string patterns = "*_agent,operator()";
  const Answer answer = ask(sandbox, {program, "--patterns", patterns});
  CHECK(answer.by_state.at("traced") == seen_in_run(sandbox, program, patterns));
  CHECK(answer.by_state.at("excluded") == Names{"acme::test::mock_agent"});
  CHECK(answer.says(R"("rule":"test","held_against":"namespace")"));
}

TEST_CASE("what clang inlined before it instrumented is told, with the place and what to do",
          "[e2e][functions]") {
  Sandbox sandbox;
  const std::string program = compile(sandbox, {"clang", {"-O2", "-g", kAfter}}, kSource);
  const Answer answer = ask(sandbox, {program});
  CHECK(answer.by_state.at("unseen") == Names{"quiet_agent", "small_agent"});
  CHECK(answer.why.at("small_agent") == "inlined away: it has no code of its own");
  CHECK(answer.why.at("quiet_agent") == "marked no_instrument_function, or extern inline");
  CHECK(answer.says(R"("caller":"plan_agent")"));
  CHECK(answer.says("use clang's -finstrument-functions in place of -finstrument-functions-after-inlining"));

  const Answer plain = ask(sandbox, {compile(sandbox, {"clang", {"-O2", "-g", kPlain}}, kSource)});
  CHECK(plain.by_state.at("unseen") == Names{"quiet_agent"});
  CHECK(plain.says(R"("inlined_copies":2,"inlined_copies_unseen":0)"));
}

TEST_CASE("functions that gcc was told to leave out are told with the option", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string option = "-finstrument-functions-exclude-function-list=plan_,local";
  const Answer answer = ask(sandbox, {compile(sandbox, {"gcc", {"-O1", "-g", kPlain, option}}, kSource)});
  CHECK(answer.by_state.at("unseen").count("plan_agent") == 1);
  CHECK(answer.why.at("plan_agent") == "left out by " + option + ", or marked no_instrument_function");
}

TEST_CASE("a source file that was compiled without instrumentation is named", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string part = "int bare_agent(int x) { return x + 1; }\n";
  const std::string compiler = GENERATE(as<std::string>(), "gcc", "clang");
  const std::string object = compile(sandbox, {compiler, {"-O1", "-g", "-c"}}, part, "part");
  const std::string source =
      "int bare_agent(int);\nint plan_agent(int x) { return bare_agent(x); }\n"
      "int main(void) { return plan_agent(1) == 7; }\n";
  const std::string program = compile(sandbox, {compiler, {"-O1", "-g", kPlain, object}}, source);
  const Answer answer = ask(sandbox, {program});
  CHECK(answer.by_state.at("traced") == Names{"plan_agent"});
  CHECK(answer.why.at("bare_agent").find("part.c was compiled without") != std::string::npos);
  CHECK(answer.by_state.at("traced") == seen_in_run(sandbox, program, "*_agent"));

  const Finished refused = sandbox.llmobserve({"functions", object});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("an object file") != std::string::npos);
}

TEST_CASE("rules can be tried on the command line, and say what they were held against", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string program = compile(sandbox, {"gcc", {"-O1", "-g", kPlain}}, kSource);
  const auto tried = [&](const Words& args, const Environment& env = {}) {
    Words words = {program};
    words.insert(words.end(), args.begin(), args.end());
    return ask(sandbox, words, env);
  };
  const Answer taken_out = tried({"--patterns", "*_agent,!plan_*"});
  CHECK(taken_out.by_state.at("excluded") == Names{"plan_agent"});
  CHECK(taken_out.says(R"("rule":"!plan_*","held_against":"name")"));

  const Answer by_source = tried({"--exclude", "planner.c"});
  CHECK(by_source.by_state.count("traced") == 0);
  CHECK(by_source.says(R"("rule":"planner.c","held_against":"source_file")"));
  CHECK(by_source.exit_code == 1);

  const Answer by_object = tried({}, {{"LLMOBSERVE_EXCLUDE_MODULES", "planner"}});
  CHECK(by_object.says(R"("rule":"planner","held_against":"object_file")"));
  CHECK(by_object.says(R"("origin":"LLMOBSERVE_EXCLUDE_MODULES")"));

  const Answer none = tried({"--patterns", "nobody", "--all"});
  CHECK(none.exit_code == 1);
  CHECK(none.by_state.at("not_asked_for").count("other_name") == 1);
  CHECK(none.says("no instrumented function has a name that is asked for"));

  const Answer off = tried({}, {{"LLMOBSERVE_AUTO_FUNCTION_TRACING", "false"}});
  CHECK(off.exit_code == 1);
  CHECK(off.says("LLMOBSERVE_AUTO_FUNCTION_TRACING=false"));
}

TEST_CASE("a stripped program has functions without names, and is told to keep its symbols",
          "[e2e][functions]") {
  Sandbox sandbox;
  const std::string program = compile(sandbox, {"gcc", {"-O1", kPlain, "-s"}}, kSource);
  const Answer by_default = ask(sandbox, {program});
  CHECK(by_default.exit_code == 1);
  CHECK(by_default.says("is stripped"));
  const Answer all = ask(sandbox, {program, "--patterns", "*"});
  CHECK(all.by_state.at("traced") == seen_in_run(sandbox, program, "*"));
  CHECK(all.by_state.at("traced").size() == 6);
}

TEST_CASE("names come from the debug file of a stripped program", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string program = compile(sandbox, {"gcc", {"-O1", "-g", kPlain}}, kSource);
  const std::string debug = program + ".debug";
  REQUIRE(run_command({.argv = {"objcopy", "--only-keep-debug", program, debug}}).exit_code == 0);
  REQUIRE(
      run_command({.argv = {"objcopy", "--strip-all", "--add-gnu-debuglink=" + debug, program}}).exit_code ==
      0);
  const Answer answer = ask(sandbox, {program});
  CHECK(answer.says(R"("names":"debug_file")"));
  CHECK(answer.by_state.at("traced") == seen_in_run(sandbox, program, "*_agent"));
}

TEST_CASE("a program that nothing can be loaded into, or that nobody instrumented, says so",
          "[e2e][functions]") {
  Sandbox sandbox;
  const Answer is_static = ask(sandbox, {compile(sandbox, {"gcc", {"-O1", kPlain, "-static"}}, kSource)});
  CHECK(is_static.exit_code == 1);
  CHECK(is_static.says("statically linked"));
  const Answer static_pie =
      ask(sandbox, {compile(sandbox, {"gcc", {"-O1", kPlain, "-static-pie"}}, kSource)});
  CHECK(static_pie.exit_code == 1);
  CHECK(static_pie.says("statically linked"));

  const Answer bare = ask(sandbox, {compile(sandbox, {"gcc", {"-O1", "-g"}}, kSource)});
  CHECK(bare.exit_code == 1);
  CHECK(bare.by_state.at("unseen").count("plan_agent") == 1);
  CHECK(bare.says("compile its sources with -finstrument-functions"));

  const std::string own = std::string(kSource) + R"(
#define HOOK __attribute__((no_instrument_function, noinline)) void
HOOK __cyg_profile_func_enter(void* function, void* caller) { sink = function == caller; }
HOOK __cyg_profile_func_exit(void* function, void* caller) { sink = function == caller; }
)";
  const std::string with_own_hooks = compile(sandbox, {"gcc", {"-O1", kPlain}}, own);
  const Answer own_hooks = ask(sandbox, {with_own_hooks});
  CHECK(own_hooks.exit_code == 1);
  CHECK(own_hooks.says("calls hooks of its own"));
  CHECK(seen_in_run(sandbox, with_own_hooks, "*").empty());
}

TEST_CASE("a library is looked at by itself, and with the program that needs it", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string compiler = GENERATE(as<std::string>(), "gcc", "clang");
  const std::string library = compile(sandbox, {compiler, {"-O2", "-g", kPlain, "-shared", "-fPIC"}},
                                      "int tool_agent(int x) { return x + 1; }\n", "libtools.so");
  const Answer alone = ask(sandbox, {library});
  CHECK(alone.exit_code == 0);
  CHECK(alone.by_state.at("traced") == Names{"tool_agent"});
  CHECK(alone.says(R"("kind":"library")"));

  const std::string source = "int tool_agent(int);\nint main(void) { return tool_agent(1) == 9; }\n";
  const std::string program =
      compile(sandbox, {compiler, {"-O2", library, "-Wl,-rpath," + sandbox.path().string()}}, source, "user");
  CHECK(ask(sandbox, {program}).exit_code == 1);
  const Answer both = ask(sandbox, {program, "--libraries"});
  CHECK(both.exit_code == 0);
  CHECK(both.by_state.at("traced") == Names{"tool_agent"});
  CHECK(seen_in_run(sandbox, program, "*_agent") == Names{"tool_agent"});
}

TEST_CASE("parts of a coroutine are no functions of their own", "[e2e][functions]") {
  constexpr const char* kCoroutine = R"(
#include <coroutine>
struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int) { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};
Task stream_agent(int n) { for (int i = 0; i < n; ++i) co_yield i; }
int main() { Task task = stream_agent(2); task.handle.resume(); task.handle.destroy(); }
)";
  const Build build =
      GENERATE(Build{"g++", {"-std=c++20", "-O0", kPlain}}, Build{"g++", {"-std=c++20", "-O2", "-g", kPlain}},
               Build{"clang++", {"-std=c++20", "-O2", kAfter}});
  CAPTURE(described(build));
  Sandbox sandbox;
  const Answer answer = ask(sandbox, {compile(sandbox, build, kCoroutine)});
  CHECK(answer.by_state.at("traced") == Names{"stream_agent"});
  CHECK(answer.by_state.count("unseen") == 0);
  CHECK(answer.says(R"("coroutine":true)"));
}

constexpr const char* kWaiting = R"(
#include <stdio.h>
#include <unistd.h>
int plan_agent(int x) { return x + 1; }
int main(int count, char** words) {
  FILE* const ready = fopen(words[1], "w");
  fclose(ready);
  sleep(20);
  return plan_agent(count) == 0;
}
)";

TEST_CASE("a process is asked with the rules that it was started with, its file deleted or not",
          "[e2e][functions]") {
  Sandbox sandbox;
  const bool deleted = GENERATE(false, true);
  const std::string program = compile(sandbox, {"gcc", {"-O1", "-g", kPlain}}, kWaiting);
  const fs::path ready = sandbox.path() / "ready";
  Answer answer;
  Answer other;
  const auto look = [&](pid_t pid) {
    const bool started = wait_until([&] { return fs::exists(ready); });
    if (deleted) fs::remove(program);
    if (started) answer = ask(sandbox, {"--pid", std::to_string(pid)});
    if (started) other = ask(sandbox, {"--pid", std::to_string(pid), "--patterns", "main"});
    ::kill(pid, SIGTERM);
  };
  sandbox.run({program, ready}, {.env = {{"LLMOBSERVE_FUNCTION_PATTERNS", "plan_*"}}, .while_running = look});
  CHECK(answer.exit_code == 0);
  CHECK(answer.by_state["traced"] == Names{"plan_agent"});
  CHECK(answer.says(R"("origin":"LLMOBSERVE_FUNCTION_PATTERNS")"));
  CHECK(other.by_state["traced"] == Names{"main"});
}

TEST_CASE("a process without the library says how to start it", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string program = compile(sandbox, {"gcc", {"-O1", "-g", kPlain}}, kWaiting);
  const fs::path ready = sandbox.path() / "ready";
  Answer answer;
  const auto look = [&](pid_t pid) {
    if (wait_until([&] { return fs::exists(ready); })) answer = ask(sandbox, {"--pid", std::to_string(pid)});
    ::kill(pid, SIGTERM);
  };
  sandbox.run({program, ready}, {.preload = false, .while_running = look});
  CHECK(answer.exit_code == 1);
  CHECK(answer.says("libllmobserve.so is not loaded"));
}

TEST_CASE("what cannot be looked at ends with 2 and a word why", "[e2e][functions]") {
  Sandbox sandbox;
  const auto refused = [&](const Words& args, const std::string& word) {
    Words words = {"functions"};
    words.insert(words.end(), args.begin(), args.end());
    const Finished finished = sandbox.llmobserve(words);
    CAPTURE(finished.err, finished.out);
    CHECK(finished.exit_code == 2);
    CHECK(finished.out.empty());
    CHECK(finished.err.find(word) != std::string::npos);
  };
  refused({"/no/such/program"}, "there is no file /no/such/program");
  refused({"/etc/passwd"}, "not an ELF file");
  refused({}, "name either a program or library, or a process");
  refused({"/bin/true", "--pid", "1"}, "name either");
  refused({"--pid", "999999999"}, "there is no process 999999999");
  refused({"--pid", "-1"}, "--pid");
  refused({"--nonsense"}, "--nonsense");
}

TEST_CASE("the text for people has every part, and no colours in a pipe", "[e2e][functions]") {
  Sandbox sandbox;
  const std::string program = compile(sandbox, {"clang", {"-O2", "-g", kAfter}}, kSource);
  const Finished finished = sandbox.llmobserve({"functions", program, "--exclude", "planner.c,!x", "--all"});
  CHECK(finished.exit_code == 1);
  const Finished plain = sandbox.llmobserve({"functions", program});
  CHECK(plain.exit_code == 0);
  CAPTURE(plain.out);
  for (const char* part :
       {"patterns  *_workflow,*_agent,*_handler  (default)", ": program, ", "  traced (3)",
        "  not seen, though their names match (2)", "What to do:", "inlined away",
        "3 functions will be traced; 0 excluded, 2 not seen though matching; 5 instrumented"}) {
    CHECK(plain.out.find(part) != std::string::npos);
  }
  CHECK(plain.out.find('\x1b') == std::string::npos);
  CHECK(finished.out.find("planner.c: the source path") != std::string::npos);
}

}  // namespace
}  // namespace llmo::test
