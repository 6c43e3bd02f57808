// Memory for the environment of a program that is about to be started, where the stack is not the place.
#pragma once

#include <cstddef>

namespace llmo::span {

// A mapping that is gone when this object is, or when the program has taken the process's place. In a child
// of vfork() it is the parent's memory too: the parent gives it back when it goes on.
//
// Signals and children of vfork(): safe. Keeps errno.
class ChildMemory {
 public:
  explicit ChildMemory(std::size_t size);
  ~ChildMemory();
  ChildMemory(const ChildMemory&) = delete;
  ChildMemory& operator=(const ChildMemory&) = delete;

  // nullptr where there is none, and in a child of a vfork() that was not seen, which nobody gives back for.
  void* get() const { return memory_; }

 private:
  void* memory_ = nullptr;
  std::size_t size_;
};

// In the parent, when its child of vfork() is one no more.
void release_child_memory();

}  // namespace llmo::span
