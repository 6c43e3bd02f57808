// What the shared attributes of spans come to in the format of a writer: most spans of a batch have one of a
// few lists, which then is written once and copied for the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporters/span/attribute_list.h"

namespace llmo {

// For as long as the lists live that it is asked for: for one batch.
class WrittenLists {
 public:
  // The bytes of `list`, which is not null: what `write` appends to the string that it gets with the list,
  // now or when it was asked for before. Holds until the next call.
  template <typename Write>
  std::string_view bytes_of(const AttributeList::Shared& list, Write write) {
    Written& written = written_[place_of(list.get())];
    if (written.list != list.get()) {
      written.list = list.get();
      written.bytes.clear();
      write(*list, written.bytes);
    }
    return written.bytes;
  }

 private:
  // Lists that fall to one place push each other out.
  static constexpr int kPlaceBits = 8;

  struct Written {
    const void* list = nullptr;
    std::string bytes;
  };

  static std::size_t place_of(const void* list) {
    constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;
    return reinterpret_cast<std::uintptr_t>(list) * kSpread >> (64 - kPlaceBits);
  }

  std::array<Written, std::size_t{1} << kPlaceBits> written_;
};

}  // namespace llmo
