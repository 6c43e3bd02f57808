// Loads the plug-in argv[1], calls its plugin_agent() and unloads it, argv[2] times.
// link: -ldl
#include <dlfcn.h>
#include <stdlib.h>

#include "program.h"

PLAIN int main(int argc, char** argv) {
  if (argc != 3) return 2;
  for (long count = atol(argv[2]); count > 0; --count) {
    void* const plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!plugin) return 3;
    void (*call)(void) = (void (*)(void))dlsym(plugin, "plugin_agent");
    if (!call) return 4;
    call();
    dlclose(plugin);
  }
  return 0;
}
