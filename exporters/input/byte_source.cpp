#include "exporters/input/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace llmo::input {
namespace {

class DescriptorBytes : public ByteSource {
 public:
  DescriptorBytes(int fd, bool owned) : fd_(fd), owned_(owned) {}
  ~DescriptorBytes() override {
    if (owned_) ::close(fd_);
  }

  std::size_t read(std::span<char> to) override {
    ssize_t got = -1;
    do {
      got = ::read(fd_, to.data(), to.size());
    } while (got < 0 && errno == EINTR);
    error_ = got < 0 ? errno : 0;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  std::string problem() const override { return error_ == 0 ? std::string() : std::strerror(error_); }

 private:
  int fd_;
  bool owned_;
  int error_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::string& path, std::uint64_t offset) {
  if (path == "-") return std::make_unique<DescriptorBytes>(STDIN_FILENO, false);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  if (offset != 0) ::lseek(fd, static_cast<off_t>(offset), SEEK_SET);
  return std::make_unique<DescriptorBytes>(fd, true);
}

}  // namespace llmo::input
