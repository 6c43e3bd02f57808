// One line number program of .debug_line: a compilation unit's addresses, and the source files they come
// from.
//
// DWARF 2 to 5, 32 and 64 bit (DWARF 5 standard, 6.2). Only files are of interest here, so lines and columns
// are passed over; a program is a byte code that makes rows of rising addresses, in one or more sequences.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "symbolizer/byte_reader.h"
#include "symbolizer/line_files.h"

namespace llmo::symbolizer {

// Addresses that one sequence covers, and where its program starts in .debug_line.
struct LineSequence {
  std::uint64_t low;
  std::uint64_t high;  // one past the last
  std::uint64_t program;
};

// Addresses that come from one file. Narrow, as there may be many: more than 4 GiB are cut off.
struct FileRange {
  std::uint64_t low;
  std::uint32_t size_bytes;
  std::uint32_t file;

  bool covers(std::uint64_t address) const { return address >= low && address - low < size_bytes; }
};

// Not owned: the sections must outlive it. Threads: each its own.
class LineProgram {
 public:
  // file_ranges() gives no more than this.
  static constexpr std::size_t kMaxRanges = 1 << 18;

  // The program at `offset` of .debug_line. Nothing where the bytes cannot be followed any further.
  static std::optional<LineProgram> read(const LineSections& sections, std::uint64_t offset);

  // Where the next one starts, whatever this one holds.
  std::uint64_t next() const { return end_; }

  // Runs the program and appends its sequences, those that start at `lowest` or above. (What the linker has
  // thrown away is left over as sequences near address 0.)
  void find_sequences(std::uint64_t lowest, std::vector<LineSequence>& sequences) const;

  // The directory and file tables, which hold what the file of a range is called.
  LineFiles files() const;

  // Runs the program: the file of every address in such sequences, sorted by `low`. Where there are more
  // ranges than fit, the one for `wanted` is among those that are kept.
  std::vector<FileRange> file_ranges(const LineFiles& files, std::uint64_t lowest,
                                     std::uint64_t wanted) const;

 private:
  // Takes the rows as they come. `address` of an end is one past the sequence.
  class Rows {
   public:
    virtual void row(std::uint64_t address, std::uint64_t file) = 0;
    virtual void end_sequence(std::uint64_t address) = 0;

   protected:
    ~Rows() = default;
  };
  class SequenceRows;
  class RangeRows;
  struct Registers;

  explicit LineProgram(const LineSections& sections) : sections_(sections) {}

  bool read_header(std::uint64_t offset);
  void run(Rows& rows) const;
  void special(std::uint8_t opcode, Registers& registers, Rows& rows) const;
  void standard(std::uint8_t opcode, ByteReader& code, Registers& registers, Rows& rows) const;
  static void extended(ByteReader& code, Registers& registers, Rows& rows);

  LineSections sections_;
  std::uint64_t start_ = 0;   // of the header
  std::uint64_t tables_ = 0;  // of the directory and file tables
  std::uint64_t code_ = 0;    // of the byte code
  std::uint64_t end_ = 0;
  std::size_t offset_size_ = 4;
  std::uint16_t version_ = 0;
  std::uint8_t instruction_size_ = 1;
  std::uint8_t line_range_ = 1;
  std::uint8_t opcode_base_ = 1;
  std::uint64_t opcode_lengths_ = 0;  // where the operand counts of the standard opcodes stand
};

}  // namespace llmo::symbolizer
