// A C program that loads the C++ library argv[1] late and lets it throw and catch: which unwinder does it
// get? link: -ldl
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
  void* const library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  int (*call)(void) = library ? (int (*)(void))dlsym(library, "throw_and_catch") : NULL;
  printf("%d\n", call ? call() : -1);
  return 0;
}
