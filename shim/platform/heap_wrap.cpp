// Where the linker sends the library's calls of malloc and its kin (--wrap, Makefile): operator new,
// containers, std::string and __cxa_demangle of the statically linked libstdc++ included. Not linked into
// unit tests.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "shim/platform/private_heap.h"

namespace heap = llmo::platform::heap;

extern "C" {

void* __wrap_malloc(std::size_t size) { return heap::allocate(size); }
void __wrap_free(void* block) { heap::release(block); }
void* __wrap_realloc(void* block, std::size_t size) { return heap::reallocate(block, size); }
void* __wrap_memalign(std::size_t alignment, std::size_t size) {
  return heap::allocate_aligned(alignment, size);
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  return heap::allocate_aligned(alignment, size);
}

void* __wrap_calloc(std::size_t count, std::size_t size) {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) return nullptr;
  void* const block = heap::allocate(total);
  return block == nullptr ? nullptr : std::memset(block, 0, total);
}

void* __wrap_reallocarray(void* block, std::size_t count, std::size_t size) {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) return nullptr;
  return heap::reallocate(block, total);
}

int __wrap_posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  void* const result = heap::allocate_aligned(alignment, size);
  if (result == nullptr) return ENOMEM;
  *block = result;
  return 0;
}

}  // extern "C"
