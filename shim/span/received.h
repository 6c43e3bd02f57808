// The message that a thread or a fiber has got last, and the call that handles it.
//
// A client library hands a message out and has no part in what is done with it. What can be said: the next
// traced call that opens on the same stack, before another message is asked for there, handles it, and is
// linked to whoever sent it. It is not a child of theirs: they may have been done long ago (OpenTelemetry,
// messaging conventions, "links").
//
// All of it in a SlowSection or with signals blocked, but forget_received() and the giving to a draft.
#pragma once

#include <memory>

#include "shim/journal/span_draft.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

// `links` holds the links to the senders, and nothing else. In place of those of the message before.
void keep_received(ThreadState& thread, std::unique_ptr<journal::SpanDraft> links);

// Another message is asked for, or the stack ends. Signals: safe.
void forget_received(StackState& stack);

// Adds the links to what has just been opened, once.
void give_received(ThreadState& thread, Frame& call);
void give_received(ThreadState& thread, journal::SpanDraft& span);

// Has the next call of the thread come by the slow path, where it is given the links. What makes room on the
// stack takes that back; whoever opens something that is no span there says it again.
void wait_for_handler(ThreadState& thread);

}  // namespace llmo::span
