// The log of spans that are read and not yet decided on: its lines, and the file that holds it.
//
//   r 0 {"resourceSpans":[…]}     resource number 0: that of the span in there
//   s 0 {"resourceSpans":[…]}     a span waits; its resource is number 0
//   w 00f067aa0ba902b7            a span is to be kept when it comes
//   g 00f067aa0ba902b7            a span waits no more, or has come
//   d 00f067aa0ba902b7 0000000000000000 0    a span was dropped: its parent, and 1 where that is remote
//
// The log grows, and now and then is written anew with what still counts: into the other one of two files, so
// that the one before is whole while that happens. Which of them counts, and how much of it, stands in the
// note of the batch (export_state.h) that changed it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/session/export_state.h"
#include "exporters/span/span.h"

namespace llmo::session {

inline constexpr std::array<const char*, 2> kWaitingLogNames = {"waiting.0", "waiting.1"};

std::string resource_line(const std::shared_ptr<const Resource>& resource, std::uint32_t number);
std::string span_line(const Span& span, std::uint32_t resource);
std::string wanted_line(std::uint64_t id);
std::string gone_line(std::uint64_t id);
std::string dropped_line(std::uint64_t id, std::uint64_t parent, bool remote);

// A line that tells of a span; those of resources have gone into the spans.
struct LogLine {
  enum class Kind { kSpan, kWanted, kGone, kDropped };
  Kind kind = Kind::kGone;
  Span span;  // kSpan
  std::uint64_t id = 0;
  std::uint64_t parent = 0;  // kDropped
  bool remote = false;       // kDropped
};

// Damaged lines are left out.
std::vector<LogLine> read_waiting_log(std::string_view log);

class WaitingLogFile {
 public:
  WaitingLogFile() = default;
  WaitingLogFile(const WaitingLogFile&) = delete;
  WaitingLogFile& operator=(const WaitingLogFile&) = delete;
  ~WaitingLogFile();

  // False, with errno, where the files cannot be had: changes are lost then.
  bool open(const std::string& session_dir);

  // Goes back to `point` and returns what the log held then.
  std::string resume(const LogPoint& point);

  // False, with errno, where it cannot be written; the log is then as it was.
  bool append(std::string_view text);
  bool replace(std::string_view text);

  const LogPoint& end() const { return end_; }

 private:
  int current() const { return files_[end_.generation % 2]; }

  std::array<int, 2> files_ = {-1, -1};
  LogPoint end_;
};

}  // namespace llmo::session
