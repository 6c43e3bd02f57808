// The calls that led to where a thread is, as addresses that the exporter gives names to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "shim/journal/format.h"

namespace llmo::span {

// As many as are kept of an API call's stack and of an exception's.
inline constexpr std::size_t kMaxStackDepth = 32;

// Fills `out` with the return addresses of the calls that the calling thread is in, the innermost first;
// functions of this library are left out. Returns how many there are. Threads: any. Signals: safe.
std::size_t capture_call_stack(std::span<journal::CodeAddress> out);

// The same without asking for modules, for a moment that has no time for it: run-time addresses.
std::size_t capture_return_addresses(std::span<std::uintptr_t> out);

// Functions between these addresses are of this library. Once, before the first capture.
void leave_out_of_stacks(std::uintptr_t start, std::uintptr_t end);

// Turns such addresses into those of their modules, which must still be loaded; what no module holds is left
// out.
std::size_t code_addresses(std::span<const std::uintptr_t> addresses, std::span<journal::CodeAddress> out);

}  // namespace llmo::span
