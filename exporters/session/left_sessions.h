// Sessions that nobody serves any more: their processes have ended, their exporter is gone. The next exporter
// of the same journal directory finishes them.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "exporters/session/exporter.h"

namespace llmo::session {

struct LeftSessionOptions {
  // For each session anew, as exporters are used up by one.
  std::function<ExporterOptions()> make_options;
  // What has changed later than that may still get an exporter of its own.
  std::chrono::seconds least_age{10};
  // So many at the most, and none is begun after so long.
  std::size_t most = 64;
  std::chrono::seconds longest{600};
};

// Whether `session_dir` is one of those.
bool is_left(const std::string& session_dir, std::chrono::seconds least_age);

// Finishes them one at a time, the oldest first, and stops at the first that cannot be exported: what is
// wrong with a destination is so for all. Does nothing where nothing would be exported to, and while another
// process is at it. Returns how many were finished.
std::size_t finish_left_sessions(const std::string& journal_dir, const LeftSessionOptions& options);

// The same, in a process of its own that the caller need not wait for.
void finish_left_sessions_aside(const std::string& journal_dir, const LeftSessionOptions& options);

}  // namespace llmo::session
