#include "exporters/span/diagnostics.h"

#include <algorithm>
#include <utility>

#include "exporters/span/attributes.h"
#include "exporters/span/ids.h"
#include "exporters/span/utf8.h"

namespace llmo {
namespace {

constexpr std::uint32_t kSampledLocal = 0x101;  // OTLP Span.flags: sampled, parent known not to be remote

void set_count(AttributeList& attributes, const char* key, std::uint64_t count) {
  if (count == 0) return;
  const auto most = static_cast<std::uint64_t>(INT64_MAX);
  set_attribute(attributes, key, static_cast<std::int64_t>(std::min(count, most)));
}

AttributeList attributes_of(const Losses& losses) {
  AttributeList attributes;
  set_count(attributes, "llmobserve.lost.spans", losses.spans);
  set_count(attributes, "llmobserve.lost.frames", losses.frames);
  set_count(attributes, "llmobserve.lost.definitions", losses.definitions);
  set_count(attributes, "llmobserve.lost.attributes", losses.attributes);
  set_count(attributes, "llmobserve.damaged_records", losses.damaged_records);
  set_count(attributes, "llmobserve.keep.undecided", losses.undecided);
  std::uint64_t left_out = 0;
  for (const LeftOutCalls& calls : losses.left_out) left_out += calls.calls;
  set_count(attributes, "llmobserve.left_out.calls", left_out);
  return attributes;
}

SpanEvent event_of(const LeftOutCalls& calls, std::uint64_t unix_nanos) {
  SpanEvent event{unix_nanos, "llmobserve.left_out", {}};
  set_attribute(event.attributes, "code.function.name", valid_utf8(calls.function));
  set_attribute(event.attributes, "llmobserve.left_out.reason", calls.reason);
  set_count(event.attributes, "llmobserve.left_out.calls", calls.calls);
  set_attribute(event.attributes, "llmobserve.left_out.seconds", calls.seconds);
  return event;
}

}  // namespace

std::optional<Span> make_diagnostics(const ProcessFacts& process, std::shared_ptr<const Resource> resource,
                                     const Losses& losses, const std::vector<std::string>& notes,
                                     std::uint64_t end_unix_nanos) {
  Span span;
  span.attributes = attributes_of(losses);
  if (span.attributes.empty() && notes.empty()) return std::nullopt;
  const std::uint64_t seed = process_hash(process.pid, process.start, process.opened_unix_nanos);
  span.trace_id = {mix_bits(seed + 1) | 1, mix_bits(seed + 2)};
  span.span_id = mix_bits(seed + 3) | 1;
  span.name = kDiagnosticsName;
  span.start_unix_nanos = process.opened_unix_nanos;
  span.end_unix_nanos = std::max(end_unix_nanos, process.opened_unix_nanos);
  span.flags = kSampledLocal;
  span.resource = std::move(resource);
  for (const LeftOutCalls& calls : losses.left_out) {
    span.events.push_back(event_of(calls, span.end_unix_nanos));
  }
  for (const std::string& note : notes) {
    SpanEvent event{process.opened_unix_nanos, "llmobserve.note", {}};
    set_attribute(event.attributes, "message", valid_utf8(note));
    span.events.push_back(std::move(event));
  }
  return span;
}

}  // namespace llmo
