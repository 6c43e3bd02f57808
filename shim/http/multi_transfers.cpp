#include "shim/http/multi_transfers.h"

#include "shim/http/followed.h"
#include "shim/platform/errno_saver.h"

namespace llmo::http {
namespace {

Handle& first_of(const RingLink& ring) { return *static_cast<Handle*>(ring.next); }

void take_result(Multi& multi, const CURLMsg& message) {
  Handle* const handle = handles().find(message.easy_handle);
  if (message.msg != CURLMSG_DONE || handle == nullptr || handle->multi != &multi) return;
  handle->link_last(multi.driven);
  if (handle->transfer == nullptr) return;
  handle->transfer->end(message.data.result);
  handle->transfer.reset();
}

}  // namespace

void enter_multi(Multi& multi, Handle& handle, const TransferPlace& place) {
  handle.multi = &multi;
  handle.message_taken = false;
  handle.place = place;
  handle.link_last(multi.added);
}

void begin_transfers(Multi& multi) {
  while (!multi.added.alone()) {
    Handle& handle = first_of(multi.added);
    handle.link_last(multi.driven);
    handle.transfer = Transfer::begin(*handle.api, handle.curl, handle.known_options(), handle.place);
  }
}

void collect_messages(Multi& multi) {
  const platform::ErrnoSaver keep_errno;
  int left = 0;
  while (multi.messages.reserve()) {
    CURLMsg* const message = multi.api->multi_info_read(multi.multi, &left);
    if (message == nullptr) return;
    multi.messages.push(message);
    take_result(multi, *message);
  }
}

CURLMsg* take_message(Multi& multi) {
  CURLMsg* const message = multi.messages.pop();
  Handle* const handle = handles().find(message->easy_handle);
  if (handle != nullptr && handle->multi == &multi) handle->message_taken = true;
  return message;
}

void leave_multi(Handle& handle) {
  const platform::ErrnoSaver keep_errno;
  // As a rule the message was taken, and the queue, which may be long, holds only those of others.
  if (!handle.message_taken) handle.multi->messages.erase(handle.curl);
  handle.multi = nullptr;
  handle.unlink();
  if (handle.transfer != nullptr) handle.transfer->cancel();
  handle.transfer.reset();
}

void leave_all(Multi& multi) {
  for (RingLink* const ring : {&multi.added, &multi.driven}) {
    while (!ring->alone()) {
      Handle& handle = first_of(*ring);
      leave_multi(handle);
      forget_foreign(handle);
    }
  }
}

void forget_foreign(Handle& handle) {
  if (handle.is_foreign) handles().take(handle.curl).reset();
}

void unwind_transfers(Multi& multi) {
  const platform::ErrnoSaver keep_errno;
  if (!is_in_callback(multi)) return;
  for (RingLink* link = multi.driven.next; link != &multi.driven; link = link->next) {
    static_cast<Handle*>(link)->transfer.reset();
  }
}

// The one call that libcurl refuses in a callback and that does nothing otherwise. (Versions before 7.59
// refuse none: there the answer is always no, which is what their curl_multi_info_read() goes by, too.)
bool is_in_callback(const Multi& multi) {
  const platform::ErrnoSaver keep_errno;
  long unused = 0;
  return multi.api->multi_timeout(multi.multi, &unused) == CURLM_RECURSIVE_API_CALL;
}

}  // namespace llmo::http
