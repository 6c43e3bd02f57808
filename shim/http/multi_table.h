// The multi handles that are followed: which handles are in each, and the messages that libcurl has given
// away but the application has not asked for yet.
#pragma once

#include <cstddef>

#include "shim/http/curl_api.h"
#include "shim/http/handle_table.h"
#include "shim/platform/address_table.h"

namespace llmo::http {

// Messages of libcurl, first in, first out. They are libcurl's own, each in the memory of its easy handle.
class MessageQueue {
 public:
  MessageQueue() = default;
  ~MessageQueue();
  MessageQueue(const MessageQueue&) = delete;
  MessageQueue& operator=(const MessageQueue&) = delete;

  // Makes room for one push(); false where there is no memory. To be called before libcurl is asked for a
  // message: what it has given away it does not take back.
  bool reserve();
  void push(CURLMsg* message);
  // nullptr where there is none.
  CURLMsg* pop();
  // Forgets the message of that handle, as libcurl does when the handle is removed.
  void erase(const CURL* curl);

  std::size_t size() const { return size_; }

 private:
  struct Node {
    CURLMsg* message;
    Node* next;
  };

  // Takes a node out of the queue and keeps it for the next push(), where none is kept yet.
  CURLMsg* release(Node** link);

  Node* first_ = nullptr;
  Node** end_ = &first_;
  Node* spare_ = nullptr;
  std::size_t size_ = 0;
};

// One multi handle. Used by one thread at a time, as libcurl demands.
struct Multi {
  Multi(CURLM* curl_multi, const CurlApi* its_api) : multi(curl_multi), api(its_api) {}
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  const void* address() const { return multi; }
  bool has_handles() const { return !added.alone() || !driven.alone(); }

  CURLM* const multi;
  const CurlApi* const api;
  // The one that libcurl keeps inside an easy handle for curl_easy_perform(): everything on it passes
  // through.
  bool is_private = false;
  RingLink added;   // handles that wait for the first drive, in the order in which they were added
  RingLink driven;  // all others, whether their transfers are over or not
  MessageQueue messages;
  Multi* next_in_bucket = nullptr;
};

using MultiTable = platform::AddressTable<platform::Part::kHttp, Multi, 10>;

}  // namespace llmo::http
