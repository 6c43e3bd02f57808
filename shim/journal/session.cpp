#include "shim/journal/session.h"

#include <sys/file.h>

#include "shim/platform/clock.h"
#include "shim/platform/limits.h"
#include "shim/platform/paths.h"
#include "shim/platform/syscalls.h"
#include "shim/platform/text.h"

namespace llmo::journal {

namespace sys = platform::sys;

namespace {

// /dev/shm is open to everybody: a directory that somebody else has put there is not ours to write to.
bool is_private_directory(const std::string& path) {
  struct stat status {};
  return sys::stat(path.c_str(), &status, /*follow=*/false) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == sys::geteuid();
}

bool make_private_directory(const std::string& path) {
  if (is_private_directory(path)) return true;
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    sys::mkdir(path.substr(0, slash).c_str(), 0700);
  }
  sys::mkdir(path.c_str(), 0700);
  return is_private_directory(path);
}

std::string default_journal_dir() {
  std::string directory = "/dev/shm/llmobserve-";
  platform::append_number(directory, sys::geteuid());
  return directory;
}

std::string new_session_directory(const std::string& journal_dir) {
  std::string directory = journal_dir.empty() ? default_journal_dir() : platform::absolute_path(journal_dir);
  if (directory.empty() || !make_private_directory(directory)) return {};
  std::uint64_t random = 0;
  sys::getrandom(&random, sizeof random, 0);
  directory += '/';
  platform::append_number(directory, static_cast<std::uint64_t>(sys::getpid()));
  directory += '-';
  platform::append_number(directory, random, 16);
  return directory;
}

// Whoever comes first fills it in. A second process that comes while that happens finds a magic of zero and
// writes the same values: nothing is lost but a moment's count.
SessionControl* map_control(const std::string& path, std::uint64_t max_bytes) {
  // Growing a file past the limit raises SIGXFSZ.
  if (platform::resource_limit(RLIMIT_FSIZE) < kHeaderSize) return nullptr;
  const int fd = sys::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (fd < 0) return nullptr;
  void* memory = nullptr;
  if (sys::ftruncate(fd, kHeaderSize) == 0) {
    memory = sys::mmap(nullptr, kHeaderSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  sys::close(fd);
  if (memory == nullptr) return nullptr;
  // The page must exist before it is stored into (format.h); this fails instead of raising SIGBUS.
  if (sys::call(SYS_clock_gettime, CLOCK_MONOTONIC, sys::as_long(static_cast<char*>(memory) + 2048)) != 0) {
    sys::munmap(memory, kHeaderSize);
    return nullptr;
  }
  auto* const control = static_cast<SessionControl*>(memory);
  if (control->magic != kControlMagic) {
    control->version = kVersion;
    control->bytes_max = max_bytes;
    control->magic = kControlMagic;
  }
  return control;
}

}  // namespace

bool Session::join(const std::string& directory, const std::string& journal_dir, std::uint64_t max_bytes) {
  directory_ = directory.empty() ? new_session_directory(journal_dir) : platform::absolute_path(directory);
  if (directory_.empty() || !make_private_directory(directory_)) return false;
  // A forked child joins its parent's session anew: the directory may have been cleared away meanwhile.
  if (control_ != nullptr) sys::munmap(control_, kHeaderSize);
  const std::string control_path = directory_ + '/' + kControlName;
  control_ = map_control(control_path, max_bytes);
  // An exporter that is done takes the directory away, perhaps right after it was made.
  if (control_ == nullptr && make_private_directory(directory_))
    control_ = map_control(control_path, max_bytes);
  return control_ != nullptr;
}

// Relaxed: a count that orders nothing.
bool Session::take_space(std::uint64_t bytes) {
  const std::uint64_t before = control_->bytes_reserved.fetch_add(bytes, std::memory_order_relaxed);
  if (before + bytes <= control_->bytes_max) return true;
  give_space(bytes);
  return false;
}

void Session::give_space(std::uint64_t bytes) {
  control_->bytes_reserved.fetch_sub(bytes, std::memory_order_relaxed);
}

void Session::note_exporter_launch() {
  control_->launched_nanos.store(platform::monotonic_nanos(), std::memory_order_relaxed);
}

bool Session::has_exporter() const {
  constexpr std::uint64_t kStartNanos = 2'000'000'000;
  const std::uint64_t launched = control_->launched_nanos.load(std::memory_order_relaxed);
  if (launched != 0 && platform::monotonic_nanos() - launched < kStartNanos) return true;
  const int fd = sys::open((directory_ + '/' + kExporterLockName).c_str(), O_RDONLY);
  if (fd < 0) return false;
  const bool taken = sys::flock(fd, LOCK_EX | LOCK_NB) != 0;
  sys::close(fd);
  return taken;
}

}  // namespace llmo::journal
