#include "exporters/session/session_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "exporters/session/batch_queue.h"
#include "exporters/session/export_state.h"
#include "exporters/session/session_origin.h"
#include "exporters/session/small_file.h"
#include "exporters/session/waiting_log.h"
#include "shim/journal/format.h"

namespace llmo::session {
namespace {

using journal::SessionControl;

constexpr char kAsideSuffix[] = ".done";

bool same_file(int fd, const std::string& path) {
  struct stat here {};
  struct stat there {};
  return ::fstat(fd, &here) == 0 && ::stat(path.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

// Never below zero: a count that is wrong must not become a huge one.
void subtract(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
  std::uint64_t now = counter.load(std::memory_order_relaxed);
  // Relaxed: a count orders nothing; hosts only compare it with the limit.
  while (!counter.compare_exchange_weak(now, now - std::min(now, amount), std::memory_order_relaxed)) {
  }
}

// The account is shared with hosts that add to it at this moment, so it has to be changed in mapped memory.
void release_space(const std::string& path, std::uint64_t bytes) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return;
  struct stat status {};
  const bool whole = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                     status.st_size >= static_cast<off_t>(sizeof(SessionControl));
  void* const map =
      whole ? ::mmap(nullptr, sizeof(SessionControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  ::close(fd);
  if (map == MAP_FAILED) return;
  auto* const control = static_cast<SessionControl*>(map);
  if (control->magic == journal::kControlMagic && control->version == journal::kVersion) {
    subtract(control->bytes_reserved, bytes);
  }
  ::munmap(map, sizeof(SessionControl));
}

// Tries for a moment: exporter_alive() of another process holds the lock while it asks.
bool take_lock(int fd) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    ::usleep(20'000);
  }
  return false;
}

}  // namespace

SessionDirectory::~SessionDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

SessionDirectory::OpenResult SessionDirectory::open(const std::string& path) {
  path_ = path;
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  aside_ = path_.find(kAsideSuffix, path_.rfind('/') + 1) != std::string::npos;
  const std::string name = path_of(journal::kExporterLockName);
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0) return OpenResult::kMissing;
  if (!take_lock(lock_)) return OpenResult::kBusy;
  // The exporter before us may have set the directory aside between our open() and its last breath.
  return same_file(lock_, name) ? OpenResult::kOpened : OpenResult::kMissing;
}

std::vector<std::string> SessionDirectory::journals() const { return journals_in(path_); }

std::vector<std::string> journals_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return names;
  while (const dirent* const entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(journal::kJournalSuffix)) names.emplace_back(name);
  }
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

void SessionDirectory::delete_journal(const std::string& name, std::uint32_t blocks) {
  // A kill between the two leaves the account too high for the rest of the session; the other order could let
  // the session take more than its limit.
  if (::unlink(path_of(name).c_str()) != 0) return;
  release_space(path_of(journal::kControlName), std::uint64_t{blocks} * journal::kBlockSize);
}

bool SessionDirectory::set_aside() {
  if (aside_) return true;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string name =
        path_ + kAsideSuffix + (attempt == 0 ? std::string() : "-" + std::to_string(attempt));
    if (::rename(path_.c_str(), name.c_str()) == 0) {
      path_ = name;
      return aside_ = true;
    }
    // Taken by an earlier session of that name.
    if (errno != ENOTEMPTY && errno != EEXIST) return false;
  }
  return false;
}

// Where it cannot be written nobody is told; the log has it too.
void SessionDirectory::write_problem(const std::string& problem) const {
  replace_file(path_of(kProblemName), problem);
}

void SessionDirectory::remove_problem() const { ::unlink(path_of(kProblemName).c_str()); }

bool SessionDirectory::remove() {
  for (const char* const name :
       {journal::kControlName, kExportStateName, kWaitingLogNames[0], kWaitingLogNames[1], kBatchQueueName,
        kSessionOriginName, kProblemName, journal::kExporterLockName}) {
    ::unlink(path_of(name).c_str());
  }
  return ::rmdir(path_.c_str()) == 0;
}

std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? end : path.rfind('/', end);
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string read_problem(const std::string& session_dir) {
  constexpr std::size_t kMostBytes = 64 * 1024;
  return read_small_file(session_dir + "/" + kProblemName, kMostBytes).value_or("");
}

bool exporter_alive(const std::string& path) {
  const std::string name = path + "/" + journal::kExporterLockName;
  const int fd = ::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  // The lock that this takes where it is free goes with the descriptor, at once.
  const bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

}  // namespace llmo::session
