#include "shim/platform/own_library.h"

#include <dlfcn.h>
#include <link.h>

namespace llmo::platform {

// Not by dladdr(): it takes the loader's lock, which another thread may hold while it waits for us.
std::string_view own_library_path() {
  dl_find_object object{};
  void* const here = reinterpret_cast<void*>(&own_library_path);
  if (_dl_find_object(here, &object) != 0 || object.dlfo_link_map == nullptr) return {};
  return object.dlfo_link_map->l_name;
}

}  // namespace llmo::platform
