// Threads that a library makes for itself.
//
// A pool makes its threads when the first piece of work comes, out of the function that happens to bring it.
// Such a thread is nobody's: the work that it does belongs to those who asked for it. A thread that a program
// makes through a library (uv_thread_create, g_thread_new) is the program's, like any other.
#pragma once

namespace llmo::pools {

// Whether a thread that runs `body(argument)` is of a library's own making: its function is one of libuv's,
// GLib's, oneTBB's or OpenMP's. Threads: any. Keeps errno.
bool is_library_thread(const void* body, const void* argument);

}  // namespace llmo::pools
