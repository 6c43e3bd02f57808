#include "exporters/session/recover.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "exporters/session/export_state.h"
#include "exporters/session/session_directory.h"
#include "shim/journal/format.h"

namespace llmo::session {
namespace {

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

// Anything else below the journal directory is not ours to touch.
bool looks_like_session(const std::string& path) {
  return is_directory(path) &&
         (exists(path + "/" + journal::kControlName) || exists(path + "/" + journal::kExporterLockName));
}

}  // namespace

std::string journal_directory(const config::Settings& settings) {
  if (!settings.journal_dir.empty()) return settings.journal_dir;
  return "/dev/shm/llmobserve-" + std::to_string(::geteuid());
}

std::vector<std::string> destinations_behind(const std::string& session_dir) {
  const auto state = read_export_state(session_dir + "/" + kExportStateName);
  std::vector<std::string> names;
  if (!state) return names;
  for (const DestinationState& destination : state->destinations) {
    const bool has_batch = destination.has_batch || state->output.empty() || state->length == 0;
    if (!has_batch || destination.position < state->queue_size) names.push_back(destination.name);
  }
  return names;
}

std::vector<SessionInfo> list_sessions(const std::string& journal_dir) {
  std::vector<SessionInfo> sessions;
  DIR* const directory = ::opendir(journal_dir.c_str());
  if (directory == nullptr) return sessions;
  while (const dirent* const entry = ::readdir(directory)) {
    const std::string path = journal_dir + "/" + entry->d_name;
    if (entry->d_name[0] == '.' || !looks_like_session(path)) continue;
    sessions.push_back({path, exporter_alive(path), journals_in(path).size(), destinations_behind(path)});
  }
  ::closedir(directory);
  std::sort(sessions.begin(), sessions.end(),
            [](const SessionInfo& a, const SessionInfo& b) { return a.directory < b.directory; });
  return sessions;
}

std::vector<RecoveredSession> recover_sessions(const std::string& journal_dir,
                                               const std::function<ExporterOptions()>& make_options) {
  std::vector<RecoveredSession> recovered;
  for (const SessionInfo& session : list_sessions(journal_dir)) {
    if (session.exporter_alive) continue;
    ExporterOptions options = make_options();
    options.once = true;
    recovered.push_back({session.directory, run_exporter(session.directory, std::move(options))});
  }
  return recovered;
}

}  // namespace llmo::session
