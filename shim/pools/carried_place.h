// The place in a trace that a piece of work takes along from where it was asked for.
#pragma once

#include <cstdint>

#include "shim/platform/errno_saver.h"
#include "shim/span/current.h"
#include "shim/span/tracer.h"

namespace llmo::pools {

// It remembers its process: a forked child may come to do the work, and has not got its parent's frames.
class CarriedPlace {
 public:
  CarriedPlace() = default;

  // Where the calling thread is; `stack_address` as in span::current_position(). Call it while recording.
  // Keeps errno.
  static CarriedPlace here(span::Address stack_address) {
    const platform::ErrnoSaver keep;
    return CarriedPlace(span::current_position(stack_address), span::process_id());
  }

  // Nowhere: what is done there are roots.
  bool empty() const { return place_.context.empty(); }

  // To be entered by any thread of the process, or of one that was forked from it.
  span::Inheritance get() const {
    const bool is_ours = process_ == span::process_id();
    return {place_.context, is_ours ? place_.starter : nullptr};
  }

  friend bool operator==(const CarriedPlace& one, const CarriedPlace& other) {
    return one.place_.context == other.place_.context && one.place_.starter == other.place_.starter &&
           one.process_ == other.process_;
  }

 private:
  CarriedPlace(const span::Inheritance& place, std::uint32_t process) : place_(place), process_(process) {}

  span::Inheritance place_;
  std::uint32_t process_ = 0;
};

}  // namespace llmo::pools
