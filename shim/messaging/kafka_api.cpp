#include "shim/messaging/kafka_api.h"

#include <atomic>
#include <new>

#include "shim/platform/exports.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/real_function.h"

namespace llmo::messaging::kafka {

namespace {

// A library that was met. Only ever added to: the latest first.
struct Known {
  const void* module;
  Api api;
  std::atomic<std::uint64_t> unloads;  // how many modules had gone when it was last looked at
  Known* next;
};

constinit std::atomic<Known*> known_libraries{nullptr};

template <typename Function>
void take(const platform::Exports& library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(const_cast<void*>(library.function(name)));
}

void fill(const platform::Exports& library, Api* api) {
  take(library, "rd_kafka_topic_name", &api->topic_name);
  take(library, "rd_kafka_err2name", &api->err2name);
  take(library, "rd_kafka_last_error", &api->last_error);
  take(library, "rd_kafka_produceva", &api->produceva);
  take(library, "rd_kafka_error_code", &api->error_code);
  take(library, "rd_kafka_error_is_fatal", &api->error_is_fatal);
  take(library, "rd_kafka_error_destroy", &api->error_destroy);
  take(library, "rd_kafka_headers_new", &api->headers_new);
  take(library, "rd_kafka_headers_copy", &api->headers_copy);
  take(library, "rd_kafka_header_add", &api->header_add);
  take(library, "rd_kafka_headers_destroy", &api->headers_destroy);
  take(library, "rd_kafka_header_get_last", &api->header_get_last);
  take(library, "rd_kafka_message_headers", &api->message_headers);
  take(library, "rd_kafka_conf", &api->conf);
  take(library, "rd_kafka_conf_get", &api->conf_get);
  take(library, "rd_kafka_event_type", &api->event_type);
}

struct Search {
  std::uintptr_t address;
  Api* api;
};

int fill_where_it_is(dl_phdr_info* info, std::size_t, void* context) {
  const auto& search = *static_cast<const Search*>(context);
  const platform::LoadedModule module(*info);
  if (!module.holds(search.address)) return 0;
  fill(platform::Exports(module), search.api);
  return 1;
}

template <typename Accept>
Known* find_known(Accept accept) {
  // Acquire: who sees an entry sees what is in it, and what is behind it.
  Known* known = known_libraries.load(std::memory_order_acquire);
  while (known != nullptr && !accept(*known)) known = known->next;
  return known;
}

// Two threads may add the same one: the second is never found.
Known* add_known(const void* module, const Api& api, std::uint64_t unloads) {
  auto* const added = new (std::nothrow) Known{module, api, unloads, nullptr};
  if (added == nullptr) return nullptr;
  added->next = known_libraries.load(std::memory_order_relaxed);
  while (!known_libraries.compare_exchange_weak(added->next, added, std::memory_order_release)) {
  }
  return added;
}

// Modules have gone since, or it is a new one: what is there now?
const Known* look_again(const void* module, const void* function, std::uint64_t unloads) {
  Api api;
  Search search{reinterpret_cast<std::uintptr_t>(function), &api};
  if (platform::walk_modules(fill_where_it_is, &search) == 0) return nullptr;
  Known* const same =
      find_known([&](const Known& known) { return known.module == module && known.api == api; });
  if (same == nullptr) return add_known(module, api, unloads);
  same->unloads.store(unloads, std::memory_order_relaxed);
  return same;
}

}  // namespace

bool Api::sends_headers() const {
  return produceva != nullptr && error_code != nullptr && error_is_fatal != nullptr &&
         error_destroy != nullptr && headers_new != nullptr && headers_copy != nullptr &&
         headers_destroy != nullptr && header_add != nullptr && header_get_last != nullptr;
}

const char* Api::name_of(ErrorCode error) const { return err2name == nullptr ? "_OTHER" : err2name(error); }

const char* Api::name_of(const Topic* topic) const {
  return topic == nullptr || topic_name == nullptr ? "" : topic_name(topic);
}

const Api* api_of(const void* function) {
  const void* const module = platform::module_of(function);
  const std::uint64_t unloads = platform::modules_unloaded();
  const Known* known = find_known([&](const Known& candidate) {
    return candidate.module == module && candidate.unloads.load(std::memory_order_relaxed) == unloads;
  });
  if (known == nullptr) known = look_again(module, function, unloads);
  return known == nullptr ? nullptr : &known->api;
}

bool comes_from_library(const CallSite& site, const void* function) {
  return platform::module_of(site.return_address) == platform::module_of(function);
}

}  // namespace llmo::messaging::kafka
