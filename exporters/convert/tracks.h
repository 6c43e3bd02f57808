// Which process and which thread spans belong to, and the numbers that these go by in a viewer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/convert/timeline.h"
#include "exporters/span/span.h"

namespace llmo::convert {

class TrackTable {
 public:
  // The index of the thread that the span ran on. Spans that do not tell theirs have one together, for each
  // process.
  std::uint32_t thread_of(const Span& span);

  const std::vector<ProcessTrack>& processes() const { return processes_; }
  const std::vector<ThreadTrack>& threads() const { return threads_; }

 private:
  std::uint32_t process_of(const Span& span);

  std::vector<ProcessTrack> processes_;
  std::vector<ThreadTrack> threads_;
  std::map<std::string, std::uint32_t> process_index_;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> thread_index_;
  std::shared_ptr<const Resource> last_resource_;
  std::uint32_t last_process_ = 0;
};

// Viewers know processes and threads by numbers. Those that the system gave come again: on another machine,
// in another container, later. So each track has the system's number where no other one has it, else one that
// the system does not give.
struct TrackNumbers {
  std::vector<std::int32_t> pids;  // of each process
  std::vector<std::int32_t> tids;  // of each lane
};
TrackNumbers number_tracks(const TrackTable& tracks, const Layout& layout);

// `worker-1`, `worker-1 (2)`, `thread 17`
std::string lane_name(const ThreadTrack& thread, std::uint32_t number);

}  // namespace llmo::convert
