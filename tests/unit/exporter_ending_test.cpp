// How processes end, and what the trace says of the spans that were open then.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "exporters/session/process_watch.h"
#include "tests/unit/exporter_sessions.h"

namespace {

using namespace llmo;
using namespace llmo::test;

// A process that dies of `signal` as any program does: the test runner's own handlers are not for it.
pid_t fork_victim(int signal) {
  sigset_t held;
  sigset_t before;
  ::sigemptyset(&held);
  ::sigaddset(&held, signal);
  ::sigprocmask(SIG_BLOCK, &held, &before);
  const pid_t child = ::fork();
  if (child != 0) {
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return child;
  }
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::signal(signal, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  for (;;) ::pause();
}

}  // namespace

TEST_CASE("a program that said how it ends has its open spans closed so, at that time",
          "[exporter][session]") {
  using journal::ProcessState;
  const std::pair<ProcessState, std::string> ends[] = {
      {ProcessState::kExiting, "process_exit"},   {ProcessState::kQuickExiting, "quick_exit"},
      {ProcessState::kImmediateExiting, "_exit"}, {ProcessState::kAborting, "abort"},
      {ProcessState::kTerminating, "terminate"},  {ProcessState::kExecuting, "exec"},
      {static_cast<ProcessState>(77), "killed"}};
  for (const auto& [state, name] : ends) {
    const MemoryDir root;
    const std::string session = test::make_session(root);
    JournalImage image = journal_with_open_spans();
    image.header().state.store(state);
    image.header().end_ticks.store(kOpenedTicks + 9000);
    image.save(session);
    const auto spans = spans_in(session::run_exporter(session, options_for(root)).output_path);
    const Span& span = span_with_id(spans, 10);
    CHECK(value(span.attributes, "llmobserve.end") == name);
    CHECK(span.end_unix_nanos == kOpenedUnix + (name == "killed" ? 500 : 9000));
    CHECK((span.status == StatusCode::kError) == (name == "abort" || name == "terminate"));
  }
}

TEST_CASE("calls that are open on no stack are closed like those that are", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  JournalImage image = journal_with_open_spans();
  const auto calls = image.add_block(journal::BlockKind::kOpenCalls, 0);
  image.block_header(calls).tid = 0;
  image.block_header(calls).thread_name[0] = 0;
  image.skip(calls, 3 * sizeof(journal::Frame));
  image.add_open_frame(calls, {.span_id = 20, .parent = 10, .start = kOpenedTicks + 40});
  image.skip(calls, 506 * sizeof(journal::Frame));
  image.add_open_frame(calls, {.span_id = 21, .parent = 20, .start = kOpenedTicks + 50});
  image.add_open_frame(1, {.span_id = 21, .parent = 20}, journal::RecordKind::kScopeFrame);
  image.save(session);
  const auto report = session::run_exporter(session, options_for(root));
  CHECK(report.closed_spans == 5);
  CHECK(report.damaged == 0);
  const auto spans = spans_in(report.output_path);
  for (const std::uint64_t id : {20U, 21U}) {
    const Span& span = span_with_id(spans, id);
    CHECK(span.name == "workflow.serve_handler");
    CHECK(value(span.attributes, "llmobserve.end") == "killed");
    CHECK(find_attribute(span.attributes, "thread.id") == nullptr);
  }
}

TEST_CASE("a program that became one that is not traced ends in the trace while its process lives",
          "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  Sleeper process;
  JournalImage image = living_journal(process);
  image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(0, {.span_id = 10, .start = image.header().opened.ticks});
  image.header().state.store(journal::ProcessState::kExecuting);
  image.header().end_ticks.store(image.header().opened.ticks + 5000);
  image.save(session);
  const auto report = session::run_exporter(session, options_for(root));
  CHECK(report.end == session::ExportEnd::kComplete);
  const auto spans = spans_in(report.output_path);
  REQUIRE(spans.size() == 1);
  CHECK(value(spans[0].attributes, "llmobserve.end") == "exec");
  CHECK(spans[0].end_unix_nanos == image.header().opened.unix_nanos + 5000);
}

TEST_CASE("a program that only tries to become another one goes on", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  // This very process, which has the journal mapped as a host would.
  JournalImage image(static_cast<std::uint32_t>(::getpid()), start_of(::getpid()));
  image.add_block(journal::BlockKind::kFrames);
  image.add_open_frame(0, {.span_id = 10});
  image.header().state.store(journal::ProcessState::kExecuting);
  const int fd = ::open(image.save(session).c_str(), O_RDWR | O_CLOEXEC);
  void* const mapped = ::mmap(nullptr, journal::kHeaderSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  REQUIRE(mapped != MAP_FAILED);
  auto options = options_for(root);
  options.once = true;
  const auto report = session::run_exporter(session, std::move(options));
  ::munmap(mapped, journal::kHeaderSize);
  CHECK(report.end == session::ExportEnd::kLeft);
  CHECK(report.spans == 0);
}

TEST_CASE("a death by a signal that can be known is named", "[exporter][session]") {
  for (const int signal : {SIGSEGV, SIGTERM, SIGKILL}) {
    for (const bool reaped : {false, true}) {
      const MemoryDir root;
      const std::string session = test::make_session(root);
      const pid_t child = fork_victim(signal);
      session::ProcessWatch watch(static_cast<std::uint32_t>(child), start_of(child));
      CHECK(watch.fatal_signal() == 0);
      ::kill(child, signal);
      if (reaped) {
        ::waitpid(child, nullptr, 0);
      } else {
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
      }
      CHECK_FALSE(watch.alive());
      // What an older kernel does not tell after the fact stays unknown.
      if (!reaped || watch.fatal_signal() != 0) CHECK(watch.fatal_signal() == signal);
      if (reaped) continue;
      JournalImage image(static_cast<std::uint32_t>(child), start_of(child));
      image.add_block(journal::BlockKind::kFrames);
      image.add_open_frame(0, {.span_id = 10});
      image.save(session);
      const auto spans = spans_in(session::run_exporter(session, options_for(root)).output_path);
      ::waitpid(child, nullptr, 0);
      REQUIRE(spans.size() == 1);
      const bool killed = signal == SIGKILL;
      CHECK(value(spans[0].attributes, "llmobserve.end") == (killed ? "killed" : "signal"));
      if (!killed) CHECK(value(spans[0].attributes, "llmobserve.signal").starts_with("SIG"));
      CHECK((spans[0].status == StatusCode::kError) == (signal == SIGSEGV));
    }
  }
}
