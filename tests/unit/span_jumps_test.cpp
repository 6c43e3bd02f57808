// Jumps that leave calls behind, with stack addresses passed in that lie on the stack of the test's own
// thread.
#include "shim/span/jumps.h"

#include <signal.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <vector>

#include "tests/unit/span_stack_calls.h"

namespace journal = llmo::journal;
namespace span = llmo::span;
using journal::EndKind;
using llmo::test::Closed;
using llmo::test::functions_of;
using llmo::test::kSite;
using llmo::test::on_own_stack;
using span::Address;
using Functions = std::vector<std::uint32_t>;

namespace {

alignas(16) std::array<char, 65536> signal_stack;
std::function<void()> in_handler;

void run_in_handler(int) { in_handler(); }

// Runs `body` on an alternate signal stack.
void on_signal_stack(const std::function<void()>& body) {
  in_handler = body;
  stack_t stack{};
  stack.ss_sp = signal_stack.data();
  stack.ss_size = signal_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = run_in_handler;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, nullptr);
  raise(SIGUSR1);
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
}

}  // namespace

TEST_CASE("a jump closes the calls below its target and no others", "[jump]") {
  const auto calls = on_own_stack([](Address stack) {
    for (std::uint32_t call = 1; call <= 3; ++call) span::enter(call, kSite, stack - call * 100);
    span::note_jump(stack - 110, stack - 400);
    CHECK(functions_of(llmo::test::closed_calls(span::thread_state.number)) == Functions{3, 2});
    span::exit(1, kSite, stack - 100);
  });
  REQUIRE(functions_of(calls) == Functions{3, 2, 1});
  CHECK(calls[0].end_kind == EndKind::kLongjmp);
  CHECK(calls[1].end_kind == EndKind::kLongjmp);
  CHECK(calls[2].end_kind == EndKind::kReturned);
}

TEST_CASE("a jump to a stack that nobody knows of changes nothing", "[jump]") {
  const auto calls = on_own_stack([](Address stack) {
    span::enter(1, kSite, stack - 100);
    span::note_jump(reinterpret_cast<Address>(signal_stack.data()) + 1000, stack - 400);
    span::note_jump(UINT64_MAX - 8, stack - 400);
    span::exit(1, kSite, stack - 100);
  });
  REQUIRE(functions_of(calls) == Functions{1});
  CHECK(calls[0].end_kind == EndKind::kReturned);
}

TEST_CASE("a jump within the frame of a call closes what was inlined there", "[jump]") {
  const auto calls = on_own_stack([](Address stack) {
    span::enter(1, kSite, stack);
    span::enter(2, kSite, stack);
    span::note_jump(stack, stack - 100);
    span::exit(1, kSite, stack);
  });
  REQUIRE(functions_of(calls) == Functions{2, 1});
  CHECK(calls[0].end_kind == EndKind::kLongjmp);
  CHECK(calls[1].end_kind == EndKind::kReturned);
}

TEST_CASE("a jump off the signal stack closes what ran there, wherever that stack lies", "[jump]") {
  const auto calls = on_own_stack([](Address stack) {
    span::enter(1, kSite, stack);
    span::enter(2, kSite, stack - 100);
    on_signal_stack([&] {
      const auto here = reinterpret_cast<Address>(__builtin_frame_address(0));
      span::enter(3, kSite, here);
      span::note_jump(stack - 50, here - 100);
      CHECK(span::innermost_call(span::thread_state)->function == 1);
    });
    span::exit(1, kSite, stack);
  });
  REQUIRE(functions_of(calls) == Functions{3, 2, 1});
  CHECK(calls[0].end_kind == EndKind::kLongjmp);
  CHECK(calls[1].end_kind == EndKind::kLongjmp);
}

TEST_CASE("a jump on the signal stack leaves what was interrupted alone", "[jump]") {
  const auto calls = on_own_stack([](Address stack) {
    span::enter(1, kSite, stack);
    on_signal_stack([&] {
      const auto here = reinterpret_cast<Address>(__builtin_frame_address(0));
      span::enter(2, kSite, here);
      span::enter(3, kSite, here - 100);
      span::note_jump(here - 50, here - 200);
      span::exit(2, kSite, here);
    });
    span::exit(1, kSite, stack);
  });
  REQUIRE(functions_of(calls) == Functions{3, 2, 1});
  CHECK(calls[0].end_kind == EndKind::kLongjmp);
  CHECK(calls[1].end_kind == EndKind::kReturned);
  CHECK(calls[2].end_kind == EndKind::kReturned);
}

TEST_CASE("a jump out of a handler that interrupted the writing of a record hides no later one", "[jump]") {
  std::uint32_t number = 0;
  const auto calls = on_own_stack([&](Address stack) {
    span::ThreadState& thread = span::thread_state;
    span::enter(1, kSite, stack);
    span::enter(2, kSite, stack - 100);
    span::exit(2, kSite, stack - 100);
    thread.record += sizeof(journal::FunctionSpan);  // claimed and not published
    thread.claim = stack - 300;
    span::enter(3, kSite, stack - 400);
    span::exit(3, kSite, stack - 400);
    span::note_jump(stack - 350, stack - 500);
    CHECK(thread.claim != 0);  // from one handler into another: what was interrupted goes on
    span::note_jump(stack - 50, stack - 500);
    CHECK(thread.claim == 0);
    span::exit(1, kSite, stack);
    number = thread.number;
  });
  CHECK(functions_of(calls) == Functions{2, 3, 1});
}

TEST_CASE("a jump in a recursion far deeper than a segment ends at the right call", "[jump]") {
  constexpr Address kDepth = journal::kFramesPerBlock * 2;
  const auto calls = on_own_stack([](Address stack) {
    for (Address depth = 0; depth < kDepth; ++depth) span::enter(1, kSite, stack - depth * 64);
    span::note_jump(stack - 64 * 10, stack - kDepth * 64);
    CHECK(span::innermost_call(span::thread_state)->stack_address == stack - 64 * 10);
    span::note_jump(stack - 64 * 10, stack - kDepth * 64);
  });
  REQUIRE(calls.size() == kDepth);
  CHECK(calls[kDepth - 12].end_kind == EndKind::kLongjmp);
  CHECK(calls[kDepth - 11].end_kind == EndKind::kThreadExit);
}
