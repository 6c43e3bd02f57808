// The next bytes of a source, as a view: for readers that look ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "exporters/input/byte_source.h"

namespace llmo::input {

class ByteWindow {
 public:
  explicit ByteWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // What is there without reading. Ends with the next fill(), want() or consume().
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  // The same, for a parser that writes into what it has read.
  char* data() { return data_.get() + begin_; }

  // Reads on behind what is there. False where nothing more came.
  bool fill();
  // Reads until `size` bytes are there. False where fewer come.
  bool want(std::size_t size);
  void consume(std::size_t size) { begin_ += size; }

  // Takes what is there, and what the source gives where nothing is. As ByteSource::read().
  std::size_t read(std::span<char> to);

  // Bytes that have been consumed, in all.
  std::uint64_t position() const { return moved_ + begin_; }

  std::string problem() const { return source_->problem(); }

 private:
  void make_room();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t moved_ = 0;  // bytes that stood before data_[0]
};

}  // namespace llmo::input
