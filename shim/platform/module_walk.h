// Walking the list of loaded modules.
//
// dl_iterate_phdr() has a lock of its own: unlike the loader's, which dlopen() holds while constructors run,
// it is held for moments only. But fork() does not free it in the child (glibc, posix/fork.c): forked while
// another thread walks, a child would wait for ever at its next walk or dlopen(). Hosts walk seldom, we do so
// with every new handle of libcurl; hence a fork waits for our walks to end.
#pragma once

#include <link.h>

#include <cstddef>

namespace llmo::platform {

// dl_iterate_phdr(). Walks may be nested. Threads: any.
int walk_modules(int (*visit)(dl_phdr_info*, std::size_t, void*), void* context);

// Runs `work` while no module can be unloaded. It must not call the loader (dlopen(3), dlsym(3)), which takes
// its locks in the other order.
template <typename Work>
void while_modules_stay(Work work) {
  walk_modules(
      [](dl_phdr_info*, std::size_t, void* context) {
        (*static_cast<Work*>(context))();
        return 1;
      },
      &work);
}

// For pthread_atfork(). A walk that does not end within a second is not waited for: then the child takes its
// chance.
void keep_walks_from_fork();
void let_walks_go_on_in_parent();
void let_walks_go_on_in_child();

}  // namespace llmo::platform
