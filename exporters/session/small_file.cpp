#include "exporters/session/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace llmo::session {
namespace {

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

bool replace_file(const std::string& path, std::string_view text) {
  const std::string draft = path + "." + std::to_string(::getpid());
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return false;
  const bool written = write_whole(fd, text);
  int error = errno;
  ::close(fd);
  if (written && ::rename(draft.c_str(), path.c_str()) == 0) return true;
  if (written) error = errno;
  ::unlink(draft.c_str());
  errno = error;
  return false;
}

std::optional<std::string> read_small_file(const std::string& path, std::size_t most_bytes) {
  // O_NONBLOCK: a FIFO of that name must not hold us up.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  struct stat status {};
  std::optional<std::string> text;
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
      static_cast<std::size_t>(status.st_size) <= most_bytes) {
    text.emplace(static_cast<std::size_t>(status.st_size), '\0');
    const ssize_t got = ::pread(fd, text->data(), text->size(), 0);
    text->resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  ::close(fd);
  return text;
}

}  // namespace llmo::session
