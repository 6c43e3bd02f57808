// The return addresses on a thread's stack.
//
// The host does not use libunwind, because that one (as libgcc) takes the loader's lock or allocates where
// the host may be inside of either (in a signal handler, in a forked child, under dlopen()), and takes ten
// times as long; unit tests hold this walk against it. Here the compilers' tables are read in place
// (frame_rule.h), and what was found is kept by return address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace llmo::platform {

// Fills `out` from its front with the return addresses of the calls that led here, the innermost first: that
// of the function which calls this. Returns how many there are. It ends at code that no module describes, as
// code made at run time, and at the few frames whose end is not found by rsp or rbp: that of the loader as it
// binds a function at its first call. No lock, no memory, no system call. Threads: any. Signals: safe.
std::size_t walk_stack(std::span<std::uintptr_t> out);

// What was kept may be wrong, as other code may come to the same addresses. After dlclose().
void forget_frame_rules();

}  // namespace llmo::platform
