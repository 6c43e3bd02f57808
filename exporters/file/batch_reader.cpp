// A batch read back from the file that it is in: for a destination that could not take it when it went by.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exporters/file/trace_file.h"
#include "exporters/input/packed_bytes.h"

namespace llmo::file {
namespace {

// A few packed bytes can say anything. A batch is some thousand spans, whose texts are cut where they are
// recorded.
constexpr std::size_t kMostText = std::size_t{1} << 30;

class FileRange : public input::ByteSource {
 public:
  FileRange(const std::string& path, std::uint64_t offset, std::uint64_t length)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), at_(offset), left_(length) {}
  ~FileRange() override {
    if (fd_ >= 0) ::close(fd_);
  }

  std::size_t read(std::span<char> to) override {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left_));
    if (wanted == 0 || fd_ < 0) return 0;
    ssize_t got = -1;
    do {
      got = ::pread(fd_, to.data(), wanted, static_cast<off_t>(at_));
    } while (got < 0 && errno == EINTR);
    const std::size_t size = got > 0 ? static_cast<std::size_t>(got) : 0;
    at_ += size;
    left_ -= size;
    return size;
  }

  // Too short a file is one, too.
  std::string problem() const override { return left_ == 0 ? "" : "it is not as long as it was"; }

 private:
  int fd_;
  std::uint64_t at_;
  std::uint64_t left_;
};

// Returns false where the text is not whole.
bool read_all(input::ByteSource& source, std::string& text) {
  std::vector<char> piece(256 * 1024);
  while (const std::size_t size = source.read(piece)) {
    if (size > kMostText - text.size()) return false;
    text.append(piece.data(), size);
  }
  return source.problem().empty();
}

}  // namespace

bool read_batch(const std::string& path, std::uint64_t offset, std::uint64_t length,
                const SpanCallback& take) {
  const auto source = input::unpacked(std::make_unique<FileRange>(path, offset, length));
  std::string text;
  if (!read_all(*source, text) || !text.ends_with('\n')) return false;
  ReadCounts counts;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t newline = rest.find('\n');
    read_otlp_json_line(rest.substr(0, newline), take, counts);
    rest.remove_prefix(newline + 1);
  }
  return counts.damaged_lines == 0 && counts.damaged_spans == 0;
}

}  // namespace llmo::file
