// Return addresses, and the rules that lead from one to the next.
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <span>
#include <thread>

#include "shim/platform/frame_rule.h"
#include "shim/platform/stack_walk.h"

namespace llmo::platform {
namespace {

using Address = std::uintptr_t;
using Calls = std::array<Address, 64>;

bool lies_in(Address address, Address function) { return address > function && address - function < 400; }

template <typename Function>
Address address_of(Function* function) {
  return reinterpret_cast<Address>(function);
}

volatile int sink;

__attribute__((noinline)) std::size_t innermost(Calls& calls) {
  const std::size_t count = walk_stack(calls);
  sink = sink + 1;
  return count;
}

__attribute__((noinline)) std::size_t middle(Calls& calls) {
  const std::size_t count = innermost(calls);
  sink = sink + 1;
  return count;
}

// A frame of a size that is known at run time only: its end is found by rbp.
__attribute__((noinline)) std::size_t of_any_size(Calls& calls, std::size_t size) {
  auto* const room = static_cast<volatile char*>(__builtin_alloca(size));
  room[0] = 1;
  const std::size_t count = innermost(calls);
  sink = room[0];
  return count;
}

// A frame that is aligned by hand: its end is kept in memory.
__attribute__((noinline)) std::size_t aligned(Calls& calls) {
  alignas(128) volatile char room[256];
  room[0] = 1;
  const std::size_t count = middle(calls);
  sink = room[0];
  return count;
}

TEST_CASE("a walk finds the calls that led to it, the innermost first", "[call_stack]") {
  Calls calls{};
  const std::size_t count = middle(calls);
  REQUIRE(count >= 4);
  CHECK(lies_in(calls[0], address_of(innermost)));
  CHECK(lies_in(calls[1], address_of(middle)));
}

TEST_CASE("frames of any size and alignment are walked through", "[call_stack]") {
  Calls plain{};
  Calls calls{};
  const std::size_t depth = middle(plain);
  CHECK(of_any_size(calls, static_cast<std::size_t>(sink % 7) + 3000) == depth);
  CHECK(lies_in(calls[1], address_of(of_any_size)));
  CHECK(aligned(calls) == depth + 1);
  CHECK(lies_in(calls[2], address_of(aligned)));
}

TEST_CASE("a walk fills no more than there is room for", "[call_stack]") {
  Calls calls{};
  CHECK(walk_stack(std::span(calls).first(2)) == 2);
  CHECK(calls[2] == 0);
  CHECK(walk_stack({}) == 0);
}

TEST_CASE("a walk ends at the first function of a thread", "[call_stack]") {
  Calls calls{};
  std::size_t count = 0;
  std::thread([&] { count = middle(calls); }).join();
  CHECK(count > 2);
  CHECK(count < 20);
  CHECK(std::count(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(count), Address{0}) == 0);
}

constinit Calls in_handler{};
std::size_t count_in_handler = 0;

void on_signal(int) { count_in_handler = walk_stack(in_handler); }

__attribute__((noinline)) void interrupted() {
  raise(SIGUSR1);
  sink = sink + 1;
}

void check_walk_from_handler(int flags) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = on_signal;
  action.sa_flags = flags;
  sigaction(SIGUSR1, &action, &before);
  count_in_handler = 0;
  interrupted();
  sigaction(SIGUSR1, &before, nullptr);
  const auto seen = std::span(in_handler).first(count_in_handler);
  CHECK(std::any_of(seen.begin(), seen.end(),
                    [](Address call) { return lies_in(call, address_of(interrupted)); }));
}

TEST_CASE("a walk goes on behind a signal handler", "[call_stack]") { check_walk_from_handler(0); }

TEST_CASE("a walk comes back from an alternate signal stack", "[call_stack]") {
  static std::array<char, 65536> memory;
  const stack_t stack{.ss_sp = memory.data(), .ss_flags = 0, .ss_size = memory.size()};
  stack_t before{};
  REQUIRE(sigaltstack(&stack, &before) == 0);
  check_walk_from_handler(SA_ONSTACK);
  sigaltstack(&before, nullptr);
}

TEST_CASE("rules are found anew after they were forgotten", "[call_stack]") {
  Calls before{};
  Calls after{};
  const std::size_t count = middle(before);
  forget_frame_rules();
  CHECK(middle(after) == count);
  CHECK(after[1] == before[1]);
}

TEST_CASE("a function's beginning is found from any of its instructions", "[call_stack]") {
  const Address function = address_of(middle);
  CHECK(function_start(function) == function);
  CHECK(function_start(function + 5) == function);
  CHECK_FALSE(function_start(16).has_value());
  CHECK_FALSE(function_start(reinterpret_cast<Address>(&sink)).has_value());
}

TEST_CASE("every instruction of libc that has a rule has one that can be followed", "[call_stack]") {
  const auto start = address_of(::getpid);
  for (Address code = start; code < start + 20'000; ++code) {
    const auto rule = find_frame_rule(code);
    if (rule && !rule->is_last) CHECK(rule->return_place != FrameRule::Place::kSame);
  }
}

}  // namespace
}  // namespace llmo::platform
