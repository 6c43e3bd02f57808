#include "exporters/file/old_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <tuple>
#include <vector>

#include "exporters/file/trace_file.h"

namespace llmo::file {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 20 && std::all_of(text.begin(), text.end(), is_digit);
}

// 20261122T204000Z
bool is_time(std::string_view text) {
  return text.size() == 16 && is_number(text.substr(0, 8)) && text[8] == 'T' &&
         is_number(text.substr(9, 6)) && text[15] == 'Z';
}

// What stands behind the last `-`, which is taken off with it.
std::string_view take_last_part(std::string_view& name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view part = name.substr(dash + 1);
  name = name.substr(0, dash);
  return part;
}

struct OldFile {
  std::string name;
  timespec written{};
};

// The kernel's clock for files ticks seldom: of those written in one tick the one with the lower number is
// the older one, 9 before 10.
bool is_older(const OldFile& a, const OldFile& b) {
  const std::size_t size_a = a.name.size();
  const std::size_t size_b = b.name.size();
  return std::tie(a.written.tv_sec, a.written.tv_nsec, size_a, a.name) <
         std::tie(b.written.tv_sec, b.written.tv_nsec, size_b, b.name);
}

std::vector<OldFile> files_of(DIR* directory, std::string_view service) {
  std::vector<OldFile> files;
  while (const dirent* const entry = ::readdir(directory)) {
    struct stat status {};
    if (service_of_trace_file(entry->d_name) != service ||
        ::fstatat(::dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode)) {
      continue;
    }
    files.push_back({entry->d_name, status.st_mtim});
  }
  return files;
}

// Whoever writes a trace file has it locked. The lock is ours until the name is gone, so that nobody begins
// to write it meanwhile.
bool delete_closed(int directory, const std::string& name) {
  const int fd = ::openat(directory, name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  struct stat status {};
  const bool deleted = ::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd, &status) == 0 &&
                       status.st_uid == ::geteuid() && status.st_nlink == 1 &&
                       ::unlinkat(directory, name.c_str(), 0) == 0;
  ::close(fd);
  return deleted;
}

}  // namespace

std::string_view service_of_trace_file(std::string_view name) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  if (!name.ends_with(kTraceFileSuffix)) return {};
  name.remove_suffix(kTraceFileSuffix.size());
  if (!is_number(take_last_part(name))) return {};  // the process, or the attempt
  std::string_view part = take_last_part(name);
  if (is_number(part)) part = take_last_part(name);
  return is_time(part) ? name : std::string_view();
}

void delete_old_files(const std::string& directory, std::string_view service, std::uint64_t keep) {
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
  if (!handle || service.empty()) return;
  std::vector<OldFile> files = files_of(handle.get(), service);
  std::sort(files.begin(), files.end(), is_older);
  std::size_t left = files.size();
  for (const OldFile& file : files) {
    if (left <= keep) return;
    if (delete_closed(::dirfd(handle.get()), file.name)) --left;
  }
}

}  // namespace llmo::file
