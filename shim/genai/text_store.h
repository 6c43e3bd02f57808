// A few short texts under small numbers, packed into one piece of memory.
//
// Facts of a body have room for dozens of texts, of which a call has three or four. So they share one buffer:
// a small one inside the object, and one from the heap where that does not suffice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace llmo::genai {

// Slots are numbers below kSlots. A slot holds one text, or a list of them. What does not fit, be it because
// there is no memory, is left out. Nothing throws. Threads: one at a time.
class TextStore {
 public:
  static constexpr std::size_t kSlots = 64;
  static constexpr std::size_t kMaxText = 512;
  static constexpr std::size_t kMaxBytes = 12 * 1024;

  TextStore() = default;
  TextStore(const TextStore& other) { *this = other; }
  TextStore& operator=(const TextStore& other);
  ~TextStore() = default;

  void clear();
  // The slot's one text, cut at a UTF-8 character to `limit` bytes (at most kMaxText). An empty one removes
  // it.
  void set(std::size_t slot, std::string_view text, std::size_t limit);
  // One text more in the slot's list; empty ones are left out.
  void add(std::size_t slot, std::string_view text, std::size_t limit);
  void remove(std::size_t slot);
  bool has(std::size_t slot) const { return (present_ & bit(slot)) != 0; }
  // The slot's first text, empty where it has none. Valid until the store is changed.
  std::string_view get(std::size_t slot) const;
  // Calls visit(text) for each text of the slot, in the order of add().
  template <typename Visit>
  void each(std::size_t slot, Visit visit) const {
    if (!has(slot)) return;
    for (std::size_t at = 0; at < size_; at = next(at)) {
      if (slot_at(at) == slot) visit(text_at(at));
    }
  }
  std::size_t count(std::size_t slot) const;

 private:
  // An entry is its slot, the length of its text in two bytes, and the text.
  static constexpr std::size_t kHeader = 3;
  static constexpr std::size_t kInlineBytes = 208;

  static constexpr std::uint64_t bit(std::size_t slot) { return std::uint64_t{1} << slot; }
  const char* bytes() const { return heap_ != nullptr ? heap_.get() : inline_; }
  char* bytes() { return heap_ != nullptr ? heap_.get() : inline_; }
  std::size_t slot_at(std::size_t at) const { return static_cast<unsigned char>(bytes()[at]); }
  std::string_view text_at(std::size_t at) const;
  std::size_t next(std::size_t at) const { return at + kHeader + text_at(at).size(); }
  std::size_t find(std::size_t slot) const;
  bool reserve(std::size_t size);

  std::uint64_t present_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = kInlineBytes;
  std::unique_ptr<char[]> heap_;
  char inline_[kInlineBytes];
};

}  // namespace llmo::genai
