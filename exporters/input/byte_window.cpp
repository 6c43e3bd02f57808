#include "exporters/input/byte_window.h"

#include <algorithm>
#include <cstring>

namespace llmo::input {
namespace {

constexpr std::size_t kFirstCapacity = 256 * 1024;

}  // namespace

bool ByteWindow::fill() {
  make_room();
  const std::size_t got = source_->read({data_.get() + end_, capacity_ - end_});
  end_ += got;
  return got != 0;
}

bool ByteWindow::want(std::size_t size) {
  while (end_ - begin_ < size) {
    if (!fill()) return false;
  }
  return true;
}

std::size_t ByteWindow::read(std::span<char> to) {
  if (begin_ == end_) return source_->read(to);
  const std::size_t size = std::min(to.size(), end_ - begin_);
  std::memcpy(to.data(), data(), size);
  consume(size);
  return size;
}

// What is left moves to the front; where that is half of the buffer, the buffer gets twice as large. So each
// byte is moved a few times at most, however long the things are that are looked at.
void ByteWindow::make_room() {
  const std::size_t left = end_ - begin_;
  if (capacity_ - end_ >= kFirstCapacity / 2) return;
  if (left >= capacity_ / 2) {
    capacity_ = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (left != 0) std::memcpy(larger.get(), data_.get() + begin_, left);
    data_ = std::move(larger);
  } else if (left != 0) {
    std::memmove(data_.get(), data_.get() + begin_, left);
  }
  moved_ += begin_;
  begin_ = 0;
  end_ = left;
}

}  // namespace llmo::input
