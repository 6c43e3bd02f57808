// Messages that the program gets: one consumer span for a call that brings some, linked to whoever sent them,
// and the same links for the call that handles them (span/received.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "shim/journal/span_draft.h"
#include "shim/span/context.h"
#include "shim/span/thread_state.h"

namespace llmo::messaging {

// What a message brought along in its headers, as text; empty where it has none. Views of the message.
struct CarriedContext {
  std::string_view traceparent;
  std::string_view tracestate;
};

// Made before the program's call goes on to the library, which may wait; what it brings is added after that.
// Does nothing where nothing is recorded. One that goes without add() leaves no span.
class ReceivedMessages {
 public:
  // The thread asks for messages: it has done with the last ones. `since_ticks`: when it began to, if that is
  // not now.
  explicit ReceivedMessages(span::Address stack_address, std::uint64_t since_ticks = 0);
  ~ReceivedMessages();
  ReceivedMessages(const ReceivedMessages&) = delete;
  ReceivedMessages& operator=(const ReceivedMessages&) = delete;

  // False where nothing is recorded: then there is no need to look at the messages.
  bool is_recording() const { return is_recording_; }
  // When the program asked. Only where something is recorded.
  std::uint64_t start_ticks() const { return start_ticks_; }

  // One more message. `link_facts`: attributes that belong to this message alone, where the call may bring
  // several. A traceparent that cannot be read is as none.
  void add(const CarriedContext& carried, const journal::SpanDraft& link_facts);

  // Opens and closes the consumer span, from when the program asked until now, if add() was called.
  // `facts` has its name and attributes; the links come from add().
  void publish(const journal::SpanDraft& facts);

  std::size_t count() const { return count_; }

 private:
  const span::Address stack_address_;
  const bool is_recording_;
  std::uint64_t start_ticks_ = 0;
  std::size_t count_ = 0;
  std::unique_ptr<journal::SpanDraft> links_;
};

}  // namespace llmo::messaging
