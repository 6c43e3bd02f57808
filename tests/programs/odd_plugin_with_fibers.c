// Loads the plug-in argv[1] twice and calls its run_fiber(), if it has one, in between. What the plug-in does
// in its constructor, and what of it the library keeps after dlclose(), is the point.
// variants: gcc-O2
// link: -ldl
#include <dlfcn.h>
#include <stdio.h>
#include <sys/mman.h>

#include "program.h"

// The next load comes to other addresses.
PLAIN static void take_the_old_place(void) {
  for (int pages = 1; pages <= 40; ++pages)
    mmap(0, 4096UL * (unsigned)pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

NOINLINE int loading_workflow(const char* path) {
  void* const plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!plugin) return 1;
  void (*run)(void) = (void (*)(void))dlsym(plugin, "run_fiber");
  if (run) run();
  dlclose(plugin);
  take_the_old_place();
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 2 || loading_workflow(argv[1]) != 0 || loading_workflow(argv[1]) != 0) return 1;
  puts("done");
  return 0;
}
