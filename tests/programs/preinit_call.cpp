// A traced function that runs before the constructor of any library, libc's too: there is no environment yet.
#include "program.h"

volatile int work = 0;

NOINLINE void preinit_agent() { work = work + 1; }
NOINLINE void main_agent() { work = work + 1; }

__attribute__((section(".preinit_array"), used)) void (*const preinit)() = preinit_agent;

int main() {
  main_agent();
  return 0;
}
