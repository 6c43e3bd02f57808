// `llmobserve recover`: finishes sessions whose exporter is gone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exporters/session/exporter.h"

namespace llmo::session {

struct SessionInfo {
  std::string directory;        // absolute or relative as the journal directory was given
  bool exporter_alive = false;  // its lock is held
  std::size_t journals = 0;
  std::vector<std::string> behind{};  // destinations that have not taken all that is in a trace file
};

// settings.journal_dir, or /dev/shm/llmobserve-<uid> where that is empty.
std::string journal_directory(const config::Settings& settings);

// The destinations that have yet to take something of the session at `session_dir`.
std::vector<std::string> destinations_behind(const std::string& session_dir);

// The sessions below `journal_dir`, by name; empty where there is no such directory.
std::vector<SessionInfo> list_sessions(const std::string& journal_dir);

struct RecoveredSession {
  std::string directory;
  ExportReport report;
};

// Drains every session below `journal_dir` that no exporter serves. `make_options` is called for each, as
// exporters are used up by a session; `once` is set here. Sessions whose writers still run lose nothing and
// stay.
std::vector<RecoveredSession> recover_sessions(const std::string& journal_dir,
                                               const std::function<ExporterOptions()>& make_options);

}  // namespace llmo::session
