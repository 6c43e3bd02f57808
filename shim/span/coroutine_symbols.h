// Which functions of a module are coroutines, and into what the compiler has split them.
//
// Both compilers leave a function of the coroutine's own name, the ramp, which makes the coroutine frame and
// is what a program calls. What runs at each resumption and at the end are local functions of derived names:
//
//            ramp     resume                           destroy
//   gcc      f        …<n>f.Frame.actor                …<n>f.Frame.destroy      <n>: length of "f.Frame"
//   clang    f        f.resume                         f.destroy, f.cleanup (of a frame that is on the stack)
//
// (f stands for the mangled name.) A module without local symbols is not known to have coroutines.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "symbolizer/symbol_table.h"

namespace llmo::span {

// The functions of one coroutine: addresses in the ELF file.
struct CoroutineParts {
  std::uint64_t ramp = 0;  // 0 where no function of that name exists any more
  std::uint64_t ramp_end = 0;
  std::uint64_t resume = 0;
  std::uint64_t resume_end = 0;
  std::uint64_t destroy = 0;
  std::uint64_t cleanup = 0;  // 0 where there is none
  bool by_gcc = false;
};

// True for a promise's final_suspend(), which a coroutine calls when its body is over.
bool is_final_suspend(std::string_view mangled);

// What a symbol says that its function is; `ramp` is empty where it is no part of a coroutine.
struct CoroutinePartName {
  enum class Part : std::uint8_t { kResume, kDestroy, kCleanup };

  std::string_view ramp;
  Part part = Part::kResume;
  bool by_gcc = false;
};
CoroutinePartName coroutine_part_name(std::string_view mangled);

// Immutable once made. Threads: any. Signals: making one allocates, find() is safe.
class CoroutineSymbols {
 public:
  CoroutineSymbols() = default;
  // Of several coroutines with one name (static functions of several sources) the parts that stand in the
  // same order belong together.
  explicit CoroutineSymbols(const symbolizer::SymbolTable& functions);

  // The coroutine that a function, given by where it starts, is a part of; nullptr where it is none.
  const CoroutineParts* find(std::uint64_t address) const;
  bool empty() const { return coroutines_.empty(); }

 private:
  void add(const CoroutineParts& parts);

  std::vector<CoroutineParts> coroutines_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> index_;  // address of a part, place in coroutines_
};

}  // namespace llmo::span
