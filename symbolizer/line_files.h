// The source files of one line number program, by number: its directory table and its file table.
//
// DWARF 5 standard, 6.2.4.1; version 4, 6.2.4 for those before. Kept are views of the paths, no copies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbolizer/byte_reader.h"

namespace llmo::symbolizer {

struct LineSections {
  Bytes line;          // .debug_line
  Bytes line_strings;  // .debug_line_str
  Bytes strings;       // .debug_str
};

// Where the two tables stand in .debug_line, and how their program writes them.
struct LineTablesPlace {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint16_t version = 0;
  std::size_t offset_size = 4;
};

// Not owned: the sections must outlive it. Threads: one at a time.
class LineFiles {
 public:
  // More files or directories than this have no path, nor has one with longer parts: a damaged file must not
  // cost more than it is worth.
  static constexpr std::size_t kMaxEntries = 1 << 16;
  static constexpr std::size_t kMaxText = 4096;

  LineFiles(const LineSections& sections, const LineTablesPlace& place);

  // As stored, behind its directory unless that is the one of the compilation.
  std::optional<std::string> path(std::uint64_t file) const;

  // The file the compiler was asked to compile, not one that this file includes.
  bool is_compiled_file(std::uint64_t file) const { return file < files_.size() && files_[file].compiled; }

  // Memory that it holds.
  std::size_t size_bytes() const {
    return directories_.capacity() * sizeof(Entry) + files_.capacity() * sizeof(Entry);
  }

 private:
  struct Entry {
    std::string_view path;
    std::uint32_t directory = 0;
    bool compiled = false;
  };

  // What an entry of a version 5 table consists of.
  struct EntryFormat {
    static constexpr std::size_t kMaxFields = 16;
    struct Field {
      std::uint64_t content;
      std::uint64_t form;
    };
    std::array<Field, kMaxFields> fields;
    std::size_t count = 0;
  };

  void read_old_tables(ByteReader& tables);
  std::vector<Entry> read_table(ByteReader& tables) const;
  static EntryFormat read_format(ByteReader& tables);
  Entry read_entry(ByteReader& tables, const EntryFormat& format) const;
  std::string_view read_text(ByteReader& tables, std::uint64_t form) const;
  std::uint64_t read_number(ByteReader& tables, std::uint64_t form) const;
  void mark_compiled_file();

  LineSections sections_;
  std::size_t offset_size_;
  std::vector<Entry> directories_;
  std::vector<Entry> files_;
};

}  // namespace llmo::symbolizer
