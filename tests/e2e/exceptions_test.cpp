// Spans that exceptions leave, on every way that those can take.
#include <signal.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/variants.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

constexpr const char* kPrefix = "workflow.(anonymous namespace)::";

// The tree, its names without what all of them begin with.
std::string short_tree(const std::vector<Span>& spans) {
  std::string tree = tree_of(spans);
  for (std::size_t at = 0; (at = tree.find(kPrefix)) != std::string::npos;) {
    tree.erase(at, std::string(kPrefix).size());
  }
  return tree;
}

Run run_way(const std::string& way, const std::string& variant) {
  INFO(way << " " << variant);
  Run run = run_under_shim("exception_ways", variant, {.args = {way}});
  CHECK(run.exit_code == 0);
  CHECK(run.signal == 0);
  return run;
}

std::string text_of(const Event& event, const char* key) {
  const auto found = event.attributes.find(key);
  if (found == event.attributes.end()) return "";
  const auto* const text = std::get_if<std::string>(&found->second);
  return text != nullptr ? *text : "not a text";
}

// Type and message of the one exception that the span tells of.
std::string exception_of(const Span& span) {
  REQUIRE(span.events.size() == 1);
  const Event& event = span.events.front();
  CHECK(event.name == "exception");
  CHECK(event.unix_nanos >= span.start_unix_nanos);
  CHECK(event.unix_nanos <= span.end_unix_nanos);
  CHECK(std::get<bool>(event.attributes.at("exception.escaped")));
  return text_of(event, "exception.type") + ": " + text_of(event, "exception.message");
}

std::string exception_of(const Run& run, const std::string& function) {
  return exception_of(only_span(run.spans, kPrefix + function));
}

// The first line of the throw's stack.
std::string thrower(const Run& run, const std::string& function) {
  const Span span = only_span(run.spans, kPrefix + function);
  REQUIRE(span.events.size() == 1);
  const std::string stack = text_of(span.events.front(), "exception.stacktrace");
  return stack.substr(0, stack.find('\n'));
}

void check_way(const std::string& way, const std::string& expected_tree) {
  const Run run = run_way(way, each_variant());
  CHECK(short_tree(run.spans) == expected_tree);
}

TEST_CASE("a span that an exception leaves is an error with its type, message and stack",
          "[e2e][exceptions]") {
  const Run run = run_way("catching", each_variant());
  CHECK(run.out == "quota exceeded\n");
  CHECK(short_tree(run.spans) ==
        "catching_workflow\n"
        "  middle_agent ERROR end=exception\n"
        "    leaf_agent ERROR end=exception\n");
  CHECK(exception_of(run, "leaf_agent") == "std::runtime_error: quota exceeded");
  CHECK(exception_of(run, "middle_agent") == "std::runtime_error: quota exceeded");
  CHECK(only_span(run.spans, std::string(kPrefix) + "catching_workflow").events.empty());
  CHECK_THAT(thrower(run, "middle_agent"), Catch::Matchers::Contains("throw_deep"));
  CHECK_THAT(thrower(run, "middle_agent"), Catch::Matchers::Contains("exception_ways.cpp"));
}

TEST_CASE("an exception that is caught inside leaves no mark", "[e2e][exceptions]") {
  const Run run = run_way("careful", each_variant());
  CHECK(short_tree(run.spans) == "careful_agent\n");
  CHECK(run.spans.front().events.empty());
}

TEST_CASE("one that is thrown again has the stack of its first throw", "[e2e][exceptions]") {
  const Run run = run_way("rethrow", each_variant());
  CHECK(short_tree(run.spans) ==
        "rethrow_workflow\n"
        "  repeating_agent ERROR end=exception\n"
        "    leaf_agent ERROR end=exception\n"
        "    rethrow_agent ERROR end=exception\n");
  CHECK(exception_of(run, "rethrow_agent") == "std::runtime_error: quota exceeded");
  CHECK_THAT(thrower(run, "rethrow_agent"), Catch::Matchers::Contains("throw_deep"));
  CHECK_THAT(thrower(run, "repeating_agent"), Catch::Matchers::Contains("throw_deep"));
}

