// The walker of stacks held against another one, libunwind: on code of several compilers, from handlers, and
// at every instruction of a call.
#define UNW_LOCAL_ONLY
#include <curl/curl.h>
#include <libunwind.h>
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "shim/platform/frame_rule.h"
#include "shim/platform/stack_walk.h"

// The tests are not optimised; some of the code that they walk through is, and has no frame pointer.
#if defined(__clang__)
#define OPTIMISED __attribute__((noinline))
#else
#define OPTIMISED __attribute__((noinline, optimize("O2", "omit-frame-pointer")))
#endif
#define NOINLINE __attribute__((noinline))

namespace llmo::platform {
namespace {

using Address = std::uintptr_t;

struct Calls {
  std::array<Address, 512> addresses{};
  std::size_t count = 0;

  [[nodiscard]] std::span<const Address> all() const { return std::span(addresses).first(count); }
};

// One stack, as three have seen it.
struct Seen {
  Calls ours;
  Calls traced;   // by unw_backtrace(), which has a cache too
  Calls stepped;  // by unw_step(), which reads what the compiler wrote
};

NOINLINE void step_through(Calls& calls) {
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  unw_init_local(&cursor, &context);
  while (unw_step(&cursor) > 0 && calls.count < calls.addresses.size()) {
    unw_word_t address = 0;
    unw_get_reg(&cursor, UNW_REG_IP, &address);
    calls.addresses[calls.count++] = address;
  }
}

// All of them begin in this function, each at a call of its own.
NOINLINE void look(Seen& seen) {
  seen.ours.count = walk_stack(seen.ours.addresses);
  std::array<void*, 512> traced{};
  seen.traced.count = static_cast<std::size_t>(unw_backtrace(traced.data(), traced.size()));
  std::transform(traced.begin(), traced.end(), seen.traced.addresses.begin(),
                 [](void* address) { return reinterpret_cast<Address>(address); });
  seen.stepped.count = 0;
  step_through(seen.stepped);
}

bool are_same(const Calls& one, const Calls& other) {
  if (one.count == 0 || one.count != other.count) return false;
  const bool begin_alike = function_start(one.addresses[0]) == function_start(other.addresses[0]);
  return begin_alike && std::equal(one.all().begin() + 1, one.all().end(), other.all().begin() + 1);
}

void check_same(const Seen& seen, std::size_t least_depth) {
  CHECK(seen.ours.count >= least_depth);
  CHECK(are_same(seen.ours, seen.traced));
  CHECK(are_same(seen.ours, seen.stepped));
}

volatile int sink;

// --- shapes of frames

OPTIMISED void recurse(int depth, Seen& seen) {
  if (depth == 0) {
    look(seen);
  } else {
    recurse(depth - 1, seen);
  }
  sink = sink + depth;
}

NOINLINE void recurse_with_frame_pointer(int depth, Seen& seen) {
  if (depth == 0) {
    look(seen);
  } else {
    recurse_with_frame_pointer(depth - 1, seen);
  }
  sink = sink + depth;
}

OPTIMISED void with_dynamic_stack(std::size_t size, Seen& seen) noexcept {
  auto* const room = static_cast<volatile char*>(__builtin_alloca(size));
  room[0] = 1;
  recurse(3, seen);
  sink = room[0];
}

OPTIMISED void with_aligned_stack(Seen& seen) {
  alignas(256) volatile char room[512];
  room[0] = 1;
  with_dynamic_stack(static_cast<std::size_t>(sink % 5) + 2000, seen);
  sink = room[0];
}

// Pushes for every argument that no register has room for.
OPTIMISED int with_many_arguments(int a, int b, int c, int d, int e, int f, int g, int h, Seen& seen) {
  look(seen);
  return a + b + c + d + e + f + g + h + sink;
}

OPTIMISED void calls_with_many(Seen& seen) {
  sink =
      with_many_arguments(1, 2, 3, 4, 5, 6, 7, 8, seen) + with_many_arguments(1, 2, 3, 4, 5, 6, 7, 9, seen);
}

TEST_CASE("frames of every shape are walked as libunwind walks them", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  recurse(200, *seen);
  check_same(*seen, 200);
  recurse_with_frame_pointer(200, *seen);
  check_same(*seen, 200);
  with_dynamic_stack(static_cast<std::size_t>(sink % 7) + 3000, *seen);
  check_same(*seen, 6);
  with_aligned_stack(*seen);
  check_same(*seen, 7);
  calls_with_many(*seen);
  check_same(*seen, 4);
}

TEST_CASE("a stack that is deeper than there is room is walked as far", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  recurse(2000, *seen);
  CHECK(seen->ours.count == seen->ours.addresses.size());
  CHECK(are_same(seen->ours, seen->traced));
  CHECK(are_same(seen->ours, seen->stepped));
}

// --- frames of others

Seen* seen_in_callback = nullptr;

OPTIMISED int compare(const void* one, const void* other) {
  look(*seen_in_callback);
  return *static_cast<const int*>(one) - *static_cast<const int*>(other);
}

size_t receive(char*, size_t size, size_t count, void* seen) {
  recurse(2, *static_cast<Seen*>(seen));
  return size * count;
}

TEST_CASE("frames of libc and libstdc++ are walked as libunwind walks them", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  seen_in_callback = seen.get();
  std::array<int, 9> numbers{3, 1, 2, 9, 8, 7, 6, 5, 4};
  std::qsort(numbers.data(), numbers.size(), sizeof numbers[0], compare);
  check_same(*seen, 5);
  const int wanted = 4;
  std::bsearch(&wanted, numbers.data(), numbers.size(), sizeof numbers[0], compare);
  check_same(*seen, 4);
  std::once_flag once;
  std::call_once(once, [&] { recurse(1, *seen); });
  check_same(*seen, 5);
#ifndef __SANITIZE_THREAD__  // libunwind takes a lock as a thread goes, when this sanitizer knows it no more
  std::thread([&] { recurse(5, *seen); }).join();
  check_same(*seen, 7);
#endif
}

TEST_CASE("frames of libcurl are walked as libunwind walks them", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  CURL* const curl = curl_easy_init();
  REQUIRE(curl != nullptr);
  curl_easy_setopt(curl, CURLOPT_URL, "file:///proc/self/status");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, seen.get());
  CHECK(curl_easy_perform(curl) == CURLE_OK);
  curl_easy_cleanup(curl);
  check_same(*seen, 8);
}

// --- stacks of other kinds

void on_signal(int) { recurse(2, *seen_in_callback); }

// Runs `body` while SIGUSR1 is handled by `handler`.
void with_handler(void (*handler)(int), int flags, const std::function<void()>& body) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(SIGUSR1, &action, &before);
  body();
  sigaction(SIGUSR1, &before, nullptr);
}

