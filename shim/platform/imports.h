// What a loaded module asks of others, and in which version (LSB 10.7, symbol versions).
#pragma once

namespace llmo::platform {

struct Import {
  bool found = false;
  const char* version = nullptr;  // as dlvsym() takes it; nullptr: any. Lives in the module.
};

// How the module that holds `address` imports `name` or, where it does not, a function of the same family:
// one whose name is equal up to the first underscore (C++ has no families). Not found where it imports none.
// Threads: any.
Import find_import(const void* address, const char* name);

}  // namespace llmo::platform