// One exception is thrown and caught in a destructor that another one runs.
void check_nested(const Run& run) {
  CHECK(short_tree(run.spans) ==
        "nested_workflow\n"
        "  outer_agent ERROR end=exception\n"
        "    cleanup_handler\n"
        "      inner_agent ERROR end=exception\n");
  CHECK(exception_of(run, "outer_agent") == "std::runtime_error: quota exceeded");
}

TEST_CASE("what destructors do while an exception passes is not left by it", "[e2e][exceptions]") {
  const Run run = run_way("nested", each_variant());
  check_nested(run);
  CHECK(exception_of(run, "inner_agent") == "std::logic_error: inner");
}

TEST_CASE("an exception that is carried to another thread is told of on both", "[e2e][exceptions]") {
  const Run run = run_way("carry", each_variant());
  CHECK(short_tree(run.spans) ==
        "carry_workflow\n"
        "  worker_agent ERROR end=exception\n"
        "  take_agent ERROR end=exception\n");
  CHECK(exception_of(run, "worker_agent") == "std::out_of_range: worker");
  CHECK(exception_of(run, "take_agent") == "std::out_of_range: worker");
}

TEST_CASE("constructors, destructors and function-try blocks throw like others", "[e2e][exceptions]") {
  check_way("build",
            "build_workflow\n"
            "  BadBuild::build_agent ERROR end=exception\n"
            "  BadEnd::end_agent ERROR end=exception\n");
  const Run run = run_way("block", each_variant());
  CHECK(short_tree(run.spans) ==
        "block_workflow\n"
        "  block_agent ERROR end=exception\n");
  CHECK(exception_of(run, "block_agent") == "std::range_error: instead");
}

TEST_CASE("an exception passes through functions of C", "[e2e][exceptions]") {
  const Run run = run_way("sort", each_variant());
  CHECK(short_tree(run.spans) ==
        "sort_workflow\n"
        "  compare_handler ERROR end=exception\n");
  CHECK(exception_of(run, "compare_handler") == "std::length_error: in qsort");
}

TEST_CASE("what() is asked of every std::exception that can be reached, and of nothing else",
          "[e2e][exceptions]") {
  const RunOptions options{.args = {"types"},
                           .env = {{"LLMOBSERVE_FUNCTION_PATTERNS", "*_workflow,*_agent,*_handler,what"}}};
  const Run run = run_under_shim("exception_ways", each_variant(), options);
  REQUIRE(run.exit_code == 0);
  std::string told;
  for (const Span& span : spans_named(run.spans, std::string(kPrefix) + "typed_agent")) {
    told += exception_of(span) + "\n";
  }
  CHECK(told ==
        "int: \n"
        "char const*: \n"
        "(anonymous namespace)::Plain: \n"
        "(anonymous namespace)::Named: named\n"
        "(anonymous namespace)::Diamond: diamond\n"
        "(anonymous namespace)::Hidden: \n"
        "(anonymous namespace)::Silent: \n");
  // It is our question: the calls that answer it are none of the program's.
  CHECK(run.spans.size() == 8);
}

TEST_CASE("a function that was put into the one which catches is left all the same", "[e2e][exceptions]") {
  const std::string variant = each_variant();
  const std::string tree = short_tree(run_way("inlining", variant).spans);
  // clang has dropped the hooks of what it inlines.
  CHECK(tree == (variant == "clang-O2" ? "inlining_workflow\n"
                                       : "inlining_workflow\n"
                                         "  small_agent ERROR end=exception\n"));
}

TEST_CASE("an exception is told of however often it is thrown again", "[e2e][exceptions]") {
  const Run run = run_way("layers", each_variant());
  const auto layers = spans_named(run.spans, std::string(kPrefix) + "layered_agent");
  CHECK(layers.size() == 13);
  for (const Span& layer : layers) CHECK(exception_of(layer) == "std::runtime_error: quota exceeded");
}

