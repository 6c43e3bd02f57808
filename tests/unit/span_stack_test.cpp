// The span stack and what it leaves in the journal, with stack addresses and call sites passed in.
#include "shim/span/span_stack.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "shim/span/current.h"
#include "shim/span/detached_span.h"
#include "shim/span/left_out.h"
#include "tests/unit/span_stack_calls.h"

namespace journal = llmo::journal;
namespace span = llmo::span;
using journal::EndKind;
using llmo::test::Closed;
using llmo::test::functions_of;
using llmo::test::kSite;
using llmo::test::kStack;
using llmo::test::on_new_thread;
using llmo::test::open_blocks;
using llmo::test::open_frames_blocks;

TEST_CASE("nested calls are parent and child in one trace", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack - 100);
    span::exit(2, kSite, kStack - 100);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].parent == calls[1].id);
  CHECK(calls[1].parent == 0);
  CHECK(calls[0].trace == calls[1].trace);
  CHECK(calls[0].start >= calls[1].start);
  CHECK(calls[0].end <= calls[1].end);
  CHECK(calls[0].end_kind == EndKind::kReturned);
}

TEST_CASE("calls after each other are traces of their own", "[span_stack]") {
  const auto calls = on_new_thread([] {
    for (int call = 0; call < 2; ++call) {
      span::enter(1, kSite, kStack);
      span::exit(1, kSite, kStack);
    }
  });
  REQUIRE(calls.size() == 2);
  CHECK_FALSE(calls[0].trace == calls[1].trace);
  CHECK(calls[0].id != calls[1].id);
}

TEST_CASE("a call that was left without its exit is closed by the next event above it", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack - 100);
    span::enter(3, kSite, kStack - 200);
    // Left by a jump into function 1, which calls function 4.
    span::enter(4, kSite, kStack - 50);
    span::exit(4, kSite, kStack - 50);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{3, 2, 4, 1});
  CHECK(calls[0].end_kind == EndKind::kUnwound);
  CHECK(calls[1].end_kind == EndKind::kUnwound);
  CHECK(calls[2].parent == calls[3].id);
  CHECK(calls[3].end_kind == EndKind::kReturned);
}

TEST_CASE("an exit closes the dead calls above its own", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack - 100);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].end_kind == EndKind::kUnwound);
}

TEST_CASE("an inlined function is a child though its address is its caller's", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack);
    span::exit(2, kSite, kStack);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].parent == calls[1].id);
}

TEST_CASE("a call at the address of a dead one takes its place", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite + 1, kStack);
    span::exit(2, kSite + 1, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{1, 2});
  CHECK(calls[0].end_kind == EndKind::kUnwound);
  CHECK(calls[1].parent == 0);
}

TEST_CASE("an exit reached by a tail jump, with the frame gone, still matches in a recursion",
          "[span_stack]") {
  const auto calls = on_new_thread([] {
    for (span::Address depth = 0; depth < 3; ++depth) span::enter(1, kSite, kStack - depth * 100);
    for (span::Address depth = 3; depth > 0; --depth) span::exit(1, kSite, kStack - depth * 100 + 200);
  });
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].parent == calls[1].id);
  CHECK(calls[1].parent == calls[2].id);
  for (const Closed& call : calls) CHECK(call.end_kind == EndKind::kReturned);
}

TEST_CASE("an exit that belongs to no open call changes nothing", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::exit(7, kSite, kStack);
    span::enter(1, kSite, kStack);
    span::exit(7, kSite, kStack - 100);
    span::exit(1, kSite + 8, kStack - 100);
    CHECK_FALSE(span::current_context(kStack - 100).empty());
    span::exit(1, kSite, kStack);
    span::exit(1, kSite, kStack);
  });
  CHECK(functions_of(calls) == std::vector<std::uint32_t>{1});
}

TEST_CASE("a recursion far deeper than a segment keeps every call and its parent", "[span_stack]") {
  constexpr span::Address kDepth = journal::kFramesPerBlock * 5 + 7;
  const auto calls = on_new_thread([] {
    for (span::Address depth = 0; depth < kDepth; ++depth) span::enter(1, kSite, kStack - depth * 64);
    for (span::Address depth = kDepth; depth > 0; --depth) span::exit(1, kSite, kStack - (depth - 1) * 64);
  });
  REQUIRE(calls.size() == kDepth);
  const bool chained =
      std::adjacent_find(calls.begin(), calls.end(), [](const Closed& inner, const Closed& outer) {
        return inner.parent != outer.id || !(inner.trace == outer.trace);
      }) == calls.end();
  CHECK(chained);
}

TEST_CASE("moving about the end of a segment keeps parents right", "[span_stack]") {
  constexpr span::Address kDepth = journal::kFramesPerBlock - 1;
  const auto calls = on_new_thread([] {
    for (span::Address depth = 0; depth < kDepth; ++depth) span::enter(1, kSite, kStack - depth * 64);
    for (int round = 0; round < 1000; ++round) {
      span::enter(2, kSite, kStack - kDepth * 64);
      span::exit(2, kSite, kStack - kDepth * 64);
    }
  });
  REQUIRE(calls.size() == 1000 + kDepth);
  for (std::size_t call = 0; call < 1000; ++call) CHECK(calls[call].parent == calls[1000].id);
  CHECK(calls[1000].end_kind == EndKind::kThreadExit);
}

TEST_CASE("calls that are open when their thread ends are closed and say so", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack - 100);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].end_kind == EndKind::kThreadExit);
  CHECK(calls[1].end_kind == EndKind::kThreadExit);
}

