#include "shim/platform/process_info.h"

#include <charconv>
#include <string_view>

#include "shim/platform/clock.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform {

namespace {

// USER_HZ, fixed at 100 on x86-64 (proc(5), starttime).
constexpr std::uint64_t kNanosPerTick = 1'000'000'000 / 100;

// Field 22 of /proc/self/stat. The second field, the program's name in brackets, may hold blanks and
// brackets, so fields are counted from the last bracket.
std::uint64_t start_ticks_of(std::string_view stat) {
  std::size_t position = stat.rfind(')');
  for (int field = 2; field < 22 && position != std::string_view::npos; ++field) {
    position = stat.find(' ', position + 1);
  }
  if (position == std::string_view::npos) return 0;
  std::uint64_t ticks = 0;
  std::from_chars(stat.data() + position + 1, stat.data() + stat.size(), ticks);
  return ticks;
}

std::uint64_t read_start_ticks() {
  const int fd = sys::open("/proc/self/stat", O_RDONLY);
  if (fd < 0) return 0;
  std::string text(1024, '\0');
  const long size = sys::read(fd, text.data(), text.size());
  sys::close(fd);
  return size > 0 ? start_ticks_of(std::string_view(text).substr(0, static_cast<std::size_t>(size))) : 0;
}

// The link reads `pid:[4026531836]` (namespaces(7)).
std::uint64_t read_pid_namespace() {
  char text[64];
  const long size = sys::readlink("/proc/self/ns/pid", text, sizeof text);
  const std::string_view link(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  std::uint64_t inode = 0;
  const std::size_t bracket = link.find('[');
  if (bracket != std::string_view::npos) {
    std::from_chars(link.data() + bracket + 1, link.data() + link.size(), inode);
  }
  return inode;
}

std::uint64_t clock_nanos(clockid_t clock) {
  timespec time{};
  sys::call(SYS_clock_gettime, clock, sys::as_long(&time));
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

ProcessInfo read_process_info() {
  ProcessInfo info;
  info.pid = static_cast<std::uint32_t>(sys::getpid());
  info.parent_pid = static_cast<std::uint32_t>(sys::getppid());
  info.start_ticks = read_start_ticks();
  const std::uint64_t boot_unix_nanos = clock_nanos(CLOCK_REALTIME) - clock_nanos(CLOCK_BOOTTIME);
  if (info.start_ticks != 0) info.start_unix_nanos = boot_unix_nanos + info.start_ticks * kNanosPerTick;
  info.pid_namespace = read_pid_namespace();
  info.executable.resize(4096);
  const long size = sys::readlink("/proc/self/exe", info.executable.data(), info.executable.size());
  info.executable.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return info;
}

}  // namespace llmo::platform
