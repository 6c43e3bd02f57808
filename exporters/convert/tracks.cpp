#include "exporters/convert/tracks.h"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <string_view>
#include <variant>

namespace llmo::convert {
namespace {

// Above what Linux gives (proc(5), pid_max: at most 2^22).
constexpr std::int32_t kFirstOfOurs = 1 << 23;

std::string text_of(const AttributeValue* value) {
  if (value == nullptr) return {};
  if (const auto* const text = std::get_if<std::string>(value)) return *text;
  if (const auto* const number = std::get_if<std::int64_t>(value)) return fmt::format("{}", *number);
  return {};
}

std::int64_t number_of(const AttributeValue* value) {
  const auto* const number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? 0 : *number;
}

std::string identity_of(const AttributeList& resource) {
  std::string identity;
  for (const std::string_view key : {"service.name", "service.instance.id", "host.name", "host.id",
                                     "container.id", "process.pid", "process.creation.time"}) {
    identity += text_of(find_attribute(resource, key));
    identity += '\0';
  }
  return identity;
}

class Numbers {
 public:
  std::int32_t give(std::int64_t wished) {
    if (wished > 0 && wished < kFirstOfOurs && taken_.insert(wished).second) {
      return static_cast<std::int32_t>(wished);
    }
    return next_ == std::numeric_limits<std::int32_t>::max() ? next_ : next_++;
  }

 private:
  std::set<std::int64_t> taken_;
  std::int32_t next_ = kFirstOfOurs;
};

}  // namespace

std::uint32_t TrackTable::process_of(const Span& span) {
  if (!processes_.empty() && span.resource == last_resource_) return last_process_;
  static const AttributeList kNothing;
  const AttributeList& resource = span.resource == nullptr ? kNothing : span.resource->attributes;
  const auto [found, added] =
      process_index_.try_emplace(identity_of(resource), static_cast<std::uint32_t>(processes_.size()));
  if (added) {
    std::string name = text_of(find_attribute(resource, "service.name"));
    if (name.empty()) name = "unknown service";
    processes_.push_back({std::move(name), number_of(find_attribute(resource, "process.pid"))});
  }
  last_resource_ = span.resource;
  return last_process_ = found->second;
}

std::uint32_t TrackTable::thread_of(const Span& span) {
  const std::uint32_t process = process_of(span);
  const std::int64_t tid = number_of(find_attribute(span.attributes, "thread.id"));
  const auto [found, added] =
      thread_index_.try_emplace({process, tid}, static_cast<std::uint32_t>(threads_.size()));
  if (added) threads_.push_back({process, tid, {}});
  ThreadTrack& thread = threads_[found->second];
  if (thread.name.empty()) thread.name = text_of(find_attribute(span.attributes, "thread.name"));
  return found->second;
}

TrackNumbers number_tracks(const TrackTable& tracks, const Layout& layout) {
  TrackNumbers numbers;
  Numbers pids;
  for (const ProcessTrack& process : tracks.processes()) numbers.pids.push_back(pids.give(process.pid));
  Numbers tids;
  for (const Lane& lane : layout.lane) {
    numbers.tids.push_back(tids.give(lane.number == 0 ? tracks.threads()[lane.thread].tid : 0));
  }
  return numbers;
}

std::string lane_name(const ThreadTrack& thread, std::uint32_t number) {
  std::string name = thread.name;
  if (name.empty()) name = thread.tid == 0 ? std::string("spans") : fmt::format("thread {}", thread.tid);
  return number == 0 ? name : fmt::format("{} ({})", name, number + 1);
}

}  // namespace llmo::convert
