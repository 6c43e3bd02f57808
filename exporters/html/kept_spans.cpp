#include "exporters/html/kept_spans.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "exporters/html/thin_block.h"

namespace llmo::html {
namespace {

// The spans of one trace, as a range of places.
struct Group {
  std::uint64_t start = UINT64_MAX;  // of the earliest span
  std::size_t first = 0;
  std::size_t end = 0;
};

// Places of the spans, by trace and then by start.
std::vector<std::size_t> places_by_trace(const std::vector<KeptSpan>& spans) {
  std::vector<std::size_t> places(spans.size());
  for (std::size_t place = 0; place < places.size(); ++place) places[place] = place;
  std::sort(places.begin(), places.end(), [&spans](std::size_t left, std::size_t right) {
    const console::SpanSummary& a = spans[left].summary;
    const console::SpanSummary& b = spans[right].summary;
    return std::tie(a.trace_id, a.start_unix_nanos, left) < std::tie(b.trace_id, b.start_unix_nanos, right);
  });
  return places;
}

// Newest first.
std::vector<Group> groups_of(const std::vector<KeptSpan>& spans, const std::vector<std::size_t>& places) {
  std::vector<Group> groups;
  for (std::size_t first = 0; first < places.size();) {
    const console::SpanSummary& top = spans[places[first]].summary;
    std::size_t end = first + 1;
    while (end < places.size() && spans[places[end]].summary.trace_id == top.trace_id) ++end;
    groups.push_back({top.start_unix_nanos, first, end});
    first = end;
  }
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return std::tie(b.start, a.first) < std::tie(a.start, b.first);
  });
  return groups;
}

}  // namespace

// Ids come from outside and may be chosen to collide, hence the mixing.
std::size_t KeptSpans::HashTrace::operator()(const TraceId& id) const {
  std::uint64_t value = id.high * 0x9e3779b97f4a7c15ULL ^ id.low;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  return value ^ value >> 32;
}

KeptSpans::KeptSpans(std::size_t max_spans) : max_spans_(std::max<std::size_t>(max_spans, 1)) {}

void KeptSpans::add(const Span& span) {
  if (left_out_traces_.contains(span.trace_id)) {
    ++left_out_spans_;
    return;
  }
  spans_.push_back({console::summarise(span), facts_of(span), add_details(span)});
  spans_.back().summary.group = groups_.group_of(span);
  if (spans_.size() > max_spans_ + max_spans_ / 4 + 1) keep_newest();
}

DetailPlace KeptSpans::add_details(const Span& span) {
  if (detail_bytes_ > kMaxDetailBytes) {
    ++without_details_;
    return {};
  }
  const DetailPlace place{static_cast<std::uint32_t>(blocks_.size()), block_->rows()};
  block_->add(span);
  if (block_->rows() >= kRowsOfBlock || block_->bytes() >= kBytesOfBlock) close_block();
  return place;
}

void KeptSpans::close_block() {
  blocks_.push_back(block_->json());
  detail_bytes_ += blocks_.back().size();
  block_ = std::make_unique<DetailBlock>();
}

// Whole traces, as long as they fit. Of one that is alone too large, the earliest spans: what is nearest to
// its root.
void KeptSpans::keep_newest() {
  const std::vector<std::size_t> places = places_by_trace(spans_);
  std::vector<bool> keep(spans_.size());
  std::size_t kept = 0;
  bool full = false;
  for (const Group& group : groups_of(spans_, places)) {
    const std::size_t size = group.end - group.first;
    full = full || (kept != 0 && kept + size > max_spans_);
    const std::size_t taken = full ? 0 : std::min(size, max_spans_ - kept);
    for (std::size_t at = group.first; at < group.first + taken; ++at) keep[places[at]] = true;
    kept += taken;
    const TraceId& trace = spans_[places[group.first]].summary.trace_id;
    if (taken == 0) left_out_traces_.insert(trace);
  }
  left_out_spans_ += spans_.size() - kept;
  std::size_t place = 0;
  std::erase_if(spans_, [&](const KeptSpan&) { return !keep[place++]; });
  drop_unused_blocks();
}

void KeptSpans::drop_unused_blocks() {
  std::vector<bool> used(blocks_.size() + 1);
  for (const KeptSpan& span : spans_) {
    if (span.details.block != DetailPlace::kNone) used[span.details.block] = true;
  }
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    if (used[block]) continue;
    detail_bytes_ -= blocks_[block].size();
    std::string().swap(blocks_[block]);
  }
}

void KeptSpans::finish() {
  if (spans_.size() > max_spans_) keep_newest();
  if (block_->rows() != 0) close_block();
  drop_unused_blocks();
  thin_blocks();
}

// Spans of old and of new traces may have come mixed: what is left of a block can be little.
void KeptSpans::thin_blocks() {
  std::vector<std::vector<std::uint32_t>> rows(blocks_.size());
  for (const KeptSpan& span : spans_) {
    if (span.details.block != DetailPlace::kNone) rows[span.details.block].push_back(span.details.row);
  }
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    if (!blocks_[block].empty() && rows[block].size() < kRowsOfBlock / 2) {
      blocks_[block] = with_rows_only(blocks_[block], rows[block]);
    }
  }
}

}  // namespace llmo::html
