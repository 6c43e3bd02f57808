// Which libcurl is behind a caller, found once per module.
#include "shim/http/curl_api.h"

#include <cstdint>

#include "shim/platform/lock.h"
#include "shim/platform/real_function.h"

namespace llmo::http {
namespace {

// Few modules of a process call libcurl: the program, a wrapper library, an extension module or two.
constexpr std::size_t kEntries = 8;

struct Entry {
  const void* caller_module = nullptr;
  std::uint64_t modules_unloaded = 0;
  CurlApi api;
};

struct Cache {
  platform::Lock lock;  // held for a copy only, never while the loader or libcurl runs
  std::size_t next = 0;
  bool used[kEntries] = {};
  Entry entries[kEntries];
};

constinit Cache g_cache;

bool find_cached(const void* module, std::uint64_t unloaded, CurlApi* api) {
  const platform::LockGuard guard(g_cache.lock);
  for (std::size_t i = 0; i < kEntries; ++i) {
    const Entry& entry = g_cache.entries[i];
    if (!g_cache.used[i] || entry.caller_module != module || entry.modules_unloaded != unloaded) continue;
    *api = entry.api;
    return true;
  }
  return false;
}

void keep(const void* module, std::uint64_t unloaded, const CurlApi& api) {
  const platform::LockGuard guard(g_cache.lock);
  const std::size_t slot = g_cache.next++ % kEntries;
  g_cache.used[slot] = true;
  g_cache.entries[slot] = {module, unloaded, api};
}

template <typename Function>
bool take(const platform::Module& library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(library.function(name));
  return *function != nullptr;
}

bool fill(const platform::Module& library, CurlApi* api) {
  take(library, "curl_easy_header", &api->easy_header);
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
         take(library, "curl_easy_strerror", &api->easy_strerror);
}

}  // namespace

bool find_curl(const void* caller, CurlApi* api) {
  const void* const module = platform::module_of(caller);
  const std::uint64_t unloaded = platform::modules_unloaded();
  if (find_cached(module, unloaded, api)) return true;

  // One function says which library it is; the others come from that very library, never from its neighbour.
  const void* const probe = platform::function_behind(caller, "curl_easy_init", "libcurl");
  if (probe == nullptr || !fill(platform::Module(probe), api)) return false;
  keep(module, unloaded, *api);
  return true;
}

void reset_curl_cache_after_fork() {
  g_cache.lock.reset();
  for (bool& used : g_cache.used) used = false;
}

}  // namespace llmo::http