TEST_CASE("a thread's first calls hang under the context that it inherits", "[span_stack]") {
  const span::SpanContext context{{1, 2}, 3, journal::kFlagSampled};
  const auto calls = on_new_thread([&] {
    span::thread_state.stack.inherited = {context, nullptr};
    CHECK(span::current_context(kStack) == context);
    span::enter(1, kSite, kStack);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].parent == 3);
  CHECK(calls[0].trace == context.trace);
}

TEST_CASE("a trace that is not sampled leaves no record and goes on the wire", "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::thread_state.stack.inherited = {{{1, 2}, 3, 0}, nullptr};
    span::enter(1, kSite, kStack);
    const span::SpanContext inside = span::current_context(kStack);
    CHECK(inside.trace == journal::TraceId{1, 2});
    CHECK(inside.span != 3);
    CHECK((inside.flags & journal::kFlagSampled) == 0);
    span::exit(1, kSite, kStack);
  });
  CHECK(calls.empty());
}

TEST_CASE("dead calls are never the current context", "[span_stack]") {
  on_new_thread([] {
    span::enter(1, kSite, kStack);
    const span::SpanContext outer = span::current_context(kStack);
    span::enter(2, kSite, kStack - 100);
    CHECK_FALSE(span::current_context(kStack - 100) == outer);
    CHECK(span::current_context(kStack - 50) == outer);
  });
}

TEST_CASE("records of calls and of other spans lie side by side", "[span_stack]") {
  const auto calls = on_new_thread([] {
    for (int round = 0; round < 2000; ++round) {
      span::enter(1, kSite, kStack);
      auto request =
          span::DetachedSpan::open(span::current_context(kStack), journal::SpanKind::kClient, "GET");
      REQUIRE(request.is_open());
      request.draft().add_int("round", round);
      request.close(EndKind::kReturned);
      span::exit(1, kSite, kStack);
    }
  });
  CHECK(calls.size() == 2000);
}

TEST_CASE("many short threads leave nothing behind but their records", "[span_stack]") {
  const std::size_t before = open_frames_blocks();
  for (int thread = 0; thread < 200; ++thread) {
    on_new_thread([] {
      span::enter(1, kSite, kStack);
      span::exit(1, kSite, kStack);
    });
  }
  CHECK(open_frames_blocks() == before);
}

TEST_CASE("threads that leave calls out count in one block after the other", "[span_stack]") {
  const auto leave_one_out = [] { span::count_left_out(1, journal::LeftOutReason::kThrottled, 1, 10); };
  on_new_thread(leave_one_out);
  const std::size_t after_one = open_blocks(journal::BlockKind::kLeftOut);
  for (int thread = 0; thread < 50; ++thread) on_new_thread(leave_one_out);
  CHECK(after_one > 0);
  CHECK(open_blocks(journal::BlockKind::kLeftOut) == after_one);
}

TEST_CASE("a pool's thread leaves the call that started it when that has returned", "[span_stack]") {
  journal::Frame starter{};
  starter.span_id = 3;
  starter.word = journal::make_word(sizeof starter, journal::RecordKind::kOpenFrame, journal::kFlagSampled);
  const auto job = [](std::uint32_t function) {
    span::enter(function, kSite, kStack);
    span::exit(function, kSite, kStack);
  };
  const auto calls = on_new_thread([&] {
    span::thread_state.stack.inherited = {{{1, 2}, 3, journal::kFlagSampled}, &starter};
    job(1);
    job(2);
    starter.word = 0;
    job(3);
    CHECK(span::current_context(kStack).empty());
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(calls[0].parent == 3);
  CHECK(calls[1].parent == 3);
  CHECK(calls[2].parent == 0);
  CHECK_FALSE(calls[2].trace == calls[0].trace);
}

TEST_CASE("the first span of a thread hangs under its starter though that has returned", "[span_stack]") {
  journal::Frame starter{};
  starter.span_id = 3;
  const auto calls = on_new_thread([&] {
    span::thread_state.stack.inherited = {{{1, 2}, 3, journal::kFlagSampled}, &starter};
    for (std::uint32_t function = 1; function <= 2; ++function) {
      span::enter(function, kSite, kStack);
      span::exit(function, kSite, kStack);
    }
  });
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].parent == 3);
  CHECK(calls[1].parent == 0);
}

TEST_CASE("a call at the end of a segment that a handler interrupted in opening keeps the context",
          "[span_stack]") {
  const auto calls = on_new_thread([] {
    constexpr span::Address kDepth = journal::kFramesPerBlock - 2;
    for (span::Address depth = 0; depth < kDepth; ++depth) span::enter(1, kSite, kStack - depth * 64);
    ++span::thread_state.stack.top;  // claimed, the last slot of the segment, and not filled
    span::enter(2, kSite, kStack - kDepth * 64);
    span::exit(2, kSite, kStack - kDepth * 64);
  });
  REQUIRE(calls.size() > 1);
  CHECK(calls[0].function == 2);
  CHECK(calls[0].parent == calls[1].id);
}

TEST_CASE("an exit finds its call though an inlined one of the same frame was left without a word",
          "[span_stack]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].end_kind == EndKind::kUnwound);
  CHECK(calls[1].end_kind == EndKind::kReturned);
}

TEST_CASE("calls below an address are closed as told, and no others", "[span_stack]") {
  const auto calls = on_new_thread([] {
    for (std::uint32_t call = 1; call <= 4; ++call) span::enter(call, kSite, kStack - call * 100);
    {
      const span::SlowSection section(span::thread_state);
      span::close_calls_below(span::thread_state, kStack - 200, EndKind::kException);
    }
    CHECK(span::innermost_call(span::thread_state)->function == 2);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{4, 3, 2, 1});
  CHECK(calls[0].end_kind == EndKind::kException);
  CHECK(calls[1].end_kind == EndKind::kException);
  CHECK(calls[2].end_kind == EndKind::kThreadExit);
}
