// One line number program of .debug_line: a compilation unit's addresses, and the source files they come
// from.
//
// DWARF 2 to 5, 32 and 64 bit (DWARF 5 standard, 6.2). Only files are of interest here, so lines and columns
// are passed over; a program is a byte code that makes rows of rising addresses, in one or more sequences.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbolizer/byte_reader.h"

namespace llmo::symbolizer {

struct LineSections {
  Bytes line;          // .debug_line
  Bytes line_strings;  // .debug_line_str
  Bytes strings;       // .debug_str
};

// Addresses that one sequence covers, and where its program starts in .debug_line.
struct LineSequence {
  std::uint64_t low;
  std::uint64_t high;  // one past the last
  std::uint64_t program;
};

// Not owned: the sections must outlive it. Threads: each its own.
class LineProgram {
 public:
  // The program at `offset` of .debug_line. Nothing where the bytes cannot be followed any further.
  static std::optional<LineProgram> read(const LineSections& sections, std::uint64_t offset);

  // Where the next one starts, whatever this one holds.
  std::uint64_t next() const { return end_; }

  // Runs the program: its sequences are appended to `sequences`. Returns the number of the file that the row
  // for `address` names, if there is one in a sequence that starts at `lowest` or above. (What the linker has
  // thrown away is left over as sequences near address 0.)
  std::optional<std::uint64_t> run(std::uint64_t address, std::uint64_t lowest,
                                   std::vector<LineSequence>& sequences) const;

  // The path of file number `file`: as stored, behind its directory unless that is the one of the
  // compilation.
  std::optional<std::string> file_path(std::uint64_t file) const;

 private:
  struct State;

  // What an entry of a DWARF 5 directory or file table consists of.
  struct EntryFormat {
    static constexpr std::size_t kMaxFields = 16;
    struct Field {
      std::uint64_t content;
      std::uint64_t form;
    };
    std::array<Field, kMaxFields> fields;
    std::size_t count = 0;
  };
  struct Entry {
    std::string_view path;
    std::uint64_t directory = 0;
  };

  explicit LineProgram(const LineSections& sections) : sections_(sections) {}

  bool read_header(std::uint64_t offset);
  bool is_primary(std::uint64_t file) const;
  void special(std::uint8_t opcode, State& state) const;
  void standard(std::uint8_t opcode, ByteReader& code, State& state) const;
  void extended(ByteReader& code, State& state) const;

  std::optional<Entry> file_entry(std::uint64_t file) const;
  std::string_view directory(std::uint64_t index) const;
  std::optional<Entry> file_entry_v5(std::uint64_t file) const;
  std::optional<Entry> table_entry_v5(ByteReader& tables, std::uint64_t wanted) const;
  std::optional<Entry> read_entry(ByteReader& tables, const EntryFormat& format) const;
  std::string_view read_text(ByteReader& tables, std::uint64_t form) const;
  std::uint64_t read_number(ByteReader& tables, std::uint64_t form) const;

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
