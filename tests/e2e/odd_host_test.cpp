// Hosts that do what few programs do: limits, odd stacks, odd parents, jumps out of handlers.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/e2e/lost_spans.h"
#include "tests/e2e/variants.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

using std::chrono::milliseconds;

std::string built(std::string_view program, std::string_view variant = "gcc-O2") {
  return program_path(program, variant).string();
}

void check_done(const Run& run) {
  CHECK(run.exit_code == 0);
  CHECK(run.out == "done\n");
  CHECK(run.err.empty());
}

TEST_CASE("a host that limits the size of its files runs as without us", "[e2e][odd]") {
  const std::string limit = GENERATE(as<std::string>{}, "0", "4096", "1024000");
  INFO(limit << " bytes");
  Sandbox sandbox;
  check_done(sandbox.run({built("odd_file_size_limit"), "40000", limit}, {.wait_for_export = false}));
}

TEST_CASE("a host that is started under a limit on files runs as without us", "[e2e][odd]") {
  const std::string blocks = GENERATE(as<std::string>{}, "0", "2000");  // of 512 bytes: POSIX ulimit
  INFO(blocks << " blocks");
  Sandbox sandbox;
  const std::string script = "ulimit -S -f " + blocks + "; exec " + built("odd_file_size_limit") + " 40000";
  check_done(sandbox.run({"/bin/sh", "-c", script}, {.wait_for_export = false}));
}

TEST_CASE("a limit on memory leaves the host what it had without us", "[e2e][odd]") {
  const auto sizes = GENERATE(table<int, int>({{64, 40}, {256, 224}, {1024, 896}}));
  const auto [limit, wanted] = sizes;
  INFO(wanted << " of " << limit << " MiB");
  Sandbox sandbox;
  const std::string script = "ulimit -v " + std::to_string(limit * 1024) + "; exec " +
                             built("odd_address_space_limit") + " " + std::to_string(wanted);
  const Run run = sandbox.run({"/bin/sh", "-c", script}, {.wait_for_export = false});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "allocated\n");
  CHECK(run.err.empty());
}

constexpr const char* kOwnChildOnly = "own child\nno child left, SIGCHLD 1\n";

TEST_CASE("a host that adopts orphans gets no child of ours", "[e2e][odd]") {
  Sandbox sandbox;
  const Run run = sandbox.run({built("odd_adopting_parent"), "subreaper"});
  CHECK(run.exit_code == 0);
  CHECK(run.out == kOwnChildOnly);
  CHECK(run.spans.size() == 1);
}

