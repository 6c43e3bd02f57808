#include "exporters/span/attribute_key.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "exporters/span/ids.h"

namespace llmo {

// The texts that are kept: a hash table that only grows, so that it takes no lock. A name that finds all
// places near its own taken is not kept, and never will be.
class KeyTable {
 public:
  using Text = AttributeKey::Text;

  // By its ends: names differ there, or in their size. Those that do not share places, and nothing worse.
  static std::size_t hash_of(std::string_view name) {
    const std::size_t size = std::min(name.size(), sizeof(std::uint64_t));
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::memcpy(&begin, name.data(), size);
    std::memcpy(&end, name.data() + name.size() - size, size);
    return mix_bits(begin ^ mix_bits(end + name.size()));
  }

  // Null where the name is not kept.
  static Text* find_or_add(std::string_view name, std::size_t hash) {
    if (name.size() > kLongestKept) return nullptr;
    for (std::size_t step = 0; step < kSteps; ++step) {
      std::atomic<Text*>& place = places_[(hash + step) % places_.size()];
      // Acquire: the characters are seen with the pointer.
      Text* text = place.load(std::memory_order_acquire);
      if (text == nullptr) text = add(place, name, hash);
      if (view_of(text) == name) return text;
    }
    return nullptr;
  }

  static Text* make(std::string_view name, std::size_t hash, std::uint32_t keys) {
    void* const memory = ::operator new(sizeof(Text) + name.size());
    auto* const text = new (memory) Text{keys, static_cast<std::uint32_t>(name.size()), hash};
    std::memcpy(static_cast<char*>(memory) + sizeof(Text), name.data(), name.size());
    return text;
  }
  static void drop(Text* text) {
    text->~Text();
    ::operator delete(text);
  }

 private:
  static constexpr std::size_t kLongestKept = 256;
  static constexpr std::size_t kPlaces = 8192;
  static constexpr std::size_t kSteps = 16;

  static std::string_view view_of(const Text* text) { return {text->characters(), text->size}; }

  // What stands at the place now: another thread may have been quicker, with another name.
  static Text* add(std::atomic<Text*>& place, std::string_view name, std::size_t hash) {
    Text* const made = make(name, hash, 0);
    Text* found = nullptr;
    if (place.compare_exchange_strong(found, made, std::memory_order_acq_rel)) return made;
    drop(made);
    return found;
  }

  inline static std::array<std::atomic<Text*>, kPlaces> places_{};
};

constinit AttributeKey::Text AttributeKey::kEmpty{0, 0, 0};

AttributeKey::AttributeKey(std::string_view name) : text_(&kEmpty) {
  if (name.empty()) return;
  const std::size_t hash = KeyTable::hash_of(name);
  text_ = KeyTable::find_or_add(name, hash);
  if (text_ == nullptr) text_ = KeyTable::make(name, hash, 1);
}

void AttributeKey::release() noexcept {
  if (text_->keys.fetch_sub(1, std::memory_order_acq_rel) == 1) KeyTable::drop(text_);
}

}  // namespace llmo
