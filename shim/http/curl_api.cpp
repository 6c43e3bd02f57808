// Which libcurl is behind a caller, found once per module.
#include "shim/http/curl_api.h"

#include <cstdint>
#include <new>
#include <optional>

#include "shim/platform/module_walk.h"
#include "shim/platform/part_lock.h"
#include "shim/platform/real_function.h"

namespace llmo::http {
namespace {

// Few modules of a process call libcurl: the program, a wrapper library, an extension module or two.
constexpr std::size_t kEntries = 8;

struct Entry {
  const void* caller_module = nullptr;
  std::uint64_t modules_unloaded = 0;
  const CurlApi* api = nullptr;
};

// Never freed: handles point to it.
struct KnownCurl {
  CurlApi api;
  KnownCurl* next;
};

struct Cache {
  platform::PartLock<platform::Part::kHttp> lock;  // never held while the loader or libcurl runs
  KnownCurl* known = nullptr;
  std::size_t next = 0;
  bool used[kEntries] = {};
  Entry entries[kEntries];
};

constinit Cache g_cache;

const CurlApi* find_cached(const void* module, std::uint64_t unloaded) {
  const platform::LockGuard guard(g_cache.lock);
  for (std::size_t i = 0; i < kEntries; ++i) {
    const Entry& entry = g_cache.entries[i];
    if (g_cache.used[i] && entry.caller_module == module && entry.modules_unloaded == unloaded)
      return entry.api;
  }
  return nullptr;
}

// The one table for these functions: a libcurl that was unloaded may come back to the same addresses.
const CurlApi* intern(const CurlApi& api) {
  for (const KnownCurl* known = g_cache.known; known != nullptr; known = known->next) {
    if (known->api == api) return &known->api;
  }
  auto* const made = new (std::nothrow) KnownCurl{api, g_cache.known};
  if (made == nullptr) return nullptr;
  g_cache.known = made;
  return &made->api;
}

const CurlApi* keep(const void* module, std::uint64_t unloaded, const CurlApi& api) {
  const platform::LockGuard guard(g_cache.lock);
  const CurlApi* const interned = intern(api);
  if (interned == nullptr) return nullptr;
  const std::size_t slot = g_cache.next++ % kEntries;
  g_cache.used[slot] = true;
  g_cache.entries[slot] = {module, unloaded, interned};
  return interned;
}

template <typename Library, typename Function>
bool take(const Library& library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(const_cast<void*>(library.function(name)));
  return *function != nullptr;
}

template <typename Library>
bool fill_multi(const Library& library, CurlApi* api) {
  return take(library, "curl_multi_add_handle", &api->multi_add_handle) &&
         take(library, "curl_multi_remove_handle", &api->multi_remove_handle) &&
         take(library, "curl_multi_cleanup", &api->multi_cleanup) &&
         take(library, "curl_multi_info_read", &api->multi_info_read) &&
         take(library, "curl_multi_perform", &api->multi_perform) &&
         take(library, "curl_multi_socket_action", &api->multi_socket_action) &&
         take(library, "curl_multi_socket", &api->multi_socket) &&
         take(library, "curl_multi_socket_all", &api->multi_socket_all) &&
         take(library, "curl_multi_timeout", &api->multi_timeout);
}

template <typename Library>
bool fill(const Library& library, CurlApi* api) {
  take(library, "curl_easy_header", &api->easy_header);
  take(library, "curl_easy_nextheader", &api->easy_nextheader);
  if (!take(library, "curl_free", &api->free) || !take(library, "curl_url_get", &api->url_get)) {
    api->url_get = nullptr;  // what it returns could not be given back
  }
  return take(library, "curl_easy_init", &api->easy_init) &&
         take(library, "curl_easy_setopt", &api->easy_setopt) &&
         take(library, "curl_easy_getinfo", &api->easy_getinfo) &&
         take(library, "curl_easy_perform", &api->easy_perform) &&
         take(library, "curl_easy_duphandle", &api->easy_duphandle) &&
         take(library, "curl_easy_reset", &api->easy_reset) &&
         take(library, "curl_easy_cleanup", &api->easy_cleanup) &&
         take(library, "curl_easy_strerror", &api->easy_strerror) && fill_multi(library, api);
}

constexpr const char* kProbe = "curl_easy_init";

// Without a question to the loader, whose lock may be held by who waits for us.
bool find_alone(const void* caller, CurlApi* api) {
  bool found = false;
  platform::while_modules_stay([&] {
    const std::optional<platform::Exports> library = platform::only_definer(caller, kProbe);
    found = library.has_value() && fill(*library, api);
  });
  return found;
}

// One function says which library it is; the others come from that very library, never from its neighbour.
bool find_as_loader_does(const void* caller, CurlApi* api) {
  const void* const probe = platform::function_behind(caller, kProbe, "libcurl");
  return probe != nullptr && fill(platform::Module(probe), api);
}

}  // namespace

const CurlApi* find_curl(const void* caller) {
  const void* const module = platform::module_of(caller);
  const std::uint64_t unloaded = platform::modules_unloaded();
  if (const CurlApi* const cached = find_cached(module, unloaded)) return cached;

  CurlApi found;
  if (!find_alone(caller, &found) && !find_as_loader_does(caller, &found)) return nullptr;
  return keep(module, unloaded, found);
}

void reset_curl_cache_after_fork() {
  g_cache.lock.reset();
  for (bool& used : g_cache.used) {
    if (used) used = false;  // what is stored into is copied first
  }
}

}  // namespace llmo::http
