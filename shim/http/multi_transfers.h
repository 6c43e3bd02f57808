// The transfers of a multi handle.
//
//   added ── first drive ──► begun ── libcurl's message ──► ended     removed or cleaned up before: cancelled
//
// A transfer begins with the first drive, not when its handle is added: until then the application may set
// options. It ends when libcurl has its result, whether the application ever reads the message or not:
// libcurl is asked for its messages after each drive, and they wait for the application in a queue of ours.
//
// Nothing here throws or changes errno.
#pragma once

#include "shim/http/handle_table.h"
#include "shim/http/multi_table.h"

namespace llmo::http {

// libcurl has taken the handle in: its transfer will belong to `place`.
void enter_multi(Multi& multi, Handle& handle, const TransferPlace& place);

// Before libcurl drives: begins the transfers of all handles that wait for it.
void begin_transfers(Multi& multi);

// Takes all messages from libcurl and ends their transfers. Inside a callback libcurl has none for anybody.
void collect_messages(Multi& multi);

// The first message that is kept for the application; there must be one.
CURLMsg* take_message(Multi& multi);

// The handle is out of its multi, or about to be: a transfer that is under way ends as cancelled, with what
// is known by now, and its message is gone.
void leave_multi(Handle& handle);

// All handles are out: libcurl has cleaned the multi up. Foreign ones are forgotten.
void leave_all(Multi& multi);

// The handle is in no multi any more: a foreign one, which was followed for that time only, goes.
void forget_foreign(Handle& handle);

// A callback has left a drive by an exception or by ending the thread. From then on libcurl refuses
// everything on this multi: its transfers end as left behind.
void unwind_transfers(Multi& multi);

// True where libcurl refuses calls on the multi, as a callback of one of its transfers is running.
bool is_in_callback(const Multi& multi);

}  // namespace llmo::http
