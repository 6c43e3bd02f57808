#include "exporters/convert/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace llmo::convert {
namespace {

constexpr std::size_t kBuffer = 1024 * 1024;

}  // namespace

Spool::~Spool() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
  if (fd_ >= 0) ::close(fd_);
}

bool Spool::open(const std::string& directory) {
  fd_ = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd_ >= 0) return true;
  std::string name = directory + "/llmobserve.XXXXXX";
  fd_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd_ >= 0) ::unlink(name.c_str());
  return fd_ >= 0;
}

std::uint64_t Spool::append(std::string_view bytes) {
  const std::uint64_t offset = size_;
  size_ += bytes.size();
  buffer_ += bytes;
  if (buffer_.size() >= kBuffer) flush();
  return offset;
}

void Spool::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && error_ == 0) {
    const ssize_t put = ::write(fd_, rest.data(), rest.size());
    if (put < 0 && errno != EINTR) error_ = errno;
    if (put > 0) rest.remove_prefix(static_cast<std::size_t>(put));
  }
  buffer_.clear();
}

bool Spool::seal() {
  flush();
  errno = error_;
  if (error_ != 0) return false;
  if (size_ == 0) return true;
  void* const mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_, 0);
  if (mapped == MAP_FAILED) return false;
  data_ = static_cast<const char*>(mapped);
  return true;
}

}  // namespace llmo::convert