Run run_end(const std::string& end, const std::string& variant) {
  INFO(end << " " << variant);
  Run run = run_under_shim("exception_ends", variant, {.args = {end}});
  CHECK(run.signal == SIGABRT);
  return run;
}

TEST_CASE("an exception that nobody catches ends all that is open", "[e2e][exceptions]") {
  const Run run = run_end("uncaught", each_variant());
  CHECK_THAT(run.err, Catch::Matchers::Contains("what():  fatal"));
  CHECK(short_tree(run.spans) ==
        "uncaught_workflow ERROR end=terminate\n"
        "  failing_agent ERROR end=terminate\n");
  CHECK(exception_of(run, "uncaught_workflow") == "std::runtime_error: fatal");
}

TEST_CASE("an exception ends at a function that must not throw", "[e2e][exceptions]") {
  const Run run = run_end("noexcept", each_variant());
  CHECK(short_tree(run.spans) ==
        "noexcept_workflow ERROR end=terminate\n"
        "  strict_agent ERROR end=terminate\n"
        "    failing_agent ERROR end=exception\n");
  CHECK(exception_of(run, "strict_agent") == "std::runtime_error: fatal");
}

TEST_CASE("std::terminate() without an exception is told from abort()", "[e2e][exceptions]") {
  const std::string variant = each_variant();
  CHECK(short_tree(run_end("terminate", variant).spans) == "terminate_workflow ERROR end=terminate\n");
  CHECK(short_tree(run_end("joinable", variant).spans) == "joinable_workflow ERROR end=terminate\n");
  CHECK(short_tree(run_end("abort", variant).spans) ==
        "abort_workflow ERROR end=abort\n"
        "  failing_agent ERROR end=exception\n");
}

TEST_CASE("what a terminate handler does hangs under what has failed", "[e2e][exceptions]") {
  CHECK(short_tree(run_end("handler", each_variant()).spans) ==
        "handler_workflow ERROR end=terminate\n"
        "  failing_agent ERROR end=terminate\n"
        "    last_handler\n");
}

Run run_other(const std::string& way, const std::string& variant) {
  INFO(way << " " << variant);
  Run run = run_under_shim("exception_others", variant, {.args = {way}});
  CHECK(run.exit_code == 0);
  CHECK(run.signal == 0);
  return run;
}

TEST_CASE("an exception of another language is told of, and not looked into", "[e2e][exceptions]") {
  const Run run = run_other("foreign", each_variant());
  CHECK(run.out == "deleted: 1\n");
  CHECK(short_tree(run.spans) ==
        "foreign_workflow\n"
        "  between_agent ERROR end=exception\n"
        "    raise_agent ERROR end=exception\n");
  CHECK(exception_of(run, "raise_agent") == ": not a C++ exception");
  CHECK(exception_of(run, "between_agent") == ": not a C++ exception");
  CHECK_THAT(thrower(run, "between_agent"), Catch::Matchers::Contains("raise_agent"));
}

TEST_CASE("an exception that comes back to who raised it has left nothing", "[e2e][exceptions]") {
  const Run run = run_other("unwanted", each_variant());
  CHECK(run.out == "came back: 1\n");
  CHECK(short_tree(run.spans) ==
        "unwanted_workflow\n"
        "  between_agent\n"
        "    raise_agent\n");
}

TEST_CASE("frames that are unwound by force are no failure", "[e2e][exceptions]") {
  const std::string variant = each_variant();
  const Run run = run_other("forced", variant);
  CHECK(run.out == "at the end\n");
  // gcc's cleanups run the exit hooks, so that the calls look as if they returned; clang's tell nothing.
  const bool is_told = variant.starts_with("clang");
  CHECK(short_tree(run.spans) == (is_told ? "forced_workflow end=process_exit\n"
                                            "  forced_agent end=unwound\n"
                                          : "forced_workflow\n"
                                            "  forced_agent\n"));
}

