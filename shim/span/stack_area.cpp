#include "shim/span/stack_area.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "shim/platform/limits.h"
#include "shim/platform/syscalls.h"
#include "shim/span/tracer.h"

// Where the stack of the process's first thread ends. Of ld.so, since its first version.
extern "C" void* __libc_stack_end;  // NOLINT(bugprone-reserved-identifier)

namespace llmo::span {

namespace sys = platform::sys;

namespace {

// What RLIMIT_STACK may say, before it is taken for the size that stacks really have.
constexpr Address kSmallestLimit = Address{1} << 20;
constexpr Address kLargestLimit = Address{1} << 30;

constinit std::atomic<Address> stack_limit{0};

}  // namespace

// The first thread's stack grows up to it, and those of others have this size unless the program asks for
// more (pthread_attr_setstacksize(3)). Read once.
std::size_t usual_stack_size() {
  Address size = stack_limit.load(std::memory_order_relaxed);
  if (size == 0) {
    size = std::clamp<Address>(platform::resource_limit(RLIMIT_STACK), kSmallestLimit, kLargestLimit);
    stack_limit.store(size, std::memory_order_relaxed);
  }
  return size;
}

StackArea alternate_stack() {
  stack_t stack{};
  if (sys::call(SYS_sigaltstack, 0, sys::as_long(&stack)) != 0 || (stack.ss_flags & SS_ONSTACK) == 0) {
    return {};
  }
  const auto low = reinterpret_cast<Address>(stack.ss_sp);
  return {low, low + stack.ss_size};
}

// glibc puts a thread's control block, which pthread_self() is the address of, at the end of its stack; that
// of the first thread lies elsewhere (glibc, nptl/allocatestack.c).
Address own_stack_end(const ThreadState& thread) {
  if (thread.tid == process_id()) return reinterpret_cast<Address>(__libc_stack_end);
  return static_cast<Address>(pthread_self());
}

bool on_own_stack(const ThreadState& thread, Address address) {
  const Address end = own_stack_end(thread);
  return address < end && end - address <= usual_stack_size();
}

}  // namespace llmo::span
