// Reading the file of API rules within the host: system calls of its own, nothing left open, and no wait for
// what is no file (a pipe, a terminal).
#include <algorithm>
#include <cerrno>

#include "shim/config/api_rules.h"
#include "shim/platform/syscalls.h"

namespace llmo::config {
namespace {

namespace sys = platform::sys;

std::string_view reason_of(long error) {
  switch (-error) {
    case ENOENT:
    case ENOTDIR:
      return "there is no such file";
    case EACCES:
    case EPERM:
      return "permission denied";
    case ELOOP:
      return "too many symbolic links";
    case EMFILE:
    case ENFILE:
      return "too many open files";
    default:
      return "it cannot be read";
  }
}

// Closed at scope's end, whatever is thrown.
class Descriptor {
 public:
  explicit Descriptor(const char* path) : fd_(sys::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)) {}
  ~Descriptor() {
    if (fd_ >= 0) sys::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// The file may shrink or grow meanwhile: what is there when it is read counts. Returns a reason, or nothing.
std::string_view read_all(const Descriptor& file, std::string* text) {
  if (file.get() < 0) return reason_of(file.get());
  struct stat status {};
  if (const int error = sys::fstat(file.get(), &status); error < 0) return reason_of(error);
  if (S_ISDIR(status.st_mode)) return "it is a directory";
  if (!S_ISREG(status.st_mode)) return "it is not a file";
  if (static_cast<std::size_t>(status.st_size) > kMaxApiRuleFileSize) return "it is bigger than 1 MiB";
  char buffer[4096];
  while (text->size() <= kMaxApiRuleFileSize) {
    const long count = sys::read(file.get(), buffer, sizeof buffer);
    if (count == -EINTR) continue;
    if (count < 0) return reason_of(count);
    if (count == 0) return {};
    text->append(buffer, static_cast<std::size_t>(count));
  }
  return "it is bigger than 1 MiB";
}

// A path as a message may show it: not cut where an excerpt is, but bounded.
std::string printable(std::string_view path) {
  std::string shown{path.substr(0, 512)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

// Messages name the file without its directory.
std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

ApiRuleFile read_api_rules(const std::string& path) {
  std::string text;
  const std::string_view reason = read_all(Descriptor(path.c_str()), &text);
  if (reason.empty()) return parse_api_rules(text, file_name(path));
  ApiRuleFile file;
  file.errors.push_back(printable(path).append(": ").append(reason));
  return file;
}

}  // namespace llmo::config
