// Which loaded modules look at their own libraries before they look at the program's (RTLD_DEEPBIND).
//
// The loader does not tell; this is the memory of what was bound by module_binding.h.
#pragma once

#include <link.h>

namespace llmo::platform {

// Remembers the module with this dynamic section. A few hundred are kept; beyond that a module is taken for
// one that was loaded without the flag. Threads: any.
void note_deep_bound(const Elf64_Dyn* dynamic);

// Whether the module that holds `address` is one of them. Threads: any. Signals: safe.
bool is_deep_bound(const void* address);

}  // namespace llmo::platform
