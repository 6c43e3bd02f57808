#include "exporters/convert/output_file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>

namespace llmo::convert {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

// Beside the file that is written; of a pipe or a device nobody knows where it leads.
std::string directory_beside(const std::string& path) {
  struct stat status {};
  if (path == "-" || (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))) {
    const char* const named = ::secure_getenv("TMPDIR");
    return named != nullptr && *named != '\0' ? named : "/tmp";
  }
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

bool OutputFile::open(const std::string& path) {
  directory_ = directory_beside(path);
  return file_.open(path);
}

void OutputFile::write(std::string_view bytes) {
  if (failed()) return;
  buffer_ += bytes;
  if (buffer_.size() >= kBuffer) flush();
}

void OutputFile::flush() {
  if (!failed() && !file_.write(buffer_)) error_ = errno;
  buffer_.clear();
}

bool OutputFile::finish() {
  flush();
  errno = error_;
  return !failed() && file_.close();
}

}  // namespace llmo::convert
