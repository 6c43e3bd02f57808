// Span stacks of fibers: regions of memory stand for their stacks, on which nothing really runs.
#include "shim/span/fibers.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "shim/span/current.h"
#include "shim/span/jumps.h"
#include "tests/unit/span_stack_calls.h"

namespace journal = llmo::journal;
namespace span = llmo::span;
using journal::EndKind;
using llmo::test::Closed;
using llmo::test::functions_of;
using llmo::test::kSite;
using llmo::test::on_own_stack;
using llmo::test::open_frames_blocks;
using span::Address;
using Functions = std::vector<std::uint32_t>;

namespace {

constexpr Address kSize = 65536;

// Memory that no test uses twice, as fibers are of the whole process.
span::StackArea new_memory() {
  static Address next = 0x10'0000'0000;
  next += 2 * kSize;
  return {next, next + kSize};
}

void call(std::uint32_t function, Address stack) {
  span::enter(function, kSite, stack);
  span::exit(function, kSite, stack);
}

}  // namespace

TEST_CASE("a fiber has a stack of its own that begins where it was made", "[fiber]") {
  const span::StackArea memory = new_memory();
  const Address fiber = memory.high - 1000;
  const auto calls = on_own_stack([&](Address own) {
    span::enter(1, kSite, own);
    span::note_fiber(memory, nullptr, own - 10);
    span::note_switch(memory.high - 64, own - 20);
    span::enter(2, kSite, fiber);
    span::note_switch(own - 30, fiber - 20);
    call(3, own - 100);
    span::note_switch(fiber - 40, own - 20);
    call(4, fiber - 100);
    span::exit(2, kSite, fiber);
    span::note_switch(own - 30, fiber);
    span::exit(1, kSite, own);
  });
  REQUIRE(functions_of(calls) == Functions{3, 4, 2, 1});
  const Closed &three = calls[0], &four = calls[1], &two = calls[2], &one = calls[3];
  CHECK(three.parent == one.id);
  CHECK(four.parent == two.id);
  CHECK(two.parent == one.id);
  for (const Closed& call : calls) CHECK(call.end_kind == EndKind::kReturned);
}

TEST_CASE("a fiber takes its open calls along to another thread", "[fiber]") {
  const span::StackArea memory = new_memory();
  const Address fiber = memory.high - 1000;
  on_own_stack([&](Address own) {
    span::note_fiber(memory, nullptr, own);
    span::note_switch(memory.high - 64, own);
    span::enter(1, kSite, fiber);
    span::note_switch(own - 30, fiber - 20);
    CHECK_FALSE(llmo::test::has_open_calls());
  });
  const auto calls = on_own_stack([&](Address own) {
    span::enter(3, kSite, own);
    span::note_switch(fiber - 40, own - 100);
    call(2, fiber - 100);
    span::exit(1, kSite, fiber);
    span::note_switch(own - 130, fiber);
    span::exit(3, kSite, own);
  });
  REQUIRE(functions_of(calls) == Functions{2, 1, 3});
  CHECK(calls[0].parent == calls[1].id);
  CHECK(calls[1].parent == 0);
  CHECK(calls[2].end_kind == EndKind::kReturned);
}

TEST_CASE("memory that is a fiber's anew ends the calls of the one before", "[fiber]") {
  const span::StackArea memory = new_memory();
  const auto calls = on_own_stack([&](Address own) {
    span::note_fiber(memory, nullptr, own);
    span::note_switch(memory.high - 64, own);
    span::enter(1, kSite, memory.high - 1000);
    span::note_switch(own - 30, memory.high - 1100);
    // Of another size, and not at the same place.
    span::note_fiber({memory.low - 100, memory.low + 100}, nullptr, own);
    span::note_switch(memory.low + 50, own);
    call(2, memory.low + 40);
    span::note_switch(own - 30, memory.low + 30);
  });
  REQUIRE(functions_of(calls) == Functions{1, 2});
  CHECK(calls[0].end_kind == EndKind::kDestroyed);
  CHECK(calls[1].parent == 0);
}

TEST_CASE("when a fiber's function returns the thread goes on where it was told to", "[fiber]") {
  const span::StackArea memory = new_memory();
  const auto calls = on_own_stack([&](Address own) {
    span::enter(1, kSite, own);
    greg_t next = 0;
    span::note_fiber(memory, &next, own - 10);
    span::note_switch(memory.high - 64, own - 20);
    next = static_cast<greg_t>(own - 30);
    span::enter(2, kSite, memory.high - 1000);  // left without a word
    span::note_fiber_end(memory.high - 64);
    call(3, own - 100);
    span::exit(1, kSite, own);
    CHECK(span::thread_state.fiber == nullptr);
  });
  REQUIRE(functions_of(calls) == Functions{2, 3, 1});
  CHECK(calls[0].end_kind == EndKind::kUnwound);
  CHECK(calls[1].parent == calls[2].id);
}

TEST_CASE("a longjmp to the stack of another fiber is a switch", "[fiber]") {
  const span::StackArea memory = new_memory();
  const Address fiber = memory.high - 1000;
  const auto calls = on_own_stack([&](Address own) {
    span::enter(1, kSite, own);
    span::note_fiber(memory, nullptr, own - 10);
    span::note_switch(memory.high - 64, own - 20);
    span::enter(2, kSite, fiber);
    span::note_jump(own - 30, fiber - 20);
    call(3, own - 100);
    span::note_jump(fiber - 40, own - 20);
    span::exit(2, kSite, fiber);
    span::note_jump(own - 30, fiber);
    span::exit(1, kSite, own);
  });
  REQUIRE(functions_of(calls) == Functions{3, 2, 1});
  for (const Closed& call : calls) CHECK(call.end_kind == EndKind::kReturned);
}