TEST_CASE("an exception on a fiber leaves the fiber's calls only", "[e2e][exceptions]") {
  const Run run = run_other("fiber", each_variant());
  CHECK(run.out == "on a fiber\n");
  CHECK(exception_of(run, "failing_agent") == "std::runtime_error: on a fiber");
  CHECK(only_span(run.spans, std::string(kPrefix) + "fiber_workflow").events.empty());
  CHECK(only_span(run.spans, std::string(kPrefix) + "thread_workflow").events.empty());
}

TEST_CASE("a fiber may stop while an exception passes, and another be thrown meanwhile",
          "[e2e][exceptions]") {
  const Run run = run_other("midway", each_variant());
  CHECK(run.out == "on the thread\non a fiber\n");
  CHECK(exception_of(run, "failing_agent") == "std::runtime_error: on a fiber");
  CHECK(exception_of(run, "own_agent") == "std::logic_error: on the thread");
  for (const char* const whole : {"fiber_workflow", "thread_workflow", "waiting_agent"}) {
    CHECK(only_span(run.spans, std::string(kPrefix) + whole).events.empty());
  }
}

TEST_CASE("an exception of a callback is told of above libcurl", "[e2e][exceptions]") {
  const MockServer server;
  const Run run = run_under_shim("curl_throws_in_callback", each_variant(), {.args = {server.url()}});
  REQUIRE(run.exit_code == 0);
  const std::vector<Span> agents = spans_named(run.spans, "workflow.ask_agent");
  REQUIRE(agents.size() == 2);
  CHECK(exception_of(agents[0]) == "std::runtime_error: from the callback");
  CHECK_THAT(text_of(agents[0].events.front(), "exception.stacktrace"),
             Catch::Matchers::Contains("throwing") && Catch::Matchers::Contains("ask_agent"));
  CHECK(agents[1].events.empty());
}

// Builds a program of tests/programs in another way.
std::string build_program(const Sandbox& sandbox, const std::string& name,
                          const std::vector<std::string>& command) {
  const std::string program = sandbox.path() / name;
  std::vector<std::string> argv = command;
  argv.insert(argv.end(),
              {"-std=c++20", "-g", "tests/programs/" + name + ".cpp", "-o", program, "-lpthread"});
  const Finished built = run_command({.argv = argv});
  INFO(built.err);
  REQUIRE(built.exit_code == 0);
  return program;
}

void check_other_build(const std::vector<std::string>& command, const std::string& clang_frame) {
  Sandbox sandbox;
  const std::string program = build_program(sandbox, "exception_ways", command);
  const Run run = sandbox.run({program, "nested"}, {.env = {{"LD_PRELOAD", preload_value()}}});
  CHECK(run.exit_code == 0);
  check_nested(run);
  CHECK_THAT(thrower(run, "outer_agent"), Catch::Matchers::Contains(clang_frame));
  const Run again = sandbox.run({program, "rethrow"}, {.env = {{"LD_PRELOAD", preload_value()}}});
  CHECK(again.exit_code == 0);
}

TEST_CASE("a runtime that is linked into the program tells as much", "[e2e][exceptions]") {
  check_other_build({"g++", "-O2", "-finstrument-functions", "-static-libstdc++"}, "throw_deep");
}

// A command that builds with LLVM's C++ library, which is in the build directory (scripts/fetch-packages.sh).
std::vector<std::string> with_libcxx(const std::vector<std::string>& flags) {
  const std::string root = build_dir() / "libcxx/usr";
  const std::string libraries = root + "/lib/llvm-14/lib";
  std::vector<std::string> command = {"clang++",
                                      "-O1",
                                      "-finstrument-functions-after-inlining",
                                      "-stdlib=libc++",
                                      "-nostdinc++",
                                      "-isystem",
                                      root + "/lib/llvm-14/include/c++/v1",
                                      "-L" + libraries,
                                      "-Wl,-rpath," + libraries};
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

TEST_CASE("programs of libc++ are seen like those of libstdc++", "[e2e][exceptions]") {
  check_other_build(with_libcxx({}), "throw_deep");
  // With LLVM's unwinder too.
  check_other_build(with_libcxx({"-unwindlib=libunwind", "-rtlib=compiler-rt"}), "throw_deep");
}

}  // namespace
}  // namespace llmo::test
