#include "exporters/cli/session_dir.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>

namespace llmo::cli {

// /dev/shm is open to everybody, so what stands under our name there need not be ours.
bool make_private_directory(const std::string& directory) {
  for (auto slash = directory.find('/', 1); slash != std::string::npos;
       slash = directory.find('/', slash + 1)) {
    ::mkdir(directory.substr(0, slash).c_str(), 0700);
  }
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return false;
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0) return false;
  if (S_ISDIR(status.st_mode) && status.st_uid == ::geteuid()) return true;
  errno = S_ISDIR(status.st_mode) ? EPERM : ENOTDIR;
  return false;
}

std::string make_session_dir(const std::string& journal_dir) {
  if (!make_private_directory(journal_dir)) return {};
  char absolute[PATH_MAX];
  if (::realpath(journal_dir.c_str(), absolute) == nullptr) return {};
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) return {};
  std::string path = fmt::format("{}/{}-{:x}", absolute, ::getpid(), random);
  return ::mkdir(path.c_str(), 0700) == 0 ? path : std::string();
}

}  // namespace llmo::cli
