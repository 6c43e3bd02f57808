#include "exporters/session/process_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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
  int exit_status = 0;  // as wait(2) gives it; 0 also where it is not shown to us
};

// ioctl_pidfd(2), PIDFD_GET_INFO: not in the headers of this distribution yet.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup;
  std::uint32_t ids[11];
  std::int32_t exit_status;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kPidfdInfoExit = 1U << 3;
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);

std::string read_proc_file(const std::string& path, std::size_t limit) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  std::array<char, 4096> piece{};
  ssize_t size = 0;
  while (text.size() < limit && (size = ::read(fd, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
  ::close(fd);
  return text;
}

// proc(5): `pid (comm) state ppid …`; comm may hold blanks and parentheses, so counting starts behind the
// last.
std::optional<ProcStat> read_proc_stat(const std::string& pid) {
  const std::string text = read_proc_file("/proc/" + pid + "/stat", 4096);
  const char* field = std::strrchr(text.c_str(), ')');
  if (field == nullptr || field[1] != ' ') return std::nullopt;
  ProcStat stat;
  stat.state = field[2];
  auto go_to = [&field, number = 2](int wanted) mutable {
    for (; number < wanted && field != nullptr; ++number) field = std::strchr(field + 1, ' ');
    return field != nullptr;
  };
  if (!go_to(22)) return std::nullopt;
  stat.start = std::strtoull(field, nullptr, 10);
  if (go_to(52)) stat.exit_status = static_cast<int>(std::strtol(field, nullptr, 10));
  return stat;
}

// What a process that was waited for has left with its pidfd; 0 where that is nothing.
int status_after_wait(int pidfd) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  const bool known = pidfd >= 0 && ::ioctl(pidfd, kPidfdGetInfo, &info) == 0;
  return known && (info.mask & kPidfdInfoExit) != 0 ? info.exit_status : 0;
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

int ProcessWatch::fatal_signal() const {
  int status = 0;
  // On its way from one to the other, a process is neither for a moment.
  for (int attempt = 0; attempt < 5; ++attempt) {
    const auto stat = read_proc_stat(std::to_string(pid_));
    const bool here = stat && stat->start == start_;
    if (here && stat->state == 'Z') status = stat->exit_status;
    if (status == 0) status = status_after_wait(pidfd_);
    if (status != 0 || !here || stat->state != 'X') break;
    ::usleep(1000);
  }
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

std::optional<bool> ProcessWatch::has_mapped(std::string_view file_name) const {
  constexpr std::size_t kMaxMaps = 16 << 20;
  const std::string maps = read_proc_file("/proc/" + std::to_string(pid_) + "/maps", kMaxMaps);
  // Not ours to read, or on its way out.
  if (maps.empty() || maps.size() >= kMaxMaps) return std::nullopt;
  return maps.find("/" + std::string(file_name)) != std::string::npos;
}

}  // namespace llmo::session
