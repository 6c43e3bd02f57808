#include "shim/http/handle_table.h"

#include <utility>

namespace llmo::http {

// Handles are heap blocks of a few kilobytes, so the low bits of their addresses say little.
Handle** HandleTable::bucket(CURL* curl) {
  const auto address = reinterpret_cast<std::uintptr_t>(curl);
  const std::uint64_t mixed = (address >> 4) * 0x9e3779b97f4a7c15;  // Fibonacci hashing
  return &buckets_[mixed >> 54];
}

Handle* HandleTable::find(CURL* curl) {
  const platform::LockGuard guard(lock_);
  Handle* handle = *bucket(curl);
  while (handle != nullptr && handle->curl != curl) handle = handle->next;
  return handle;
}

void HandleTable::insert(std::unique_ptr<Handle> handle) {
  const std::unique_ptr<Handle> stale = take(handle->curl);
  // Its address belongs to the new handle now: nothing may be put back there.
  if (stale != nullptr && stale->transfer != nullptr) stale->transfer->forget_exchanged();
  const platform::LockGuard guard(lock_);
  Handle** const head = bucket(handle->curl);
  handle->next = *head;
  *head = handle.release();
}

std::unique_ptr<Handle> HandleTable::take(CURL* curl) {
  const platform::LockGuard guard(lock_);
  Handle** link = bucket(curl);
  while (*link != nullptr && (*link)->curl != curl) link = &(*link)->next;
  std::unique_ptr<Handle> taken(*link);
  if (taken != nullptr) *link = std::exchange(taken->next, nullptr);
  return taken;
}

}  // namespace llmo::http
