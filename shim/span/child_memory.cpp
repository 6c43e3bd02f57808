#include "shim/span/child_memory.h"

#include "shim/platform/syscalls.h"
#include "shim/span/thread_state.h"
#include "shim/span/tracer.h"

namespace llmo::span {

namespace sys = platform::sys;

namespace {

// In memory of our own, process_id() is our own too.
bool in_unseen_vfork() {
  return thread_state.vfork_depth == 0 && process_id() != static_cast<std::uint32_t>(sys::getpid());
}

}  // namespace

ChildMemory::ChildMemory(std::size_t size) : size_(size) {
  if (in_unseen_vfork()) return;
  memory_ = sys::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (thread_state.vfork_depth != 0) thread_state.vfork_memory = {memory_, size};
}

ChildMemory::~ChildMemory() {
  if (memory_ == nullptr) return;
  if (thread_state.vfork_depth != 0) thread_state.vfork_memory = {};
  sys::munmap(memory_, size_);
}

void release_child_memory() {
  const VforkMemory left = thread_state.vfork_memory;
  thread_state.vfork_memory = {};
  if (left.start != nullptr) sys::munmap(left.start, left.size);
}

}  // namespace llmo::span
