// Bytes one after the other, wherever they come from: a file, a pipe, what is packed in either.
//
// A file may be growing while it is read: the end is where there is nothing more now, and reading can be
// tried again later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace llmo::input {

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  // Puts at most to.size() bytes into `to` and returns how many; 0: there is nothing more now, or problem()
  // says why there never will be.
  virtual std::size_t read(std::span<char> to) = 0;

  // What keeps the bytes behind those that were read from being read, worded to follow a file's name and a
  // colon; empty where nothing does.
  virtual std::string problem() const = 0;
};

// From the byte `offset` of a file on. Null, with errno, where `path` cannot be opened; `-` is standard
// input.
std::unique_ptr<ByteSource> open_bytes(const std::string& path, std::uint64_t offset = 0);

}  // namespace llmo::input
