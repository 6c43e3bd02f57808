#include "exporters/convert/timeline_sink.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <queue>
#include <tuple>
#include <utility>
#include <variant>

#include "exporters/convert/span_key.h"
#include "exporters/input/span_input.h"

namespace llmo::convert {
namespace {

bool is_open(const Span& span) {
  const AttributeValue* const value = find_attribute(span.attributes, input::kOpenAttribute);
  const bool* const open = value == nullptr ? nullptr : std::get_if<bool>(value);
  return open != nullptr && *open;
}

// A body: the span's part, then its events, each with its time. Sizes go before.
void put_sized(std::string_view bytes, std::string& out) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out += bytes;
}

std::string_view take_sized(std::string_view& rest) {
  std::uint32_t size = 0;
  std::memcpy(&size, rest.data(), sizeof size);
  const std::string_view bytes = rest.substr(sizeof size, size);
  rest.remove_prefix(sizeof size + size);
  return bytes;
}

std::uint64_t take_time(std::string_view& rest) {
  std::uint64_t time = 0;
  std::memcpy(&time, rest.data(), sizeof time);
  rest.remove_prefix(sizeof time);
  return time;
}

}  // namespace

// Both ends of all arrows, each by the slice that it is at.
struct TimelineSink::Arrows {
  Arrows(const Layout& layout, const std::vector<Slice>& slices) {
    std::uint64_t id = 0;
    for (const Arrow& arrow : layout.arrows) {
      ++id;
      leaving.push_back({id, arrow.leaves_unix_nanos, arrow.from});
      arriving.push_back({id, slices[arrow.to].start_unix_nanos, arrow.to});
    }
    std::stable_sort(leaving.begin(), leaving.end(), comes_before);
    std::stable_sort(arriving.begin(), arriving.end(), comes_before);
  }

  static bool comes_before(const ArrowEnd& a, const ArrowEnd& b) { return a.slice < b.slice; }

  static std::span<const ArrowEnd> at(std::uint32_t slice, const std::vector<ArrowEnd>& ends) {
    const auto [from, to] = std::equal_range(ends.begin(), ends.end(), ArrowEnd{0, 0, slice}, comes_before);
    return {from, to};
  }

  std::vector<ArrowEnd> leaving;
  std::vector<ArrowEnd> arriving;
};

void TimelineSink::take(Span&& span) {
  if (slices_.size() >= kNone) return;
  std::string body;
  put_sized(format_->encode_span(span), body);
  for (const SpanEvent& event : span.events) {
    body.append(reinterpret_cast<const char*>(&event.unix_nanos), sizeof event.unix_nanos);
    put_sized(format_->encode_event(event), body);
  }
  const auto index = static_cast<std::uint32_t>(slices_.size());
  for (const SpanLink& link : span.links) links_.push_back({index, span_key(link.trace_id, link.span_id)});
  slices_.push_back({span_key(span.trace_id, span.span_id), span_key(span.trace_id, span.parent_span_id),
                     span.start_unix_nanos, span.end_unix_nanos, spool_.append(body), tracks_.thread_of(span),
                     static_cast<std::uint32_t>(body.size()), is_open(span)});
}

bool TimelineSink::finish() {
  if (!spool_.seal()) return false;
  const Layout layout = lay_out(slices_, links_);
  const std::uint64_t first = layout.order.empty() ? 0 : slices_[layout.order.front()].start_unix_nanos;
  format_->begin(tracks_, layout, first);
  write(layout);
  format_->end();
  return true;
}

// Slices end before others begin at the same time, and the inner one of two before the outer one.
void TimelineSink::write(const Layout& layout) {
  struct Ending {
    std::uint64_t unix_nanos;
    std::uint64_t begun;  // as so manieth
    std::uint32_t lane;
    bool operator<(const Ending& other) const {  // a queue gives the greatest first
      return std::tie(other.unix_nanos, begun) < std::tie(unix_nanos, other.begun);
    }
  };
  const Arrows arrows(layout, slices_);
  std::priority_queue<Ending> under_way;
  const auto end_until = [&](std::uint64_t unix_nanos) {
    for (; !under_way.empty() && under_way.top().unix_nanos <= unix_nanos; under_way.pop()) {
      format_->end_slice(under_way.top().lane, under_way.top().unix_nanos);
    }
  };
  std::uint64_t begun = 0;
  for (const std::uint32_t slice : layout.order) {
    end_until(slices_[slice].start_unix_nanos);
    write_slice(slice, layout.lanes[slice], arrows);
    under_way.push({slices_[slice].end_unix_nanos, ++begun, layout.lanes[slice]});
  }
  end_until(std::numeric_limits<std::uint64_t>::max());
}

void TimelineSink::write_slice(std::uint32_t slice, std::uint32_t lane, const Arrows& arrows) {
  const Slice& placed = slices_[slice];
  std::string_view rest = spool_.at(placed.body, placed.body_size);
  const std::string_view body = take_sized(rest);
  format_->begin_slice({lane, placed.start_unix_nanos, placed.end_unix_nanos, body,
                        Arrows::at(slice, arrows.leaving), Arrows::at(slice, arrows.arriving)});
  while (!rest.empty()) {
    const std::uint64_t time = take_time(rest);
    format_->event(lane, time, take_sized(rest));
  }
}

}  // namespace llmo::convert
