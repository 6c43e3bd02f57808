// The functions of GLib that libllmobserve.so stands in front of.
//
//   g_thread_pool_new, _new_full   the function of a pool goes by way of ours       pools/glib_pools.h
//   g_thread_pool_push             an item belongs to whoever pushes it
//   g_thread_pool_free             what is not worked on any more is forgotten
//
// gio's tasks (g_task_run_in_thread) are items of such a pool.
#include "shim/platform/caller_function.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/pools/glib_pools.h"
#include "shim/span/tracer.h"

namespace {

using llmo::platform::CallerFunction;
using llmo::platform::ErrnoSaver;
namespace pools = llmo::pools;

using Function = pools::GlibPoolFunction;
using FreeItem = void (*)(void* item);

constexpr const char* kLibrary = "libglib-2.0.so";
constinit CallerFunction<void*(Function, void*, int, int, void**)> real_new{"g_thread_pool_new", kLibrary};
constinit CallerFunction<void*(Function, void*, FreeItem, int, int, void**)> real_new_full{
    "g_thread_pool_new_full", kLibrary};
constinit CallerFunction<pools::GlibPush> real_push{"g_thread_pool_push", kLibrary};
constinit CallerFunction<void(void*, int, int)> real_free{"g_thread_pool_free", kLibrary};

Function carrying(Function function) {
  return llmo::span::recording() ? pools::carrying_pool_function(function) : function;
}

}  // namespace

extern "C" {

LLMO_EXPORT void* g_thread_pool_new(Function function, void* user_data, int max_threads, int exclusive,
                                    void** error) {
  auto* const make = real_new.get(__builtin_return_address(0));
  if (make == nullptr) return nullptr;
  return make(carrying(function), user_data, max_threads, exclusive, error);
}

LLMO_EXPORT void* g_thread_pool_new_full(Function function, void* user_data, FreeItem free_item,
                                         int max_threads, int exclusive, void** error) {
  auto* const make = real_new_full.get(__builtin_return_address(0));
  if (make == nullptr) return nullptr;
  return make(carrying(function), user_data, free_item, max_threads, exclusive, error);
}

LLMO_EXPORT int g_thread_pool_push(void* pool, void* item, void** error) {
  auto* const push = real_push.get(__builtin_return_address(0));
  if (push == nullptr) return 0;
  if (!llmo::span::recording()) return push(pool, item, error);
  return pools::push_glib_item(push, pool, item, error, LLMO_STACK_ADDRESS());
}

// Items may be left over where the pool does not wait for them (`immediate`).
LLMO_EXPORT void g_thread_pool_free(void* pool, int immediate, int wait) {
  auto* const free_pool = real_free.get(__builtin_return_address(0));
  if (free_pool == nullptr) return;
  free_pool(pool, immediate, wait);
  if (immediate == 0 || !llmo::span::recording()) return;
  const ErrnoSaver keep;
  pools::forget_glib_items(pool);
}

}  // extern "C"
