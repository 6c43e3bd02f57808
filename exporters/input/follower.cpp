#include "exporters/input/follower.h"

#include <sys/stat.h>

#include <ctime>

#include "exporters/input/byte_source.h"

namespace llmo::input {
namespace {

// What tells a kind of file is there from that size on.
constexpr std::uint64_t kLeastSize = 8;

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Follower::Follower(std::vector<std::string> paths, std::chrono::seconds older)
    : paths_(std::move(paths)), older_(older) {}

InputReport Follower::look(const file::SpanCallback& take) {
  InputReport report;
  std::erase_if(sessions_, [](const auto& entry) { return !is_directory(entry.first); });
  for (const std::string& path : paths_) look_at(path, take, report);
  return report;
}

void Follower::look_at(const std::string& path, const file::SpanCallback& take, InputReport& report) {
  if (!is_directory(path)) {
    look_at_file(path, take, report);
  } else if (session::is_session(path)) {
    look_at_session(path, take, report);
  } else {
    for (const std::string& session : session::sessions_in(path)) look_at_session(session, take, report);
    for (const std::string& file : trace_files_in(path)) look_at_file(file, take, report);
  }
}

void Follower::look_at_file(const std::string& path, const file::SpanCallback& take, InputReport& report) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const auto [place, fresh] = files_.try_emplace({status.st_dev, status.st_ino});
  File& file = place->second;
  if (fresh && status.st_mtime < ::time(nullptr) - older_.count()) file.size = size;
  // One that was made shorter begins anew.
  if (size < file.size) file = {};
  if (size == file.size || size < kLeastSize) return;
  if (!file.reader) {
    std::unique_ptr<ByteSource> source = open_bytes(path, file.size);
    if (!source) return;
    file.reader = std::make_unique<SpanReader>(std::move(source));
  }
  ++report.files;
  file.size = size;
  file.reader->read(false, take, report.counts);
}

void Follower::look_at_session(const std::string& path, const file::SpanCallback& take, InputReport& report) {
  std::unique_ptr<session::LiveSession>& session = sessions_[path];
  if (!session) session = std::make_unique<session::LiveSession>(path);
  session::LiveReport live = session->read(take);
  ++report.sessions;
  report.counts.damaged_spans += live.damaged;
  report.problems.insert(report.problems.end(), live.problems.begin(), live.problems.end());
}

}  // namespace llmo::input
