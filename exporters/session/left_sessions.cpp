#include "exporters/session/left_sessions.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "exporters/session/export_state.h"
#include "exporters/session/journal_file.h"
#include "exporters/session/pid_namespace.h"
#include "exporters/session/recover.h"
#include "exporters/session/session_directory.h"

namespace llmo::session {
namespace {

constexpr char kLockName[] = "left-sessions.lock";

// Held by the one process that finishes left sessions of a journal directory.
class Turn {
 public:
  explicit Turn(const std::string& journal_dir)
      : fd_(::open((journal_dir + "/" + kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)),
        mine_(fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool mine() const { return mine_; }

 private:
  int fd_;
  bool mine_;
};

// When something last came into the directory, or a batch out of it. 0: it has gone.
std::time_t last_change(const std::string& session_dir) {
  struct stat directory {};
  if (::stat(session_dir.c_str(), &directory) != 0) return 0;
  struct stat state {};
  const bool has_state = ::stat((session_dir + "/" + kExportStateName).c_str(), &state) == 0;
  return std::max(directory.st_mtime, has_state ? state.st_mtime : 0);
}

// One whose header cannot be read is nobody's.
bool writer_alive(const std::string& path) {
  const JournalFile::Opened opened = JournalFile::open(path);
  if (opened.status == JournalFile::Status::kForeign) return true;
  if (opened.status != JournalFile::Status::kGood) return false;
  const JournalHeader& header = opened.file->header();
  return watch_process(header.pid, header.process_start, header.pid_namespace).alive();
}

// What it is behind by may be for a destination that this program does not have.
bool has_all_destinations(const std::string& session_dir, const ExporterOptions& options) {
  const std::vector<std::string> wanted = destinations_behind(session_dir);
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
    return std::any_of(options.exporters.begin(), options.exporters.end(),
                       [&](const auto& exporter) { return exporter->name() == name; });
  });
}

std::vector<std::string> left_sessions(const std::string& journal_dir, std::chrono::seconds least_age) {
  std::vector<std::string> left;
  for (const SessionInfo& session : list_sessions(journal_dir)) {
    if (!session.exporter_alive && is_left(session.directory, least_age)) left.push_back(session.directory);
  }
  std::stable_sort(left.begin(), left.end(), [](const std::string& a, const std::string& b) {
    return last_change(a) < last_change(b);
  });
  return left;
}

}  // namespace

bool is_left(const std::string& session_dir, std::chrono::seconds least_age) {
  const std::time_t changed = last_change(session_dir);
  if (changed == 0 || std::time(nullptr) - changed < least_age.count()) return false;
  const std::vector<std::string> journals = journals_in(session_dir);
  return std::none_of(journals.begin(), journals.end(),
                      [&](const std::string& name) { return writer_alive(session_dir + "/" + name); });
}

std::size_t finish_left_sessions(const std::string& journal_dir, const LeftSessionOptions& options) {
  std::size_t finished = 0;
  const std::vector<std::string> left = left_sessions(journal_dir, options.least_age);
  if (left.empty()) return 0;
  const Turn turn(journal_dir);
  if (!turn.mine()) return 0;
  const auto end = std::chrono::steady_clock::now() + options.longest;
  for (const std::string& session_dir : left) {
    if (finished >= options.most || stop_requested() || std::chrono::steady_clock::now() >= end) break;
    ExporterOptions exporter = options.make_options();
    // Trees of another program are not for this one's standard error.
    std::erase_if(exporter.exporters, [](const auto& one) { return !one->remote(); });
    if (!exporter.write_file && exporter.exporters.empty()) break;
    if (!has_all_destinations(session_dir, exporter)) continue;
    exporter.once = exporter.of_another = true;
    const ExportReport report = run_exporter(session_dir, std::move(exporter));
    if (report.end == ExportEnd::kLeft || report.end == ExportEnd::kStopped) break;
    if (report.end == ExportEnd::kComplete) ++finished;
  }
  return finished;
}

void finish_left_sessions_aside(const std::string& journal_dir, const LeftSessionOptions& options) {
  if (left_sessions(journal_dir, options.least_age).empty()) return;
  if (::fork() != 0) return;
  finish_left_sessions(journal_dir, options);
  ::_exit(0);
}

}  // namespace llmo::session
