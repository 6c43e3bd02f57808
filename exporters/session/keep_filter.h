// LLMOBSERVE_KEEP=api: of the workflow spans only those beneath which an API call happened.
//
// Spans come as they end, children before parents within a thread, in any order between threads and
// processes. An API call (every span that is not internal) goes out at once, and so do all its ancestors:
// those that wait, now; those that are still open, when they come. A workflow span without such a call
// beneath it waits until the outermost span of its tree is closed and nothing of the tree is open anywhere in
// the session; then nothing can come any more, and it is dropped.
//
//   serve_handler (open for ever)
//   ├─ ask_agent (closed)          goes out when the call comes
//   │  └─ llm.request
//   └─ tidy_workflow (closed)      waits
//
// Should something come after all, work that was handed on without a sign, its parent is the nearest ancestor
// that was not dropped: a child is never left without its parent. What waits is bounded; beyond, the span
// that waits longest is kept, and counted.
//
// The exporter may be killed while spans wait, and their records in the journals are done with. So each
// change is told as lines of a log, which the committer stores with the batch (waiting_log.h), and restore()
// begins where the log ends.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporters/session/batch.h"
#include "exporters/span/span.h"

namespace llmo::session {

// A span that is open; or, with id 0, a thread or task whose next span will have `parent`.
struct OpenSpan {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  bool remote_parent = false;
};

class KeepFilter {
 public:
  struct Limits {
    std::size_t waiting = 50'000;
    std::size_t remembered = 100'000;  // ids that are to be kept when they come, and ids that were dropped
  };

  KeepFilter() : KeepFilter(Limits()) {}
  explicit KeepFilter(const Limits& limits) : limits_(limits) {}

  // Takes what was read. What is left in `spans` goes out.
  void take(std::vector<Span>& spans);

  // Spans taken up to now; decide() wants it from the instant at which the open spans were looked up.
  std::uint64_t taken() const { return taken_; }

  // Drops the spans of all trees that are closed. `open`: all that was open in the session when `taken` spans
  // had been taken; all records that were finished by then have been taken since.
  void decide(const std::vector<OpenSpan>& open, std::uint64_t taken);

  bool anything_waits() const { return !waiting_.empty(); }

  // Adds what waits longest to `spans`, at most `count`: kept after all.
  void release(std::size_t count, std::vector<Span>& spans);

  // What has changed since the last call.
  WaitingChanges changes();

  // Takes up a log. Lines that are damaged are left out.
  void restore(std::string_view log);

  // Spans kept since the last call for want of room.
  std::uint64_t take_undecided() { return std::exchange(undecided_, 0); }

 private:
  // A log below this is not worth writing anew.
  static constexpr std::size_t kMinLogBytes = 1 << 20;

  struct Waiting {
    Span span;
    std::uint64_t number = 0;  // counts all that were taken
    bool logged = false;
  };
  struct Ancestor {
    std::uint64_t id = 0;
    bool remote = false;
  };

  // Remembers the latest: when it has as many as it may, what was not renewed since the last time goes.
  template <typename Table>
  struct Remembered {
    Table young;
    Table old;
  };

  void adopt(Span& span) const;
  bool goes_out(const Span& span);
  void hold(Span&& span, std::vector<Span>& out);
  void want(std::uint64_t id, std::vector<Span>& out);
  void keep_oldest(std::vector<Span>& out);
  Span remove(std::unordered_map<std::uint64_t, Waiting>::iterator place);
  void drop(std::unordered_map<std::uint64_t, Waiting>::iterator place);
  void forget_gone();
  void remember_wanted(std::uint64_t id);
  void remember_dropped(std::uint64_t id, Ancestor parent);
  const Ancestor* dropped(std::uint64_t id) const;
  void log_span(const Span& span, std::string& log);
  std::string whole_log();

  Limits limits_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;
  std::deque<std::uint64_t> order_;  // of arrival; holds ids that have gone, too
  Remembered<std::unordered_set<std::uint64_t>> wanted_;
  Remembered<std::unordered_map<std::uint64_t, Ancestor>> dropped_;
  std::uint64_t taken_ = 0;
  std::uint64_t undecided_ = 0;

  std::vector<std::uint64_t> fresh_;  // taken, and not yet in the log
  std::string log_;
  std::size_t log_bytes_ = 0;  // since it was written anew
  std::size_t renew_at_ = kMinLogBytes;
  std::unordered_map<std::shared_ptr<const Resource>, std::uint32_t> logged_resources_;
};

}  // namespace llmo::session
