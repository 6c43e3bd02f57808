#include "shim/messaging/received_messages.h"

#include <new>
#include <utility>

#include "shim/messaging/link.h"
#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/current.h"
#include "shim/span/detached_span.h"
#include "shim/span/received.h"
#include "shim/span/tracer.h"

namespace llmo::messaging {

namespace {

bool begin(span::ThreadState& thread) {
  if (!span::recording() || thread.busy || thread.vfork_depth != 0) return false;
  const platform::ErrnoSaver keep;
  span::forget_received(thread.stack);
  return !span::is_paused();
}

// With the journal comes the clock that its times are taken from: without, the span begins when it is opened.
// A program that asks and gets nothing has no need of a journal.
std::uint64_t ticks_if_known() { return span::journal_if_open() != nullptr ? platform::now_ticks() : 0; }

}  // namespace

ReceivedMessages::ReceivedMessages(span::Address stack_address, std::uint64_t since_ticks)
    : stack_address_(stack_address), is_recording_(begin(span::thread_state)) {
  if (is_recording_) start_ticks_ = since_ticks != 0 ? since_ticks : ticks_if_known();
}

ReceivedMessages::~ReceivedMessages() = default;

void ReceivedMessages::add(const CarriedContext& carried, const journal::SpanDraft& link_facts) {
  if (!is_recording_) return;
  const platform::ErrnoSaver keep;
  ++count_;
  const auto sender = span::parse_traceparent(carried.traceparent);
  if (!sender) return;
  if (links_ == nullptr) links_.reset(new (std::nothrow) journal::SpanDraft);
  if (links_ == nullptr) return;
  links_->add_link("message", link_to(*sender), kept_tracestate(carried.tracestate), link_facts);
}

void ReceivedMessages::publish(const journal::SpanDraft& facts) {
  if (count_ == 0) return;
  const platform::ErrnoSaver keep;
  span::DetachedSpan span = span::DetachedSpan::open(span::current_context(stack_address_),
                                                     journal::SpanKind::kConsumer, facts, start_ticks_);
  if (span.is_open() && links_ != nullptr) span.draft().add_encoded(links_->attributes());
  span::ThreadState& thread = span::thread_state;
  const span::SlowSection section(thread);  // around both, as each has one
  span.close(journal::EndKind::kReturned);
  span::keep_received(thread, std::move(links_));
}

}  // namespace llmo::messaging
