// What the C++ runtime of the program can be asked about exceptions.
#pragma once

#include <unwind.h>

#include <cstdint>
#include <optional>
#include <span>

namespace llmo::span {

// How many exceptions of the calling thread are on their way to a handler, as the runtime counts them
// (std::uncaught_exceptions()); nothing where none shows its count, as one that is linked into the program.
// Takes no lock of the loader's but that of its list, and that only until a runtime was found. Signals: not
// safe.
std::optional<std::uint32_t> uncaught_count();

// True where the exception is the one that the calling thread has caught last, whose handler runs still: then
// its object is there. False where no runtime shows it. Signals: not safe.
bool is_last_caught(const _Unwind_Exception* exception);

// It may have been unloaded. After dlclose().
void forget_cpp_runtime();

// True where one of the calls, by their return addresses, is that of a runtime's std::terminate(). Signals:
// as above.
bool is_in_terminate(std::span<const std::uintptr_t> return_addresses);

}  // namespace llmo::span
