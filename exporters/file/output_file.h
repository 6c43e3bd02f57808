// A file that is there whole or not at all: written under another name and then put in its place. It is its
// owner's alone (0600), as what is in traces is nobody else's business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace llmo::file {

class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // takes away what was begun and not closed

  // `path`: `-` is standard output; what is there and no plain file (a pipe, /dev/null) is written to
  // directly. All of these return false with errno set on failure.
  bool open(const std::string& path);
  bool write(std::string_view text);
  bool close();

  std::uint64_t size() const { return size_; }

 private:
  int fd_ = -1;
  std::string path_;
  std::string temporary_;  // empty: written directly
  std::uint64_t size_ = 0;
};

}  // namespace llmo::file