TEST_CASE("a host that is pid 1 of its namespace gets no child of ours", "[e2e][odd]") {
  const std::vector<std::string> unshare = {"unshare", "--user", "--map-root-user",
                                            "--pid",   "--fork", "--mount-proc"};
  std::vector<std::string> trial = unshare;
  trial.emplace_back("true");
  if (run_command({.argv = trial}).exit_code != 0) {
    WARN("skipped: no new pid namespace is permitted here");
    return;
  }
  Sandbox sandbox;
  std::vector<std::string> argv = unshare;
  argv.push_back(built("odd_adopting_parent"));
  const Run run = sandbox.run(argv, {.timeout = milliseconds{10'000}, .wait_for_export = false});
  CHECK(run.exit_code == 0);
  CHECK(run.out == kOwnChildOnly);
}

TEST_CASE("a handler that is not traced needs no more than 8 KiB of stack", "[e2e][odd]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("odd_small_signal_stack", variant);
  CHECK(run.signal == 0);
  CHECK(run.exit_code == 0);
  CHECK(run.out == "handled\n");
  CHECK(run.spans.empty());
}

TEST_CASE("a host without descriptors 0, 1 and 2 gets them for its own files", "[e2e][odd]") {
  const Run run = run_under_shim("odd_closed_descriptors");
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK(run.err.empty());
  CHECK(run.spans.size() == 1);
}

TEST_CASE("relative paths mean the directory in which the host was started", "[e2e][odd]") {
  Sandbox sandbox;
  fs::copy_file(library_path(), sandbox.path() / "libllmobserve.so");
  fs::copy_file(llmobserve_path(), sandbox.path() / "llmobserve");
  std::string preload = preload_value();
  preload.replace(preload.find(library_path().string()), std::string::npos, "./libllmobserve.so");
  const std::string traces = GENERATE(as<std::string>{}, "traces", "./traces");
  const Run run = sandbox.run({built("odd_changed_directory")},
                              {.env = {{"LD_PRELOAD", preload}, {"LLMOBSERVE_TRACE_DIR", traces}}});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(tree_of(run.spans) == "workflow.small_agent\n");
}

TEST_CASE("a thread that outlives the workflow that started it is not its child for ever", "[e2e][odd]") {
  const Run run = run_under_shim("odd_lazy_pool_thread");
  CHECK(run.exit_code == 0);
  REQUIRE(run.spans.size() == 4);
  const Span first = only_span(run.spans, "workflow.first_workflow");
  CHECK(only_span(run.spans, "workflow.first_job_agent").parent_span_id == first.span_id);
  CHECK(only_span(run.spans, "workflow.second_job_agent").parent_span_id.empty());
}

TEST_CASE("calls on a signal stack above the thread's own do not end what they interrupt", "[e2e][odd]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("odd_high_signal_stack", variant);
  CHECK(run.exit_code == 0);
  CHECK(tree_of(run.spans) ==
        "workflow.outer_workflow\n"
        "  workflow.handler_agent\n"
        "  workflow.inner_agent\n");
}

TEST_CASE("threads whose first traced call is in a key's destructor leave nothing behind", "[e2e][odd]") {
  const Run run = run_under_shim("odd_calls_in_key_destructor", "gcc-O2",
                                 {.args = {"1000"}, .env = {{"LLMOBSERVE_JOURNAL_MAX", "4"}}});
  CHECK(run.exit_code == 0);
  // The journal has room for 64 threads at once; a slow exporter may cost some spans, a leak costs most.
  const std::size_t recorded = spans_named(run.spans, "workflow.late_agent").size();
  CHECK(recorded > 500);
  CHECK(recorded + lost_spans(run.spans) == 1'000);
}

std::string make_plugin(const fs::path& directory) {
  const std::string library = directory / "libplugin.so";
  write_text(directory / "plugin.c",
             "__attribute__((noinline)) void plugin_agent(void) { __asm__ volatile(\"\"); }\n");
  REQUIRE(run_command({.argv = {"gcc", "-O2", "-finstrument-functions", "-shared", "-fPIC",
                                directory / "plugin.c", "-o", library}})
              .exit_code == 0);
  return library;
}

TEST_CASE("a plug-in that is loaded 8000 times keeps its name", "[e2e][odd]") {
  Sandbox sandbox;
  const Run run = sandbox.run({built("odd_plugin_reloads"), make_plugin(sandbox.path()), "8000"},
                              {.env = {{"LLMOBSERVE_JOURNAL_MAX", "2"}}});
  CHECK(run.exit_code == 0);
  CHECK(spans_named(run.spans, "workflow.plugin_agent").size() == 8'000);
  std::size_t losses = 0;
  for (const Span& span : spans_named(run.spans, "llmobserve.diagnostics"))
    losses += has_attribute(span, "llmobserve.lost.definitions") ? 1U : 0U;
  CHECK(losses == 0);
  CHECK(lost_spans(run.spans) == 0);
}

// A plug-in of the given source, linked with Boost.Context by name.
std::string make_fiber_plugin(const fs::path& directory, const std::string& source) {
  const std::string library = directory / "libfibers.so";
  write_text(directory / "fibers.cpp",
             "#include <boost/context/detail/fcontext.hpp>\n"
             "#include <pthread.h>\n#include <cstdlib>\n"
             "using namespace boost::context::detail;\n"
             "static void body(transfer_t from) { jump_fcontext(from.fctx, nullptr); }\n"
             "static void* make_one(void*) {\n"
             "  char* const stack = static_cast<char*>(std::malloc(65536));\n"
             "  jump_fcontext(make_fcontext(stack + 65536, 65536, body), nullptr);\n"
             "  std::free(stack);\n"
             "  return nullptr;\n"
             "}\n" +
                 source);
  REQUIRE(run_command({.argv = {"g++", "-O2", "-finstrument-functions", "-shared", "-fPIC",
                                directory / "fibers.cpp", "-o", library, "-lboost_context", "-lpthread"}})
              .exit_code == 0);
  return library;
}

TEST_CASE("a plug-in whose constructor waits for a thread that makes a fiber is loaded",
          "[e2e][odd][fiber]") {
  Sandbox sandbox;
  const std::string plugin = make_fiber_plugin(sandbox.path(),
                                               "__attribute__((constructor)) static void start() {\n"
                                               "  pthread_t thread;\n"
                                               "  pthread_create(&thread, nullptr, make_one, nullptr);\n"
                                               "  pthread_join(thread, nullptr);\n"
                                               "}\n");
  check_done(sandbox.run({built("odd_plugin_with_fibers"), plugin}, {.timeout = milliseconds{10'000}}));
}

TEST_CASE("a plug-in that brings Boost.Context along takes it away again", "[e2e][odd][fiber]") {
  Sandbox sandbox;
  const std::string plugin =
      make_fiber_plugin(sandbox.path(), "extern \"C\" void run_fiber() { make_one(nullptr); }\n");
  check_done(sandbox.run({built("odd_plugin_with_fibers"), plugin}, {.timeout = milliseconds{10'000}}));
}

TEST_CASE("an exception that is gone is not asked for its message", "[e2e][odd][exception]") {
  const std::string variant = each_variant();
  INFO(variant);
  // What is freed is overwritten.
  const RunOptions overwrite{.env = {{"MALLOC_PERTURB_", "165"}}};
  RunOptions options = overwrite;
  options.args = {"terminate"};
  const Run ended = run_under_shim("odd_exception_gone", variant, options);
  CHECK(ended.signal == SIGABRT);
  CHECK(ended.err == "terminate called without an active exception\n");
  CHECK(tree_of(ended.spans) == "workflow.ending_workflow ERROR end=terminate\n");
  options.args = {"inlined"};
  const Run caught = run_under_shim("odd_exception_gone", variant, options);
  CHECK(caught.exit_code == 0);
  CHECK(caught.out == "later\n");
  CHECK(spans_named(caught.spans, "workflow.later_agent").size() == 1);
}

TEST_CASE("jumps out of signal handlers do not end the recording", "[e2e][odd][signal]") {
  const std::string variant = GENERATE(as<std::string>{}, "gcc-O2", "clang-O2");
  INFO(variant);
  const Run run = run_under_shim("odd_jump_out_of_handler", variant, {.timeout = milliseconds{15'000}});
  check_done(run);
  CHECK_FALSE(spans_named(run.spans, "workflow.interrupted_agent").empty());
  CHECK(spans_named(run.spans, "workflow.later_agent").size() == 200);
}

TEST_CASE("a jump out of a handler that met a first call does not lock other threads out",
          "[e2e][odd][signal]") {
  Sandbox sandbox;
  const RunOptions options{.timeout = milliseconds{10'000}, .wait_for_export = false};
  for (const char* microseconds : {"100", "250", "400", "600", "900", "1300", "1800", "2500"}) {
    INFO(microseconds << " microseconds");
    check_done(sandbox.run({built("odd_jump_out_of_first_call"), microseconds}, options));
  }
  sandbox.wait_for_export();
}

TEST_CASE("no child of a fork in the middle of threads and signals hangs", "[e2e][odd][fork][signal]") {
  const Run run = run_under_shim("odd_fork_in_signal_storm");
  CHECK(run.exit_code == 0);
  CHECK(run.out == "0 hung\n");
  CHECK(run.err.empty());
  CHECK_FALSE(spans_named(run.spans, "workflow.child_agent").empty());
}

}  // namespace
}  // namespace llmo::test
