#include "shim/messaging/received_messages.h"

#include <new>
#include <optional>
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

constexpr std::size_t kMaxTracestate = 512;  // what W3C Trace Context 3.3.1.5 asks everyone to carry on

bool begin(span::ThreadState& thread) {
  if (!span::recording() || thread.busy || thread.vfork_depth != 0) return false;
  if (thread.received != nullptr) {
    const platform::ErrnoSaver keep;
    const span::SlowSection section(thread);
    span::forget_received(thread);
  }
  return !span::is_paused();
}

}  // namespace

ReceivedMessages::ReceivedMessages(span::Address stack_address)
    : stack_address_(stack_address), is_recording_(begin(span::thread_state)) {
  if (is_recording_) start_ticks_ = platform::now_ticks();
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
  const bool fits = carried.tracestate.size() <= kMaxTracestate;
  links_->add_link("message", link_to(*sender), fits ? carried.tracestate : std::string_view(), link_facts);
}

void ReceivedMessages::publish(const journal::SpanDraft& facts) {
  if (count_ == 0) return;
  const platform::ErrnoSaver keep;
  span::DetachedSpan span = span::DetachedSpan::open(span::current_context(stack_address_),
                                                     journal::SpanKind::kConsumer, facts, start_ticks_);
  if (span.is_open() && links_ != nullptr) span.draft().add_encoded(links_->attributes());
  span.close(journal::EndKind::kReturned);
  span::ThreadState& thread = span::thread_state;
  const span::SlowSection section(thread);
  span::keep_received(thread, std::move(links_));
}

}  // namespace llmo::messaging