TEST_CASE("a thread that came to a fiber unseen is found there at the next switch", "[fiber]") {
  const span::StackArea first = new_memory();
  const span::StackArea second = new_memory();
  const auto calls = on_own_stack([&](Address own) {
    span::note_fiber(first, nullptr, own);
    span::note_fiber(second, nullptr, own);
    span::note_switch(second.high - 64, first.high - 500);
    span::enter(1, kSite, second.high - 1000);
    span::note_switch(first.high - 600, second.high - 1100);
    span::enter(2, kSite, first.high - 1000);
    span::note_switch(second.high - 1200, first.high - 1100);
    span::exit(1, kSite, second.high - 1000);
    span::note_switch(first.high - 1200, second.high - 1000);
    span::exit(2, kSite, first.high - 1000);
    span::note_switch(own - 30, first.high - 1000);
  });
  REQUIRE(functions_of(calls) == Functions{1, 2});
  for (const Closed& call : calls) CHECK(call.end_kind == EndKind::kReturned);
}

TEST_CASE("a handler that comes in the midst of a switch ends no call of either stack", "[fiber]") {
  const span::StackArea memory = new_memory();
  const Address fiber = memory.high - 1000;
  const auto calls = on_own_stack([&](Address own) {
    span::enter(1, kSite, own);
    span::note_fiber(memory, nullptr, own - 10);
    span::note_switch(memory.high - 64, own - 20);
    span::enter(2, kSite, fiber);
    span::note_switch(own - 30, fiber - 20);
    span::note_switch(fiber - 40, own - 20);
    call(3, own - 100);  // the machine's stack is still the thread's own
    CHECK_FALSE(span::current_context(own - 100).empty());
    span::exit(2, kSite, fiber);
    span::note_switch(own - 30, fiber);
    span::exit(1, kSite, own);
  });
  REQUIRE(functions_of(calls) == Functions{3, 2, 1});
  for (const Closed& call : calls) CHECK(call.end_kind == EndKind::kReturned);
}

TEST_CASE("thousands of fibers need no more blocks than have calls open", "[fiber]") {
  const std::size_t before = open_frames_blocks();
  on_own_stack([&](Address own) {
    for (int fiber = 0; fiber < 3000; ++fiber) {
      const span::StackArea memory = new_memory();
      span::note_fiber(memory, nullptr, own);
      span::note_switch(memory.high - 64, own);
      call(1, memory.high - 1000);
      span::note_switch(own - 30, memory.high - 64);
      call(2, own - 100);
    }
    CHECK(open_frames_blocks() <= before + 2);
  });
  CHECK(open_frames_blocks() == before);
}

TEST_CASE("a thread that ends on a fiber closes both stacks", "[fiber]") {
  const span::StackArea memory = new_memory();
  const std::size_t before = open_frames_blocks();
  const auto calls = on_own_stack([&](Address own) {
    span::enter(1, kSite, own);
    span::note_fiber(memory, nullptr, own - 10);
    span::note_switch(memory.high - 64, own - 20);
    span::enter(2, kSite, memory.high - 1000);
  });
  REQUIRE(functions_of(calls) == Functions{2, 1});
  CHECK(calls[0].end_kind == EndKind::kThreadExit);
  CHECK(calls[1].end_kind == EndKind::kThreadExit);
  CHECK(open_frames_blocks() == before);
}

TEST_CASE("the first calls of a thread may be a fiber's, and have ids of their own", "[fiber]") {
  const span::StackArea memory = new_memory();
  on_own_stack([&](Address own) {
    span::note_fiber(memory, nullptr, own);
    span::note_switch(memory.high - 64, own);
    span::enter(1, kSite, memory.high - 1000);
    span::note_switch(own - 30, memory.high - 1100);
  });
  std::vector<std::uint64_t> ids;
  for (int thread = 0; thread < 2; ++thread) {
    const auto calls = on_own_stack([&](Address own) {
      span::note_switch(memory.high - 1150, own);
      call(2, memory.high - 1200);
      span::note_switch(own - 30, memory.high - 1100);
    });
    REQUIRE(functions_of(calls) == Functions{2});
    ids.push_back(calls[0].id);
  }
  CHECK(ids[0] != ids[1]);
}

TEST_CASE("many threads make, run and hand on fibers at once", "[fiber]") {
  constexpr int kThreads = 4;
  std::vector<std::vector<span::StackArea>> memory(kThreads);
  for (auto& areas : memory) {
    for (int fiber = 0; fiber < 200; ++fiber) areas.push_back(new_memory());
  }
  std::atomic<int> left_open{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&memory, &left_open, number] {
      const Address own = reinterpret_cast<Address>(__builtin_frame_address(0)) - 100'000;
      for (int round = 0; round < 3; ++round) {
        for (const span::StackArea area : memory[static_cast<std::size_t>(number)]) {
          span::note_fiber(area, nullptr, own);
          span::note_switch(area.high - 64, own);
          call(1, area.high - 1000);
          span::note_switch(own - 30, area.high - 64);
        }
      }
      left_open += llmo::test::has_open_calls() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(left_open == 0);
}
