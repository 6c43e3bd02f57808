#include "exporters/cli/session_drain.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "exporters/session/export_state.h"
#include "exporters/session/process_watch.h"
#include "exporters/session/recover.h"
#include "exporters/session/session_directory.h"
#include "shim/journal/format.h"

namespace llmo::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{2};
constexpr milliseconds kLongestPause{40};
// What the library has started may not have the session yet, and it has more patience than we have.
constexpr milliseconds kExporterStarts{500};

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string> file_names(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
  if (!handle) return names;
  while (const dirent* entry = ::readdir(handle.get())) names.emplace_back(entry->d_name);
  return names;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool exporter_runs(const std::string& session_dir) {
  const std::string path = session_dir + '/' + journal::kExporterLockName;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool taken = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
  ::close(fd);
  return taken;
}

struct Journals {
  std::size_t of_ended = 0;
  std::size_t of_running = 0;
};

Journals count_journals(const std::string& session_dir) {
  Journals count;
  for (const std::string& name : file_names(session_dir)) {
    JournalOwner owner;
    if (!parse_journal_name(name, owner)) continue;
    ++(session::ProcessWatch(owner.pid, owner.start).alive() ? count.of_running : count.of_ended);
  }
  return count;
}

// Whether the exporter of a session still gets on: each batch that is out leaves a note (export_state.h).
class Progress {
 public:
  // What has kept it from that for too long; nothing while it is worth waiting.
  std::optional<std::string> check(const std::string& session_dir, std::size_t journals,
                                   const DrainOptions& options) {
    const auto now = Clock::now();
    const Sign sign{journals, note_time(session_dir)};
    if (sign != last_) moved_at_ = now;
    last_ = sign;
    std::string problem = session::read_problem(session_dir);
    if (problem.empty() || sign_of_problem_ != sign) problem_since_ = now;
    sign_of_problem_ = sign;
    if (now - problem_since_ >= options.problem_patience) return problem;
    if (now - moved_at_ >= options.standstill_patience) return "its exporter does not get on";
    return std::nullopt;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Sign {
    std::size_t journals = 0;
    std::pair<std::int64_t, std::int64_t> note{};
    friend bool operator==(const Sign&, const Sign&) = default;
  };

  static std::pair<std::int64_t, std::int64_t> note_time(const std::string& session_dir) {
    struct stat status {};
    if (::stat((session_dir + '/' + session::kExportStateName).c_str(), &status) != 0) return {};
    return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  }

  Sign last_;
  Sign sign_of_problem_;
  Clock::time_point moved_at_ = Clock::now();
  Clock::time_point problem_since_ = Clock::now();
};

}  // namespace

bool parse_journal_name(const std::string& file_name, JournalOwner& owner) {
  std::string_view name = file_name;
  if (!name.ends_with(journal::kJournalSuffix)) return false;
  name.remove_suffix(std::string_view(journal::kJournalSuffix).size());
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return false;
  return parse_number(name.substr(0, dash), owner.pid) && parse_number(name.substr(dash + 1), owner.start);
}

// The library makes the control file when it opens its first journal; without it the directory is as it was
// made. rmdir() alone decides, so that a process which begins to record now keeps its session.
bool discard_unused_session(const std::string& session_dir) {
  return !exists(session_dir + '/' + journal::kControlName) && ::rmdir(session_dir.c_str()) == 0;
}

Drained drain_session(const std::string& session_dir, const DrainOptions& options) {
  milliseconds pause = kFirstPause;
  Progress progress;
  bool had_exporter = false;
  const auto takes_over = std::chrono::steady_clock::now() + kExporterStarts;
  for (;;) {
    const bool exporter = exporter_runs(session_dir);
    const Journals journals = count_journals(session_dir);  // after the exporter: it may have just finished
    const bool behind = !exporter && !session::destinations_behind(session_dir).empty();
    const bool wait_for_end = options.until_exporter_ends && exporter && journals.of_running == 0;
    if (journals.of_ended == 0 && !wait_for_end && !behind) break;
    if (exporter) {
      had_exporter = true;
      const auto stopped = progress.check(session_dir, journals.of_ended, options);
      if (stopped) return {DrainEnd::kBehind, *stopped};
    } else if (std::string problem = had_exporter ? session::read_problem(session_dir) : "";
               !problem.empty()) {
      return {DrainEnd::kLeft, std::move(problem)};  // it has given up, and we would do no better
    } else if (std::chrono::steady_clock::now() >= takes_over) {
      session::ExporterOptions exporter_options = options.exporter_options();
      exporter_options.once = true;
      const session::ExportReport report = session::run_exporter(session_dir, std::move(exporter_options));
      const bool stuck =
          report.end == session::ExportEnd::kLeft && (behind || count_journals(session_dir).of_ended != 0);
      if (stuck) return {DrainEnd::kLeft, report.problem};
    }
    if (!options.pause(pause)) return {DrainEnd::kStopped, {}};
    pause = std::min(pause * 2, kLongestPause);
  }
  return {DrainEnd::kExported, {}};
}

}  // namespace llmo::cli
