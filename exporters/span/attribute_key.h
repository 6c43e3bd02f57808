// The name of an attribute.
//
// A trace has few names and millions of attributes. So the text of a name is kept once, for as long as the
// process lives, and keys point to it: to copy or to compare them costs next to nothing. How many texts are
// kept is bounded; a name beyond that, from a file that somebody made up, has a text of its own that goes
// with its last key.
//
//   AttributeKey ─► "gen_ai.request.model" ◄─ AttributeKey
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace llmo {

// Any number of threads may make, copy and drop keys of one name. Made of a name without `explicit`, as a key
// is written as its name wherever one is wanted.
class AttributeKey {
 public:
  AttributeKey() noexcept : text_(&kEmpty) {}
  AttributeKey(std::string_view name);                                             // NOLINT(*-explicit-*)
  AttributeKey(const char* name) : AttributeKey(std::string_view(name)) {}         // NOLINT(*-explicit-*)
  AttributeKey(const std::string& name) : AttributeKey(std::string_view(name)) {}  // NOLINT(*-explicit-*)

  AttributeKey(const AttributeKey& other) noexcept : text_(other.text_) {
    if (!is_kept()) text_->keys.fetch_add(1, std::memory_order_relaxed);
  }
  AttributeKey(AttributeKey&& other) noexcept : text_(std::exchange(other.text_, &kEmpty)) {}
  AttributeKey& operator=(AttributeKey other) noexcept {
    std::swap(text_, other.text_);
    return *this;
  }
  ~AttributeKey() {
    if (!is_kept()) release();
  }

  // Holds for as long as there is a key of this name.
  std::string_view view() const noexcept { return {text_->characters(), text_->size}; }
  operator std::string_view() const noexcept { return view(); }  // NOLINT(*-explicit-*)
  std::string str() const { return std::string(view()); }
  // The same for equal keys; names that are alike may have one, too.
  std::size_t hash() const noexcept { return text_->hash; }
  bool empty() const noexcept { return text_->size == 0; }
  std::size_t size() const noexcept { return text_->size; }

  // Whether equal keys have the same text, so that is_at_one() tells all.
  bool is_kept() const noexcept { return text_->keys.load(std::memory_order_relaxed) == 0; }
  bool is_at_one(const AttributeKey& other) const noexcept { return text_ == other.text_; }

  friend bool operator==(const AttributeKey& a, const AttributeKey& b) noexcept {
    // A text that is kept is the only one of its name.
    return a.text_ == b.text_ || (!b.is_kept() && !a.is_kept() && a.view() == b.view());
  }
  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const AttributeKey& key, const Text& name) {
    return key.view() == std::string_view(name);
  }

 private:
  friend class KeyTable;

  // Its characters stand behind it.
  struct Text {
    std::atomic<std::uint32_t> keys;  // that point here; 0: not counted, as it is kept
    std::uint32_t size;
    std::size_t hash;

    const char* characters() const { return reinterpret_cast<const char*>(this + 1); }
  };

  void release() noexcept;

  static Text kEmpty;

  Text* text_;
};

}  // namespace llmo
