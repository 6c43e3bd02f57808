// GLib's thread pools: items that are pushed here and worked on there.
//
// A pool has one function, and its items are plain pointers of the program's, which GLib hands on to the
// program's functions that compare or free them. So the items stay as they are and the function is exchanged
// for one of ours: where an item was pushed stands in a table beside the pool. What is pushed a second time
// while it still waits has two places; then it belongs to neither.
#pragma once

#include "shim/span/thread_state.h"

namespace llmo::pools {

using GlibPoolFunction = void (*)(void* item, void* user_data);  // GFunc
using GlibPush = int(void* pool, void* item, void** error);      // g_thread_pool_push

// The function to make a pool with in place of `function`: one of ours that goes on to it, the same for every
// pool that has it. `function` itself where a program has more of them than are provided for.
GlibPoolFunction carrying_pool_function(GlibPoolFunction function);

// As `push`, which is GLib's own. Pools with another function than carrying_pool_function() gave are left
// alone. Call it while recording.
int push_glib_item(GlibPush* push, void* pool, void* item, void** error, span::Address stack_address);

// After the pool was freed: none of its items that still wait will be worked on.
void forget_glib_items(const void* pool);

// In a forked child.
void reset_glib_pools_after_fork();

}  // namespace llmo::pools
