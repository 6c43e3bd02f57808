// Loads the plugin argv[1], calls its plugin_agent() in a workflow, and unloads it.
// link: -ldl
#include <dlfcn.h>

#include "program.h"

NOINLINE int loading_workflow(const char* path) {
  void* const plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!plugin) return 1;
  void (*call)(void) = (void (*)(void))dlsym(plugin, "plugin_agent");
  if (!call) return 2;
  call();
  dlclose(plugin);
  return 0;
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const int failed = loading_workflow(argv[i]);
    if (failed) return failed;
  }
  return 0;
}
