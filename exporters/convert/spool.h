// Bytes that wait on disk for their place in the output to be known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace llmo::convert {

class Spool {
 public:
  Spool() = default;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  // In a file without a name (0600). Returns false with errno.
  bool open(const std::string& directory);

  // Returns where the bytes are. What cannot be written is remembered.
  std::uint64_t append(std::string_view bytes);

  // No append() after this. Returns false with errno where not all of it has been kept.
  bool seal();

  // After seal(); within what was appended.
  std::string_view at(std::uint64_t offset, std::size_t size) const { return {data_ + offset, size}; }

 private:
  void flush();

  int fd_ = -1;
  int error_ = 0;
  std::string buffer_;
  std::uint64_t size_ = 0;
  const char* data_ = nullptr;
};

}  // namespace llmo::convert
