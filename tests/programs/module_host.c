// Loads plug-ins (the arguments) and calls plugin_agent() of each, in the way that the first argument says.
// link: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

volatile int work = 0;

NOINLINE void host_agent(void) { work = work + 1; }

PLAIN static void* open_plugin(const char* how, const char* file) {
  void* plugin = NULL;
  if (strcmp(how, "namespaces") == 0) plugin = dlmopen(LM_ID_NEWLM, file, RTLD_NOW | RTLD_LOCAL);
  if (plugin == NULL) plugin = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (plugin == NULL) {
    puts(dlerror());
    exit(3);
  }
  return plugin;
}

PLAIN static void call_plugin(void* plugin) {
  void (*call)(void) = (void (*)(void))dlsym(plugin, "plugin_agent");
  if (call == NULL) exit(4);
  call();
}

// All loaded together, or each gone before the next comes: which then has its address.
NOINLINE void plugin_workflow(const char* how, int count, char** files) {
  void* plugins[16];
  for (int index = 0; index < count && index < 16; ++index) {
    plugins[index] = open_plugin(how, files[index]);
    if (strcmp(how, "together") == 0) continue;
    call_plugin(plugins[index]);
    dlclose(plugins[index]);
  }
  for (int index = 0; index < count && index < 16 && strcmp(how, "together") == 0; ++index) {
    call_plugin(plugins[index]);
  }
  host_agent();
}

PLAIN int main(int argc, char** argv) {
  if (argc < 3) return 2;
  plugin_workflow(argv[1], argc - 2, argv + 2);
  return 0;
}
