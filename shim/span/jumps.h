// Jumps that leave calls behind: longjmp(3), siglongjmp(3), setcontext(3).
#pragma once

#include "shim/span/thread_state.h"

namespace llmo::span {

// Control is about to leave `here`, a stack address, for a place where the stack pointer is `target`. What
// that leaves for good is closed; a jump to the stack of another fiber is a switch. Where it is not sure to
// which stack the target belongs nothing happens, and later events show what is dead. Signals: safe. Keeps
// errno.
void note_jump(Address target, Address here);

}  // namespace llmo::span
