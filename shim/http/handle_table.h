// The easy handles that were seen from birth: what was set on each, and the transfer that is under way on it.
//
// A handle that is not here was made out of our sight. Then its options are unknown and none of them is
// touched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"
#include "shim/http/transfer.h"
#include "shim/platform/lock.h"

namespace llmo::http {

// One easy handle. Used by one thread at a time, as libcurl demands of the handle itself.
struct Handle {
  CURL* curl = nullptr;
  CurlApi api;  // the libcurl that made it: the only one that may ever see it
  HandleOptions options;
  std::unique_ptr<Transfer> transfer;         // under way, or left behind by longjmp()
  std::uintptr_t transfer_stack_address = 0;  // of the call that began it
  Handle* next = nullptr;                     // in its bucket; guarded by the table's lock
};

// Constant-initialised, for static storage. Threads: any. The lock is held for walking a bucket, nothing
// else.
class HandleTable {
 public:
  constexpr HandleTable() = default;

  // nullptr where the handle is not known. Good until the handle is taken out.
  Handle* find(CURL* curl);
  // In place of one of the same address, whose end went unseen.
  void insert(std::unique_ptr<Handle> handle);
  // Takes the handle out; nullptr where it is not known.
  std::unique_ptr<Handle> take(CURL* curl);

  // In a forked child: handles are kept, as the child may go on with them.
  void reset_after_fork() { lock_.reset(); }

 private:
  static constexpr std::size_t kBuckets = 1024;
  Handle** bucket(CURL* curl);

  platform::Lock lock_;
  std::array<Handle*, kBuckets> buckets_{};
};

}  // namespace llmo::http
