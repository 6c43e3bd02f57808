// After a traced call, takes argv[1] MiB of memory in one piece.
#include <stdio.h>
#include <stdlib.h>

#include "program.h"

volatile int work = 0;

NOINLINE void small_agent(void) { work = work + 1; }

PLAIN int main(int argc, char** argv) {
  if (argc != 2) return 2;
  small_agent();
  void* const memory = malloc((size_t)atol(argv[1]) << 20);
  puts(memory ? "allocated" : "no memory");
  free(memory);
  return memory ? 0 : 1;
}
