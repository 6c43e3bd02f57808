// The easy handles that are followed: what was set on each, and the transfer that is under way on it.
//
// Most were seen from birth. A handle that was made out of our sight (by a caller who took libcurl's
// functions by dlsym(), say) is here only while a transfer of it is followed, as a foreign one: its options
// are unknown, and none of them is touched.
#pragma once

#include <cstdint>
#include <memory>

#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"
#include "shim/http/transfer.h"
#include "shim/platform/address_table.h"

namespace llmo::http {

struct Multi;

// A place in a ring of handles: a handle's own, or the ring's head in a Multi. Leaves the ring when it goes.
struct RingLink {
  RingLink() = default;
  ~RingLink() { unlink(); }
  RingLink(const RingLink&) = delete;
  RingLink& operator=(const RingLink&) = delete;

  bool alone() const { return next == this; }
  void unlink() {
    previous->next = next;
    next->previous = previous;
    previous = next = this;
  }
  // The last one of the ring that begins behind `head`.
  void link_last(RingLink& head) {
    unlink();
    previous = head.previous;
    next = &head;
    previous->next = head.previous = this;
  }

  RingLink* previous = this;
  RingLink* next = this;
};

// One easy handle. Used by one thread at a time, as libcurl demands of the handle itself, and of the multi it
// is in.
struct Handle : RingLink {
  Handle(CURL* curl_handle, const CurlApi* its_api) : curl(curl_handle), api(its_api) {}

  const void* address() const { return curl; }
  // nullptr where they are not known.
  const HandleOptions* known_options() const { return is_foreign ? nullptr : &options; }
  // True inside curl_easy_perform(), for calls that libcurl or a callback of the application makes there:
  // they lie deeper in the stack. One that a callback has left by longjmp() counts as over.
  bool is_performing(std::uintptr_t stack_address) const { return stack_address < performed_at; }

  CURL* const curl;
  const CurlApi* const api;  // of the libcurl that made it: the only one that may ever see it
  bool is_foreign = false;
  HandleOptions options;
  std::unique_ptr<Transfer> transfer;  // under way, or left behind by longjmp()
  std::uintptr_t performed_at = 0;     // stack address of the curl_easy_perform() that is under way, or 0
  Multi* multi = nullptr;              // that it was added to
  bool message_taken = false;          // the application has asked for what libcurl had to say there
  TransferPlace place;                 // where its transfer belongs, since it was added
  Handle* next_in_bucket = nullptr;
};

using HandleTable = platform::AddressTable<platform::Part::kHttp, Handle, 12>;

}  // namespace llmo::http
