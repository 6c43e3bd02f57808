#include "exporters/session/keep_filter.h"

#include <algorithm>

#include "exporters/session/waiting_log.h"
#include "exporters/span/diagnostics.h"

namespace llmo::session {
namespace {

constexpr std::uint32_t kRemoteParent = 0x200;  // OTLP, Span.flags
bool has_remote_parent(const Span& span) { return (span.flags & kRemoteParent) != 0; }

// Trees as sets of span ids (union-find, with paths cut in half on the way). Ids of damaged journals may form
// circles: here they do no harm.
class Trees {
 public:
  bool knows(std::uint64_t id) const { return roots_.count(id) != 0; }
  void add(std::uint64_t id) { roots_.try_emplace(id, id); }
  void join(std::uint64_t a, std::uint64_t b) { roots_[root(a)] = root(b); }
  std::uint64_t root(std::uint64_t id) {
    add(id);
    for (std::uint64_t next = roots_[id]; next != id; next = roots_[id]) {
      roots_[id] = roots_[next];
      id = roots_[id];
    }
    return id;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> roots_;
};

}  // namespace

void KeepFilter::take(std::vector<Span>& spans) {
  std::vector<Span> out;
  out.reserve(spans.size());
  for (Span& span : spans) {
    ++taken_;
    adopt(span);
    if (goes_out(span)) {
      const std::uint64_t parent = span.parent_span_id;
      out.push_back(std::move(span));
      want(parent, out);
    } else {
      hold(std::move(span), out);
    }
  }
  while (waiting_.size() > limits_.waiting) keep_oldest(out);
  if (order_.size() > 2 * (waiting_.size() + limits_.waiting)) forget_gone();
  spans = std::move(out);
}

// A circle of dropped spans, which only damage can make, ends as a root.
void KeepFilter::adopt(Span& span) const {
  constexpr int kMaxSteps = 10'000;
  for (int step = 0; span.parent_span_id != 0; ++step) {
    const Ancestor* const next = dropped(span.parent_span_id);
    if (next == nullptr) return;
    span.parent_span_id = step < kMaxSteps ? next->id : 0;
    span.flags = next->remote ? span.flags | kRemoteParent : span.flags & ~kRemoteParent;
  }
}

bool KeepFilter::goes_out(const Span& span) {
  if (span.kind != SpanKind::kInternal || span.name == kDiagnosticsName) return true;
  const std::size_t wanted = wanted_.young.erase(span.span_id) + wanted_.old.erase(span.span_id);
  if (wanted != 0) log_ += gone_line(span.span_id);
  return wanted != 0;
}

void KeepFilter::hold(Span&& span, std::vector<Span>& out) {
  const std::uint64_t id = span.span_id;
  if (waiting_.count(id) != 0) {  // ids are not twice but by damage
    out.push_back(std::move(span));
    return;
  }
  waiting_.emplace(id, Waiting{std::move(span), taken_, false});
  order_.push_back(id);
  fresh_.push_back(id);
}

// Up to the first ancestor that has not come yet.
void KeepFilter::want(std::uint64_t id, std::vector<Span>& out) {
  while (id != 0) {
    const auto place = waiting_.find(id);
    if (place == waiting_.end()) return remember_wanted(id);
    out.push_back(remove(place));
    id = out.back().parent_span_id;
  }
}

void KeepFilter::keep_oldest(std::vector<Span>& out) {
  const std::uint64_t id = order_.front();
  order_.pop_front();
  const auto place = waiting_.find(id);
  if (place == waiting_.end()) return;
  ++undecided_;
  const std::uint64_t parent = place->second.span.parent_span_id;
  out.push_back(remove(place));
  want(parent, out);
}

Span KeepFilter::remove(std::unordered_map<std::uint64_t, Waiting>::iterator place) {
  if (place->second.logged) log_ += gone_line(place->first);
  Span span = std::move(place->second.span);
  waiting_.erase(place);
  return span;
}

void KeepFilter::drop(std::unordered_map<std::uint64_t, Waiting>::iterator place) {
  const Span& span = place->second.span;
  remember_dropped(span.span_id, {span.parent_span_id, has_remote_parent(span)});
  waiting_.erase(place);
}

void KeepFilter::decide(const std::vector<OpenSpan>& open, std::uint64_t taken) {
  Trees trees;
  for (const auto& [id, waiting] : waiting_) trees.add(id);
  for (const OpenSpan& span : open) {
    if (span.id != 0) trees.add(span.id);
  }
  // A parent in another service, or in a program that is not traced, would make one tree of all that it asked
  // for.
  const auto join = [&trees](std::uint64_t id, std::uint64_t parent, bool remote) {
    if (parent != 0 && (!remote || trees.knows(parent))) trees.join(id, parent);
  };
  for (const auto& [id, waiting] : waiting_) {
    join(id, waiting.span.parent_span_id, has_remote_parent(waiting.span));
  }
  std::unordered_set<std::uint64_t> growing;
  for (const OpenSpan& span : open) {
    if (span.id != 0) join(span.id, span.parent, span.remote_parent);
  }
  for (const OpenSpan& span : open) growing.insert(trees.root(span.id != 0 ? span.id : span.parent));

  forget_gone();
  for (const std::uint64_t id : order_) {
    const auto place = waiting_.find(id);
    if (place != waiting_.end() && place->second.number <= taken && growing.count(trees.root(id)) == 0)
      drop(place);
  }
}

void KeepFilter::forget_gone() {
  std::erase_if(order_, [this](std::uint64_t id) { return waiting_.count(id) == 0; });
}

void KeepFilter::release(std::size_t count, std::vector<Span>& spans) {
  for (; !order_.empty() && count > 0; order_.pop_front()) {
    const auto place = waiting_.find(order_.front());
    if (place == waiting_.end()) continue;
    spans.push_back(remove(place));
    --count;
  }
}

void KeepFilter::remember_wanted(std::uint64_t id) {
  if (!wanted_.young.insert(id).second) return;
  log_ += wanted_line(id);
  if (wanted_.young.size() < limits_.remembered) return;
  wanted_.old = std::exchange(wanted_.young, {});
}

void KeepFilter::remember_dropped(std::uint64_t id, Ancestor parent) {
  dropped_.young[id] = parent;
  log_ += dropped_line(id, parent.id, parent.remote);
  if (dropped_.young.size() < limits_.remembered) return;
  dropped_.old = std::exchange(dropped_.young, {});
}

const KeepFilter::Ancestor* KeepFilter::dropped(std::uint64_t id) const {
  for (const auto* const table : {&dropped_.young, &dropped_.old}) {
    if (const auto found = table->find(id); found != table->end()) return &found->second;
  }
  return nullptr;
}

// --- the log -----------------------------------------------------------------------------------------------

// A span that came and went between two calls is not in it.
WaitingChanges KeepFilter::changes() {
  for (const std::uint64_t id : std::exchange(fresh_, {})) {
    const auto place = waiting_.find(id);
    if (place == waiting_.end() || place->second.logged) continue;
    log_span(place->second.span, log_);
    place->second.logged = true;
  }
  log_bytes_ += log_.size();
  WaitingChanges changes{false, std::exchange(log_, {})};
  if (log_bytes_ < renew_at_) return changes;
  std::string whole = whole_log();
  // Four times what lives: the cost of finding that out, and of writing it anew, is shared by many batches.
  renew_at_ = std::max(kMinLogBytes, 4 * whole.size());
  if (log_bytes_ < renew_at_) return changes;
  log_bytes_ = whole.size();
  return {true, std::move(whole)};
}

std::string KeepFilter::whole_log() {
  std::string log;
  logged_resources_.clear();
  for (const auto& [id, waiting] : waiting_) log_span(waiting.span, log);
  for (const auto* const table : {&wanted_.old, &wanted_.young}) {
    for (const std::uint64_t id : *table) log += wanted_line(id);
  }
  for (const auto* const table : {&dropped_.old, &dropped_.young}) {
    for (const auto& [id, parent] : *table) log += dropped_line(id, parent.id, parent.remote);
  }
  return log;
}

void KeepFilter::log_span(const Span& span, std::string& log) {
  const auto number = static_cast<std::uint32_t>(logged_resources_.size());
  const auto [resource, is_new] = logged_resources_.try_emplace(span.resource, number);
  if (is_new) log += resource_line(resource->first, resource->second);
  log += span_line(span, resource->second);
}

void KeepFilter::restore(std::string_view log) {
  std::vector<Span> ready;
  for (LogLine& line : read_waiting_log(log)) {
    switch (line.kind) {
      case LogLine::Kind::kSpan:
        ++taken_;
        hold(std::move(line.span), ready);
        break;
      case LogLine::Kind::kWanted:
        wanted_.young.insert(line.id);
        break;
      case LogLine::Kind::kGone:
        wanted_.young.erase(line.id);
        waiting_.erase(line.id);
        break;
      case LogLine::Kind::kDropped:
        waiting_.erase(line.id);
        dropped_.young[line.id] = {line.parent, line.remote};
        break;
    }
  }
  for (auto& [id, waiting] : waiting_) waiting.logged = true;
  log_bytes_ = log.size();
}

}  // namespace llmo::session
