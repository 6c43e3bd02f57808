// Loads plug-ins and calls them as its arguments say, one after the other:
//
//   load:FLAGS:PATH   dlopen(); FLAGS: n now, l lazy, g global, d deep-bound, o only if loaded already
//   self:FLAGS        dlopen(NULL)
//   call:NAME:TEXT    int NAME(const char*) of the last one loaded, with TEXT
//   error             what dlerror() has to say
//   close             dlclose() of the last one loaded
//   storm:FLAGS:PATH  four threads load and close it, each fifty times

// link: -ldl
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { kMost = 16, kThreads = 4, kTimes = 50 };
static void* handles[kMost];
static int loaded;

PLAIN static int mode_of(const char* letters) {
  int mode = 0;
  for (; *letters != ':' && *letters != '\0'; ++letters) {
    if (*letters == 'n') mode |= RTLD_NOW;
    if (*letters == 'l') mode |= RTLD_LAZY;
    if (*letters == 'g') mode |= RTLD_GLOBAL;
    if (*letters == 'd') mode |= RTLD_DEEPBIND;
    if (*letters == 'o') mode |= RTLD_NOLOAD;
  }
  return mode;
}

PLAIN static void load(const char* path, int mode) {
  errno = 77;
  void* const handle = dlopen(path, mode);
  if (handle == NULL) {
    const char* const text = dlerror();
    printf("not loaded: %s\n", text == NULL ? "no reason" : text);
    return;
  }
  printf("loaded, errno %d\n", errno);
  handles[loaded++] = handle;
}

NOINLINE int calling_workflow(int (*function)(const char*), const char* text) { return function(text); }

PLAIN static void call(const char* name_and_text) {
  char name[64];
  const char* const colon = strchr(name_and_text, ':');
  snprintf(name, sizeof name, "%.*s", (int)(colon - name_and_text), name_and_text);
  int (*function)(const char*) = (int (*)(const char*))dlsym(handles[loaded - 1], name);
  if (function == NULL) {
    printf("no %s\n", name);
    return;
  }
  printf("%d\n", calling_workflow(function, colon + 1));
}

struct storm {
  const char* path;
  int mode;
  int failed;
};

PLAIN static void* load_and_close(void* argument) {
  struct storm* const storm = argument;
  for (int i = 0; i < kTimes; ++i) {
    void* const handle = dlopen(storm->path, storm->mode);
    if (handle == NULL || dlclose(handle) != 0) __atomic_add_fetch(&storm->failed, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

PLAIN static void load_in_threads(const char* path, int mode) {
  struct storm storm = {path, mode, 0};
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, load_and_close, &storm);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("%d failed\n", storm.failed);
}

PLAIN int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  for (int i = 1; i < argc; ++i) {
    const char* const word = argv[i];
    const char* const rest = strchr(word, ':') == NULL ? "" : strchr(word, ':') + 1;
    const char* const path = strchr(rest, ':') == NULL ? NULL : strchr(rest, ':') + 1;
    if (strncmp(word, "load:", 5) == 0) load(path, mode_of(rest));
    if (strncmp(word, "self:", 5) == 0) load(NULL, mode_of(rest));
    if (strncmp(word, "call:", 5) == 0) call(rest);
    if (strncmp(word, "storm:", 6) == 0) load_in_threads(path, mode_of(rest));
    if (strcmp(word, "close") == 0) printf("close %d\n", dlclose(handles[--loaded]));
    if (strcmp(word, "error") == 0) {
      const char* const text = dlerror();
      printf("error: %s\n", text == NULL ? "none" : text);
    }
  }
  return 0;
}
