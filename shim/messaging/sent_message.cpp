#include "shim/messaging/sent_message.h"

#include "shim/messaging/link.h"
#include "shim/span/current.h"
#include "shim/span/tracer.h"

namespace llmo::messaging {

namespace {

span::DetachedSpan open(const journal::SpanDraft& facts, span::Address stack_address) {
  if (!span::recording()) return {};
  return span::DetachedSpan::open(span::current_context(stack_address), journal::SpanKind::kProducer, facts);
}

}  // namespace

SentMessage::SentMessage(const journal::SpanDraft& facts, const std::optional<span::SpanContext>& carried,
                         span::Address stack_address)
    : carries_context_(carried.has_value()), span_(open(facts, stack_address)) {
  if (!span_.is_open()) return;
  traceparent_ = span::format_traceparent(span_.context());
  if (!carried) return;
  const journal::SpanDraft none;
  span_.draft().add_link("message", link_to(*carried), {}, none);
  span_.show();
}

// The state came with the remote parent and belongs to its trace.
std::string_view SentMessage::tracestate() const {
  const bool is_ours = is_to_be_tagged() && span_.context().trace == span::remote_parent().trace;
  return is_ours ? std::string_view(span::tracestate()) : std::string_view();
}

void SentMessage::close(std::string_view error) {
  if (!span_.is_open()) return;
  if (!error.empty()) {
    span_.draft().add("error.type", error);
    span_.draft().set_status(journal::SpanStatus::kError);
  }
  span_.close(journal::EndKind::kReturned);
}

}  // namespace llmo::messaging
