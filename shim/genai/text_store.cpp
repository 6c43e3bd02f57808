#include "shim/genai/text_store.h"

#include <cstring>
#include <new>

#include "shim/platform/fixed_text.h"

namespace llmo::genai {

TextStore& TextStore::operator=(const TextStore& other) {
  if (this == &other) return *this;
  clear();
  if (!reserve(other.size_)) return *this;
  std::memcpy(bytes(), other.bytes(), other.size_);
  size_ = other.size_;
  present_ = other.present_;
  return *this;
}

void TextStore::clear() {
  present_ = 0;
  size_ = 0;
}

void TextStore::set(std::size_t slot, std::string_view text, std::size_t limit) {
  text = text.substr(0, platform::utf8_prefix(text, limit));
  if (has(slot)) {
    // In a stream every event says the same again.
    const std::size_t at = find(slot);
    const std::string_view before = text_at(at);
    if (before == text) return;
    if (before.size() == text.size()) {
      std::memcpy(bytes() + at + kHeader, text.data(), text.size());
      return;
    }
    remove(slot);
  }
  add(slot, text, limit);
}

void TextStore::add(std::size_t slot, std::string_view text, std::size_t limit) {
  text = text.substr(0, platform::utf8_prefix(text, limit < kMaxText ? limit : kMaxText));
  if (text.empty() || slot >= kSlots || !reserve(size_ + kHeader + text.size())) return;
  char* const entry = bytes() + size_;
  const auto length = static_cast<std::uint16_t>(text.size());
  entry[0] = static_cast<char>(slot);
  std::memcpy(entry + 1, &length, sizeof length);
  std::memcpy(entry + kHeader, text.data(), text.size());
  size_ += static_cast<std::uint32_t>(kHeader + text.size());
  present_ |= bit(slot);
}

void TextStore::remove(std::size_t slot) {
  if (!has(slot)) return;
  present_ &= ~bit(slot);
  for (std::size_t at = 0; at < size_;) {
    const std::size_t after = next(at);
    if (slot_at(at) != slot) {
      at = after;
      continue;
    }
    std::memmove(bytes() + at, bytes() + after, size_ - after);
    size_ -= static_cast<std::uint32_t>(after - at);
  }
}

std::string_view TextStore::get(std::size_t slot) const {
  return has(slot) ? text_at(find(slot)) : std::string_view{};
}

std::size_t TextStore::count(std::size_t slot) const {
  std::size_t found = 0;
  each(slot, [&found](std::string_view) { ++found; });
  return found;
}

std::string_view TextStore::text_at(std::size_t at) const {
  std::uint16_t length = 0;
  std::memcpy(&length, bytes() + at + 1, sizeof length);
  return {bytes() + at + kHeader, length};
}

// Only for a slot that is there.
std::size_t TextStore::find(std::size_t slot) const {
  std::size_t at = 0;
  while (at < size_ && slot_at(at) != slot) at = next(at);
  return at;
}

bool TextStore::reserve(std::size_t size) {
  if (size <= capacity_) return true;
  if (size > kMaxBytes) return false;
  const std::size_t bigger = size < 1024 ? 1024 : kMaxBytes;
  std::unique_ptr<char[]> block(new (std::nothrow) char[bigger]);
  if (block == nullptr) return false;
  std::memcpy(block.get(), bytes(), size_);
  heap_ = std::move(block);
  capacity_ = static_cast<std::uint32_t>(bigger);
  return true;
}

}  // namespace llmo::genai
