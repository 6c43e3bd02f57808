// The build id: a hash that the linker puts into a program or library, and that its debug file has too.
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "symbolizer/byte_reader.h"

namespace llmo::symbolizer {

using BuildId = std::vector<std::uint8_t>;
using BuildIdView = std::span<const std::uint8_t>;

// Longer ones are cut: the linkers write 8 to 32 bytes, --build-id=0x… any number.
inline constexpr std::size_t kMaxBuildIdSize = 64;

inline bool same_build_id(BuildIdView a, BuildIdView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// Finds the build id among notes that lie one after the other; empty where there is none. A view of `notes`.
//
// Names and descriptions are padded to four bytes; notes that are padded to eight (x86 properties) lie in a
// segment of their own, and a build id that follows them in one section is still found, as they are a
// multiple of eight in size themselves. Source: System V ABI, chapter 5, note section.
inline BuildIdView find_build_id(Bytes notes) {
  ByteReader reader(notes);
  while (!reader.at_end()) {
    const std::uint32_t name_size = reader.u32();
    const std::uint32_t description_size = reader.u32();
    const std::uint32_t type = reader.u32();
    const std::uint64_t name_at = reader.position();
    const std::uint64_t description_at = name_at + ((std::uint64_t{name_size} + 3) & ~std::uint64_t{3});
    if (!reader.ok()) break;
    const Bytes name = slice(notes, name_at, name_size);
    const Bytes description = slice(notes, description_at, description_size);
    if (type == NT_GNU_BUILD_ID && name.size() == 4 && std::memcmp(name.data(), "GNU", 4) == 0) {
      const auto* const first = reinterpret_cast<const std::uint8_t*>(description.data());
      return {first, std::min(description.size(), kMaxBuildIdSize)};
    }
    reader.skip(description_at - name_at + ((std::uint64_t{description_size} + 3) & ~std::uint64_t{3}));
  }
  return {};
}

}  // namespace llmo::symbolizer
