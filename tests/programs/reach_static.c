// A static program: nothing can be preloaded into it. libc.a has hooks that do nothing, so it links.

// flags: -static
#include <stdio.h>

#include "program.h"

NOINLINE void static_agent(void) { puts("ran"); }

int main(void) {
  static_agent();
  return 0;
}
