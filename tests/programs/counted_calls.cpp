// Traced calls without end, each counted in a shared page once it has returned: what is killed at any moment
// must not have lost a span that was counted. argv[1]: the file that holds the counter; argv[2]: calls,
// default endless.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "program.h"

volatile int work = 0;

NOINLINE void counted_agent() {
  for (int i = 0; i < 200; ++i) work = work + i;
}

int main(int argc, char** argv) {
  const int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
  if (ftruncate(fd, 4096) != 0) return 1;
  void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return 1;
  auto* const returned = static_cast<std::atomic<std::uint64_t>*>(page);
  const std::uint64_t calls = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : UINT64_MAX;
  for (std::uint64_t call = 0; call < calls; ++call) {
    counted_agent();
    returned->fetch_add(1);
    if (call % 64 == 63) usleep(50);  // a few thousand spans in a short life are enough
  }
  return 0;
}
