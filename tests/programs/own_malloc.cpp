// A program with a malloc of its own that is instrumented, traced even: hooks inside malloc.
#include <cstddef>
#include <cstring>
#include <new>
#include <vector>

#include "program.h"

namespace {
alignas(64) unsigned char arena[8 << 20];
std::size_t used = 0;
}  // namespace

volatile int calls = 0;

NOINLINE void* carve_agent(std::size_t size) {
  calls = calls + 1;
  void* const block = arena + used;
  used += (size + 63) / 64 * 64;
  return used <= sizeof(arena) ? block : nullptr;
}

extern "C" {
NOINLINE void* malloc(std::size_t size) { return carve_agent(size); }
NOINLINE void free(void*) {}
NOINLINE void* calloc(std::size_t count, std::size_t size) { return carve_agent(count * size); }
NOINLINE void* realloc(void* block, std::size_t size) {
  void* const grown = carve_agent(size);
  if (block != nullptr && grown != nullptr) std::memcpy(grown, block, size);
  return grown;
}
}

NOINLINE void allocating_workflow() {
  std::vector<int> numbers;
  for (int i = 0; i < 4; ++i) numbers.push_back(i);
}

int main() {
  allocating_workflow();
  return calls > 0 ? 0 : 1;
}
