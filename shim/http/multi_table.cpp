#include "shim/http/multi_table.h"

#include <new>
#include <utility>

namespace llmo::http {

MessageQueue::~MessageQueue() {
  while (first_ != nullptr) release(&first_);
  delete spare_;
}

bool MessageQueue::reserve() {
  if (spare_ == nullptr) spare_ = new (std::nothrow) Node{};
  return spare_ != nullptr;
}

void MessageQueue::push(CURLMsg* message) {
  Node* const node = std::exchange(spare_, nullptr);
  *node = {message, nullptr};
  *end_ = node;
  end_ = &node->next;
  ++size_;
}

CURLMsg* MessageQueue::pop() { return first_ == nullptr ? nullptr : release(&first_); }

void MessageQueue::erase(const CURL* curl) {
  for (Node** link = &first_; *link != nullptr; link = &(*link)->next) {
    if ((*link)->message->easy_handle != curl) continue;
    release(link);
    return;  // a handle has one message at most
  }
}

CURLMsg* MessageQueue::release(Node** link) {
  Node* const node = *link;
  *link = node->next;
  if (end_ == &node->next) end_ = link;
  --size_;
  CURLMsg* const message = node->message;
  if (spare_ == nullptr) {
    spare_ = node;
  } else {
    delete node;
  }
  return message;
}

Multi::~Multi() {
  for (RingLink* const ring : {&added, &driven}) {
    while (!ring->alone()) {
      auto* const handle = static_cast<Handle*>(ring->next);
      handle->unlink();
      handle->multi = nullptr;
    }
  }
}

}  // namespace llmo::http
