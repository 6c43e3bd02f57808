#include "exporters/file/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cstdio>

#include "exporters/console/terminal.h"

namespace llmo::file {
namespace {

bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

bool OutputFile::open(const std::string& path) {
  path_ = path;
  if (path == "-") {
    fd_ = ::dup(STDOUT_FILENO);
  } else if (is_special(path)) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    const std::string temporary = fmt::format("{}.{}.part", path, ::getpid());
    fd_ = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd_ >= 0) temporary_ = temporary;
  }
  return fd_ >= 0;
}

bool OutputFile::write(std::string_view text) {
  size_ += text.size();
  return console::write_all(fd_, text);
}

bool OutputFile::close() {
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) return false;
  if (temporary_.empty()) return true;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return false;
  temporary_.clear();
  return true;
}

}  // namespace llmo::file