OPTIMISED void interrupted() {
  raise(SIGUSR1);
  sink = sink + 1;
}

TEST_CASE("a signal's frame is walked through as libunwind does", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  seen_in_callback = seen.get();
  with_handler(on_signal, 0, interrupted);
  check_same(*seen, 8);
  static std::array<char, 262'144> memory;
  const stack_t stack{.ss_sp = memory.data(), .ss_flags = 0, .ss_size = memory.size()};
  stack_t before{};
  REQUIRE(sigaltstack(&stack, &before) == 0);
  with_handler(on_signal, SA_ONSTACK, interrupted);
  sigaltstack(&before, nullptr);
  check_same(*seen, 8);
}

ucontext_t main_context;
ucontext_t fiber_context;

void fiber_body() { recurse(4, *seen_in_callback); }

TEST_CASE("a fiber's stack ends where libunwind says", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  seen_in_callback = seen.get();
  std::vector<char> memory(262'144);
  getcontext(&fiber_context);
  fiber_context.uc_stack.ss_sp = memory.data();
  fiber_context.uc_stack.ss_size = memory.size();
  fiber_context.uc_link = &main_context;
  makecontext(&fiber_context, fiber_body, 0);
  REQUIRE(swapcontext(&main_context, &fiber_context) == 0);
  check_same(*seen, 6);
}

// --- every instruction

constexpr greg_t kTrapFlag = 0x100;

struct Steps {
  bool wanted = false;
  std::size_t count = 0;
  std::size_t different = 0;
  Address first_different = 0;
};
Steps steps;

// The processor comes here after each instruction, as long as it is told to.
void on_step(int, siginfo_t*, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (!steps.wanted) {
    registers[REG_EFL] &= ~kTrapFlag;
    return;
  }
  registers[REG_EFL] |= kTrapFlag;
  look(*seen_in_callback);
  ++steps.count;
  if (are_same(seen_in_callback->ours, seen_in_callback->stepped)) return;
  if (steps.different++ == 0) steps.first_different = static_cast<Address>(registers[REG_RIP]);
}

void step_all(const std::function<void()>& body) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_sigaction = on_step;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &before);
  steps = {.wanted = true};
  raise(SIGTRAP);
  body();
  steps.wanted = false;
  sigaction(SIGTRAP, &before, nullptr);
}

OPTIMISED int weigh(int depth) {
  volatile char room[64];
  room[0] = static_cast<char>(depth);
  const int below = depth > 0 ? weigh(depth - 1) * weigh(depth / 3) : 1;
  return below + room[0];
}

OPTIMISED int weigh_with_dynamic_stack(std::size_t size) {
  auto* const room = static_cast<volatile char*>(__builtin_alloca(size));
  room[size - 1] = 1;
  return weigh(1) + room[size - 1];
}

int by_value(const void* one, const void* other) {
  return *static_cast<const int*>(one) - *static_cast<const int*>(other);
}

TEST_CASE("at every instruction the walk is libunwind's", "[call_stack]") {
  const auto seen = std::make_unique<Seen>();
  seen_in_callback = seen.get();
  std::array<int, 6> numbers{3, 1, 2, 9, 8, 7};
  const auto body = [&] {
    sink = weigh(3) + weigh_with_dynamic_stack(static_cast<std::size_t>(numbers[0]) * 100);
    std::qsort(numbers.data(), numbers.size(), sizeof numbers[0], by_value);
    sink = static_cast<int>(std::to_string(sink).size());
  };
  // The frame of the loader, when it binds what is called, has an end that our walk does not find.
  body();
  step_all(body);
  INFO(std::hex << steps.first_different);
  CHECK(steps.count > 500);
  CHECK(steps.different == 0);
}

}  // namespace
}  // namespace llmo::platform
