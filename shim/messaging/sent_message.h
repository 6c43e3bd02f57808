// A message that the program sends: its producer span, and what goes with the message so that whoever gets it
// can join the trace.
#pragma once

#include <optional>
#include <string_view>

#include "shim/journal/span_draft.h"
#include "shim/span/context.h"
#include "shim/span/detached_span.h"
#include "shim/span/thread_state.h"

namespace llmo::messaging {

// Opened before the message is handed over, closed by what came of it. Does nothing where nothing is
// recorded. Threads, signals: as DetachedSpan.
class SentMessage {
 public:
  // `facts` has the name and what is known of the message. `stack_address`: of the hook. A message that
  // carries a context already (`carried`) is only linked to it: the program says where it belongs.
  SentMessage(const journal::SpanDraft& facts, const std::optional<span::SpanContext>& carried,
              span::Address stack_address);

  // True where traceparent() is to be put into the message.
  bool is_to_be_tagged() const { return span_.is_open() && !carries_context_; }
  std::string_view traceparent() const { return {traceparent_.data(), traceparent_.size()}; }
  // Empty: there is none.
  std::string_view tracestate() const;

  // How it went: `error` is a short name for why not, empty where all went well.
  void close(std::string_view error);

 private:
  bool carries_context_;
  span::DetachedSpan span_;
  span::Traceparent traceparent_{};
};

}  // namespace llmo::messaging
