// An ELF file, mapped read-only, whose every offset is checked before it is used.
//
// Only what x86-64 Linux runs is taken: 64 bit, little endian. A file that is damaged gives less, never a
// fault: what lies outside the file is as if it were not there. (A file that somebody shortens in place while
// it is mapped raises SIGBUS, as the loader's own mapping of it would.)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "symbolizer/build_id.h"
#include "symbolizer/byte_reader.h"

namespace llmo::symbolizer {

struct Section {
  std::string_view name;  // a view of the image
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t link = 0;
};

// Movable, not copyable; views of it live as long as the mapping, which a move takes along.
// Threads: read by any number of them. Signals: open() makes system calls only and allocates nothing.
class ElfImage {
 public:
  // Nothing for what cannot be opened, is not a regular file, or is not such an ELF file.
  static std::optional<ElfImage> open(const char* path);

  ElfImage(ElfImage&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  ElfImage& operator=(ElfImage&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ElfImage(const ElfImage&) = delete;
  ElfImage& operator=(const ElfImage&) = delete;
  ~ElfImage();

  Bytes bytes() const { return bytes_; }

  std::uint64_t section_count() const;
  std::optional<Section> section(std::uint64_t index) const;
  std::optional<Section> find_section(std::string_view name) const;
  std::optional<Section> find_section(std::uint32_t type) const;

  // What the file holds for a section. Empty for one that has no bytes in this file (SHT_NOBITS), that is
  // compressed, or that does not lie inside the file.
  Bytes contents(const Section& section) const;
  Bytes contents(std::string_view name) const;

  // Empty where the file has none.
  BuildIdView build_id() const;

 private:
  explicit ElfImage(Bytes bytes) : bytes_(bytes) {}

  std::string_view section_name(std::uint32_t name_offset) const;

  Bytes bytes_;
};

}  // namespace llmo::symbolizer
