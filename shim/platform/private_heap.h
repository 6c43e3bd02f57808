// The memory that the library allocates from: an arena of its own, so that the host's heap is never touched.
//
// The host may have replaced malloc, count allocations, hold its allocator's lock in this very thread, or be
// inside malloc when an instrumented function of its allocator calls us. So every malloc in the library,
// those of the statically linked libstdc++ included, comes here (heap_wrap.cpp).
//
// Free lists by size class over chunks from mmap; big blocks are mappings of their own. Meant for rare work:
// one lock, no caches.
#pragma once

#include <cstddef>

namespace llmo::platform::heap {

// As malloc, free, realloc, memalign. `allocate` returns nullptr when there is no memory; blocks are aligned
// to 16 bytes. A block may be released by any thread. In a signal handler that interrupted the heap itself,
// allocation still works (from a mapping of its own) and release leaks.
void* allocate(std::size_t size);
void* allocate_aligned(std::size_t alignment, std::size_t size);
void* reallocate(void* block, std::size_t size);
void release(void* block);

// In a forked child: makes the heap usable whatever the parent's threads were doing. Old blocks stay
// readable; where the parent was inside the heap, its free lists are given up.
void reset_after_fork();

}  // namespace llmo::platform::heap
