// The message that a thread has got last, and the call that handles it.
//
// A client library hands a message out and has no part in what is done with it. What can be said: the next
// traced call that opens on the thread, before it asks for another message, handles it, and is linked to
// whoever sent it. It is not a child of theirs: they may have been done long ago (OpenTelemetry, messaging
// conventions, "links").
//
// All of it in a SlowSection or with signals blocked.
#pragma once

#include <memory>

#include "shim/journal/span_draft.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// `links` holds the links to the senders, and nothing else. In place of those of the message before.
void keep_received(ThreadState& thread, std::unique_ptr<journal::SpanDraft> links);

// The thread asks for another message, or ends.
void forget_received(ThreadState& thread);

// Adds the links to what has just been opened, once.
void give_received(ThreadState& thread, Frame& call);
void give_received(ThreadState& thread, journal::SpanDraft& span);

// Has the next call of the thread come by the slow path, where it is given the links. What makes room on the
// stack takes that back; whoever opens something that is no span there says it again.
void wait_for_handler(ThreadState& thread);

}  // namespace llmo::span
