#include "exporters/session/process_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace llmo::session {
namespace {

struct ProcStat {
  char state = '?';
  std::uint64_t start = 0;
};

// proc(5): `pid (comm) state ppid …`; comm may hold blanks and parentheses, so counting starts behind the
// last.
std::optional<ProcStat> read_proc_stat(const std::string& pid) {
  const int fd = ::open(("/proc/" + pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, 1024> text{};
  const ssize_t size = ::read(fd, text.data(), text.size() - 1);
  ::close(fd);
  const char* field = size > 0 ? std::strrchr(text.data(), ')') : nullptr;
  if (field == nullptr || field[1] != ' ') return std::nullopt;
  ProcStat stat;
  stat.state = field[2];
  for (int number = 2; number < 22 && field != nullptr; ++number) field = std::strchr(field + 1, ' ');
  if (field == nullptr) return std::nullopt;
  stat.start = std::strtoull(field, nullptr, 10);
  return stat;
}

// The leader of a process may have ended by pthread_exit() while other threads go on.
bool has_other_threads(std::uint32_t pid) {
  DIR* const tasks = ::opendir(("/proc/" + std::to_string(pid) + "/task").c_str());
  if (tasks == nullptr) return false;
  int count = 0;
  while (const dirent* const entry = ::readdir(tasks)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(tasks);
  return count > 1;
}

int open_pidfd(std::uint32_t pid) {
#ifdef SYS_pidfd_open
  return static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0U));
#else
  errno = ENOSYS;
  return -1;
#endif
}

}  // namespace

ProcessWatch::ProcessWatch(std::uint32_t pid, std::uint64_t start) : pid_(pid), start_(start) {
  pidfd_ = open_pidfd(pid);
  if (pidfd_ < 0 && errno == ESRCH) gone_ = true;
  // The pidfd may be of a later process with that pid: only now that it is held does the start time tell.
  if (!gone_ && !running_in_proc()) gone_ = true;
}

ProcessWatch::ProcessWatch(ProcessWatch&& other) noexcept
    : pid_(other.pid_), start_(other.start_), pidfd_(std::exchange(other.pidfd_, -1)), gone_(other.gone_) {}

ProcessWatch::~ProcessWatch() {
  if (pidfd_ >= 0) ::close(pidfd_);
}

bool ProcessWatch::running_in_proc() const {
  const auto stat = read_proc_stat(std::to_string(pid_));
  // Without a /proc the pidfd is all there is.
  if (!stat) return pidfd_ >= 0 && !read_proc_stat("self");
  if (stat->start != start_ || stat->state == 'X') return false;
  return stat->state != 'Z' || has_other_threads(pid_);
}

bool ProcessWatch::alive() {
  if (gone_) return false;
  if (pidfd_ < 0) {
    gone_ = !running_in_proc();
  } else {
    pollfd poll{pidfd_, POLLIN, 0};
    gone_ = ::poll(&poll, 1, 0) == 1;
  }
  return !gone_;
}

}  // namespace llmo::session
