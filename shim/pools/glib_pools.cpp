#include "shim/pools/glib_pools.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

#include "shim/platform/export.h"
#include "shim/pools/carried_place.h"
#include "shim/pools/work_table.h"
#include "shim/span/entered_context.h"

namespace llmo::pools {
namespace {

// How many functions of a program may have pools. One is never given back: an item of a pool that was freed
// may still come.
constexpr std::size_t kMaxFunctions = 64;

// The program's functions; the one of ours that goes on to each has the same number.
constinit std::array<std::atomic<GlibPoolFunction>, kMaxFunctions> g_functions{};

// What waits, `key.doer` being the number of the function that will work on it.
struct Item {
  WorkKey key;
  Item* next = nullptr;
  std::uint32_t count = 0;     // how often it was pushed and not worked on yet
  const void* pool = nullptr;  // that it was pushed to last
  CarriedPlace place;          // nowhere, where it has several
};

constinit WorkTable<platform::Part::kGlib, Item, 8> g_items;

CarriedPlace take_place(const WorkKey& key) {
  CarriedPlace place;
  g_items.visit(key, [&](Item& item) {
    place = item.place;
    return --item.count == 0;
  });
  return place;
}

template <std::size_t kNumber>
void work_on_item(void* item, void* user_data) {
  const CarriedPlace place = take_place({item, kNumber});
  // Relaxed: it was set before the pool was made.
  const GlibPoolFunction function = g_functions[kNumber].load(std::memory_order_relaxed);
  const span::EnteredContext entered(place.get(), LLMO_STACK_ADDRESS());
  function(item, user_data);
}

template <std::size_t... kNumbers>
constexpr auto make_carrying(std::index_sequence<kNumbers...> /*numbers*/) {
  return std::array<GlibPoolFunction, sizeof...(kNumbers)>{work_on_item<kNumbers>...};
}

constexpr auto kCarrying = make_carrying(std::make_index_sequence<kMaxFunctions>());

// The number of one of our functions; kMaxFunctions for another one.
std::size_t number_of_carrying(GlibPoolFunction function) {
  std::size_t number = 0;
  while (number < kMaxFunctions && kCarrying[number] != function) ++number;
  return number;
}

// The number of a function of the program's, which has it from now on.
std::size_t claim_number(GlibPoolFunction function) {
  for (std::size_t number = 0; number < kMaxFunctions; ++number) {
    GlibPoolFunction holder = nullptr;
    // Relaxed: the function is all there is to know.
    const bool is_new = g_functions[number].compare_exchange_strong(
        holder, function, std::memory_order_relaxed, std::memory_order_relaxed);
    if (is_new || holder == function) return number;
  }
  return kMaxFunctions;
}

// The first member of a GThreadPool (glib/gthreadpool.h).
GlibPoolFunction function_of(const void* pool) { return *static_cast<const GlibPoolFunction*>(pool); }

}  // namespace

GlibPoolFunction carrying_pool_function(GlibPoolFunction function) {
  if (function == nullptr || number_of_carrying(function) != kMaxFunctions) return function;
  const std::size_t number = claim_number(function);
  return number == kMaxFunctions ? function : kCarrying[number];
}

// An item that could not be put into the table is a root. GLib says that it failed where it has no thread for
// an item, but keeps the item.
int push_glib_item(GlibPush* push, void* pool, void* item, void** error, span::Address stack_address) {
  const std::size_t number = pool == nullptr ? kMaxFunctions : number_of_carrying(function_of(pool));
  if (number == kMaxFunctions) return push(pool, item, error);
  const CarriedPlace place = CarriedPlace::here(stack_address);
  g_items.put({item, number}, [&](Item& entry, bool is_new) {
    if (is_new) entry.count = 0;
    const bool is_alone = entry.count++ == 0;
    entry.place = is_alone || entry.place == place ? place : CarriedPlace();
    entry.pool = pool;
  });
  return push(pool, item, error);
}

void forget_glib_items(const void* pool) {
  g_items.remove_where([&](const Item& item) { return item.pool == pool; });
}

void reset_glib_pools_after_fork() { g_items.reset_after_fork(); }

}  // namespace llmo::pools
