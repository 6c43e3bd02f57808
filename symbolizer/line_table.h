// Source files by address, from .debug_line of a program, library or debug file.
//
// Programs are run one after the other until one covers the address; what they cover is remembered, so the
// next question is a binary search. The program found is decoded into file ranges; those of the latest
// programs are kept, as questions often go to one compilation unit in a row. Compressed sections
// (SHF_COMPRESSED, .zdebug_line) are not read: then there is no answer. Split DWARF keeps .debug_line in the
// program and works.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbolizer/elf_image.h"
#include "symbolizer/line_program.h"

namespace llmo::symbolizer {

// Not owned: the image must outlive it (moving the image is fine). Threads: one at a time.
class LineTable {
 public:
  // What is kept of decoded programs: the latest ones, as long as they fit; the very latest in any case.
  static constexpr std::size_t kMaxDecoded = 64;
  static constexpr std::size_t kMaxDecodedBytes = 4 << 20;

  explicit LineTable(const ElfImage& image);

  // No line information that can be read.
  bool empty() const { return sections_.line.empty(); }

  // The path of the source file, as stored; relative ones are relative to the directory of the compilation.
  std::optional<std::string> find(std::uint64_t address);

  // How often a program was decoded so far, which is where the time goes.
  std::uint64_t decode_count() const { return decode_count_; }

 private:
  struct Decoded {
    std::uint64_t program;
    LineFiles files;
    std::vector<FileRange> ranges;

    const FileRange* find(std::uint64_t address) const;
    std::size_t size_bytes() const { return files.size_bytes() + ranges.capacity() * sizeof(FileRange); }
  };

  std::optional<std::uint64_t> known_program(std::uint64_t address) const;
  std::optional<std::uint64_t> seek_program(std::uint64_t address);
  const Decoded* decoded(std::uint64_t program, std::uint64_t address);
  void decode(std::uint64_t offset, std::uint64_t address);
  void drop_old();

  LineSections sections_;
  std::uint64_t lowest_code_ = 0;
  std::uint64_t next_program_ = 0;
  std::vector<LineSequence> sequences_;  // sorted by `low`
  std::vector<Decoded> decoded_;         // the latest first
  std::uint64_t decode_count_ = 0;
};

}  // namespace llmo::symbolizer
