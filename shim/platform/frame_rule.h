// How to get from a frame to its caller's, at one instruction.
//
// Compilers write that down for every instruction (.eh_frame: System V psABI (AMD64) 3.7, LSB 10.6, DWARF 4
// section 6.4). A walk needs little of it: where the frame ends (its canonical frame address, CFA), and where
// the return address and the caller's rbp are kept.
#pragma once

#include <cstdint>
#include <optional>

namespace llmo::platform {

// Eight bytes, so that a cache can hold it in one word.
struct FrameRule {
  // Where something is kept.
  enum class Place : std::uint8_t {
    kSame = 0,     // where it was: the register has not changed
    kAtCfa = 1,    // in memory, at the CFA and so many bytes
    kAtStack = 2,  // in memory, at rsp and so many bytes
    kAtFrame = 3,  // in memory, at rbp and so many bytes
  };

  std::int32_t cfa_offset = 0;  // from the base register
  std::int16_t rbp_offset = 0;
  std::int8_t return_words = 0;    // an offset too, in words
  bool cfa_from_rbp : 1 = false;   // else from rsp
  bool cfa_in_memory : 1 = false;  // what stands there is the CFA
  bool is_last : 1 = false;        // nobody has called this frame
  bool is_signal : 1 = false;      // a handler was called from here, by the kernel
  Place rbp_place : 2 = Place::kSame;
  Place return_place : 2 = Place::kAtCfa;  // never kSame
};
static_assert(sizeof(FrameRule) == 8);

// The rule for the instruction at `code`. Nothing where the module has none, or one that is not of the few
// forms that compilers use. Reads the module's own tables: no lock, no memory. Signals: safe.
std::optional<FrameRule> find_frame_rule(std::uintptr_t code);

// Where the function begins that holds the instruction; nothing where no module describes it. Signals: safe.
std::optional<std::uintptr_t> function_start(std::uintptr_t code);

}  // namespace llmo::platform
