// ELF files made by hand: what is found in a good one, and that a damaged one gives less but never a fault.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "symbolizer/debug_file.h"
#include "symbolizer/line_table.h"
#include "symbolizer/lines/source_lines.h"
#include "symbolizer/module_symbols.h"

using namespace std::string_literals;
using llmo::symbolizer::Bytes;
using llmo::symbolizer::crc32;
using llmo::symbolizer::ElfImage;
using llmo::symbolizer::LineProgram;
using llmo::symbolizer::LineTable;
using llmo::symbolizer::ModuleSymbols;
using llmo::symbolizer::SourceLines;
using llmo::symbolizer::SymbolTable;

namespace {

template <typename T>
std::string raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text.data(), text.size())); }

// Puts sections behind a file header and their table behind them.
class ElfBuilder {
 public:
  ElfBuilder() {
    add("", SHT_NULL, 0, {});
    add(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, std::string(0x200, '\x90'), kText);
  }

  void add(const std::string& name, std::uint32_t type, std::uint64_t flags, const std::string& content,
           std::uint64_t address = 0, std::uint32_t link = 0) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<Elf64_Word>(names_.size());
    header.sh_type = type;
    header.sh_flags = flags;
    header.sh_addr = address;
    header.sh_offset = sizeof(Elf64_Ehdr) + content_.size();
    header.sh_size = content.size();
    header.sh_link = link;
    headers_.push_back(header);
    names_ += name + '\0';
    content_ += content;
  }

  void symbol(const std::string& name, std::uint64_t address, std::uint64_t size,
              unsigned char binding = STB_GLOBAL, unsigned char type = STT_FUNC) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<Elf64_Word>(strings_.size());
    symbol.st_info = static_cast<unsigned char>(ELF64_ST_INFO(binding, type));
    symbol.st_shndx = 1;
    symbol.st_value = address;
    symbol.st_size = size;
    symbols_ += raw(symbol);
    strings_ += name + '\0';
  }

  void build_id(const std::string& id) {
    const Elf64_Nhdr note{4, static_cast<Elf64_Word>(id.size()), NT_GNU_BUILD_ID};
    add(".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, raw(note) + "GNU\0"s + id, 0x400);
  }

  void debug_link(const std::string& name, std::uint32_t crc) {
    std::string content = name + '\0';
    content.resize((content.size() + 3) / 4 * 4);
    add(".gnu_debuglink", SHT_PROGBITS, 0, content + raw(crc));
  }

  std::string finish(std::uint32_t symbol_section = SHT_SYMTAB) {
    const auto strings_index = static_cast<std::uint32_t>(headers_.size()) + 1;
    if (!symbols_.empty()) {
      add(".symtab", symbol_section, 0, std::string(sizeof(Elf64_Sym), '\0') + symbols_, 0, strings_index);
      add(".strtab", SHT_STRTAB, 0, strings_);
    }
    add(".shstrtab", SHT_STRTAB, 0, names_ + ".shstrtab\0"s);
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_DYN;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shoff = sizeof header + content_.size();
    header.e_shnum = static_cast<Elf64_Half>(headers_.size());
    header.e_shstrndx = static_cast<Elf64_Half>(headers_.size() - 1);
    std::string file = raw(header) + content_;
    for (const Elf64_Shdr& section : headers_) file += raw(section);
    return file;
  }

  static constexpr std::uint64_t kText = 0x1000;

 private:
  std::vector<Elf64_Shdr> headers_;
  std::string content_;
  std::string names_;
  std::string symbols_;
  std::string strings_ = "\0"s;  // offset 0 of the string table means no name
};

// Rows at `start` (file 1, which is the compiled one) and `start` + 0x40 (file 2), up to `start` + 0x80.
std::string line_code(std::uint64_t start = ElfBuilder::kText) {
  return "\0\x09\x02"s + raw(start) + "\x01"s  // set address, row
         + "\x04\x02\x02\x40\x01"s             // file 2, 0x40 on, row
         + "\x02\x40"s + "\0\x01\x01"s;        // 0x40 on, end of sequence
}

std::string line_program(std::uint16_t version, const std::string& tables, bool wide,
                         const std::string& code = line_code()) {
  const std::string lengths("\0\1\1\1\1\0\0\0\1\0\0\1", 12);
  const auto number = [wide](std::uint64_t value) {
    return wide ? raw(value) : raw(static_cast<std::uint32_t>(value));
  };
  std::string after = "\1"s;                      // smallest instruction
  if (version >= 4) after += "\1";                // operations in one
  after += "\1\xfb\x0e\x0d"s + lengths + tables;  // statements, line base, line range, first special opcode
  std::string header = raw(version);
  if (version == 5) header += "\x08\0"s;
  const std::string unit = header + number(after.size()) + after + code;
  return (wide ? raw(std::uint32_t{0xffffffff}) : ""s) + number(unit.size()) + unit;
}

std::string old_tables() { return "src/tools\0\0agent.cpp\0\0\0\0planner.h\0\1\0\0\0"s; }

std::string new_tables() {
  return "\1\1\x08\2/build\0src/tools\0"s +                           // directories: strings
         "\2\1\x08\2\x0b\3agent.cpp\0\0agent.cpp\0\0planner.h\0\1"s;  // files: strings and directory numbers
}

std::string good_file(const std::string& lines) {
  ElfBuilder builder;
  builder.build_id("0123456789abcdefghij");
  builder.add(".debug_line", SHT_PROGBITS, 0, lines);
  builder.symbol("agent.c", 0, 0, STB_LOCAL, STT_FILE);
  builder.symbol("_ZL11local_agentv", ElfBuilder::kText + 0x100, 0x10, STB_LOCAL);
  builder.symbol("_ZN4acme9run_agentEv", ElfBuilder::kText, 0x40);
  builder.symbol("unsized@@V1", ElfBuilder::kText + 0x40, 0);
  return builder.finish();
}

// A file in a directory that goes away with it.
class TempDirectory {
 public:
  TempDirectory() { path_ = mkdtemp(pattern_); }
  ~TempDirectory() {
    for (const std::string& file : files_) unlink(file.c_str());
    rmdir(pattern_);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  std::string write(const std::string& name, const std::string& content) {
    const std::string path = path_ + "/" + name;
    const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
    close(fd);
    files_.push_back(path);
    return path;
  }

 private:
  char pattern_[32] = "/tmp/llmo-elf-XXXXXX";
  std::string path_;
  std::vector<std::string> files_;
};

// A file in memory whose content changes thousands of times.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("elf", MFD_CLOEXEC)) {}
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string write(const std::string& content) const {
    REQUIRE(ftruncate(fd_, static_cast<off_t>(content.size())) == 0);
    REQUIRE(pwrite(fd_, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()));
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  int fd_;
};

std::string name_at(ModuleSymbols& symbols, std::uint64_t address) {
  const auto found = symbols.find(address);
  return found ? found->name.qualified : "";
}

// Everything that can be asked of a file.
void ask_everything(const std::string& path) {
  auto symbols = ModuleSymbols::open(path, {});
  if (!symbols) return;
  for (const std::uint64_t address : {0x0ULL, 0x1000ULL, 0x1044ULL, 0x1108ULL, ~0ULL}) {
    symbols->find(address);
    symbols->source_file(address);
  }
}

}  // namespace

TEST_CASE("a function is found at its first, its last and no other byte", "[symbolizer][symbol_table]") {
  TempDirectory directory;
  auto symbols = ModuleSymbols::open(directory.write("good", good_file("")), {});
  REQUIRE(symbols);
  CHECK(name_at(*symbols, 0x0fff).empty());
  CHECK(name_at(*symbols, 0x1000) == "acme::run_agent");
  CHECK(name_at(*symbols, 0x103f) == "acme::run_agent");
  CHECK(name_at(*symbols, 0x1040) == "unsized");
  CHECK(name_at(*symbols, 0x10ff) == "unsized");
  CHECK(name_at(*symbols, 0x1100) == "local_agent");
  CHECK(name_at(*symbols, 0x1200).empty());
  CHECK(symbols->source_file(0x1100) == "agent.c");
  CHECK_FALSE(symbols->source_file(0x1000));
}

TEST_CASE("of symbols with one address the best is taken, in whatever order they stand",
          "[symbolizer][symbol_table]") {
  struct Alias {
    const char* name;
    std::uint64_t size;
    unsigned char binding;
  };
  std::vector<Alias> aliases = {{"aaa_unsized", 0, STB_GLOBAL},
                                {"__printf", 8, STB_GLOBAL},
                                {"printf", 8, STB_GLOBAL},
                                {"local_printf", 8, STB_LOCAL},
                                {"weak_printf", 8, STB_WEAK}};
  for (std::size_t turn = 0; turn < aliases.size(); ++turn) {
    ElfBuilder builder;
    for (const Alias& alias : aliases)
      builder.symbol(alias.name, ElfBuilder::kText, alias.size, alias.binding);
    TempDirectory directory;
    auto symbols = ModuleSymbols::open(directory.write("aliases", builder.finish()), {});
    REQUIRE(symbols);
    CHECK(name_at(*symbols, ElfBuilder::kText) == "printf");
    std::rotate(aliases.begin(), aliases.begin() + 1, aliases.end());
  }
}

TEST_CASE("the source file is found in every version and width of DWARF", "[symbolizer][line_table]") {
  for (std::uint16_t version = 2; version <= 5; ++version) {
    for (const bool wide : {false, true}) {
      CAPTURE(version, wide);
      const std::string program = line_program(version, version == 5 ? new_tables() : old_tables(), wide);
      // A unit of another kind before it has to be stepped over.
      const std::string before = raw(std::uint32_t{4}) + raw(std::uint32_t{99});
      TempDirectory directory;
      auto symbols = ModuleSymbols::open(directory.write("lines", good_file(before + program)), {});
      REQUIRE(symbols);
      for (int round = 0; round < 2; ++round) {  // the second one finds what the first one has kept
        CHECK(symbols->source_file(0x1000) == "agent.cpp");
        CHECK(symbols->source_file(0x1041) == "src/tools/planner.h");
        CHECK_FALSE(symbols->source_file(0x1080));
      }
    }
  }
}

TEST_CASE("a unit's line program is decoded once, however many of its functions are asked for",
          "[symbolizer][line_table]") {
  // One row for each byte, in two files by turns.
  std::string code = "\0\x09\x02"s + raw(ElfBuilder::kText);
  for (int row = 0; row < 0x200; ++row) code += "\x04"s + (row % 2 == 0 ? '\1' : '\2') + "\x01\x02\x01"s;
  code += "\0\1\1"s;
  const std::string program = line_program(4, old_tables(), false, code);
  TempDirectory directory;
  const auto image = ElfImage::open(directory.write("lines", good_file(program)).c_str());
  REQUIRE(image);
  LineTable lines(*image);
  for (std::uint64_t offset = 0; offset < 0x200; ++offset) {
    CHECK(lines.find(ElfBuilder::kText + offset) == (offset % 2 == 0 ? "agent.cpp" : "src/tools/planner.h"));
  }
  CHECK_FALSE(lines.find(ElfBuilder::kText + 0x200));
  CHECK(lines.decode_count() == 1);
}

TEST_CASE("programs that are decoded no longer are decoded again when asked for",
          "[symbolizer][line_table]") {
  constexpr std::uint64_t kPrograms = LineTable::kMaxDecoded + 2;
  std::string programs;
  for (std::uint64_t unit = 0; unit < kPrograms; ++unit) {
    programs += line_program(5, new_tables(), false, line_code(ElfBuilder::kText + 0x80 * unit));
  }
  TempDirectory directory;
  const auto image = ElfImage::open(directory.write("lines", good_file(programs)).c_str());
  REQUIRE(image);
  LineTable lines(*image);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t unit = 0; unit < kPrograms; ++unit) {
      CAPTURE(round, unit);
      CHECK(lines.find(ElfBuilder::kText + 0x80 * unit) == "agent.cpp");
      CHECK(lines.find(ElfBuilder::kText + 0x80 * unit + 0x7f) == "src/tools/planner.h");
    }
  }
  CHECK(lines.decode_count() == 2 * kPrograms);
}

TEST_CASE("an address is found in a program of more ranges than are kept", "[symbolizer][line_table]") {
  constexpr std::uint64_t kRows = LineProgram::kMaxRanges + 100;
  std::string code = "\0\x09\x02"s + raw(ElfBuilder::kText);
  for (std::uint64_t row = 0; row < kRows; ++row) {
    code += "\x04"s + (row % 2 == 0 ? '\1' : '\2') + "\x01\x02\x01"s;
  }
  code += "\0\1\1"s;
  TempDirectory directory;
  const auto image =
      ElfImage::open(directory.write("lines", good_file(line_program(4, old_tables(), false, code))).c_str());
  REQUIRE(image);
  LineTable lines(*image);
  for (const std::uint64_t row : {std::uint64_t{0}, std::uint64_t{1}, kRows - 2, kRows - 1}) {
    CHECK(lines.find(ElfBuilder::kText + row) == (row % 2 == 0 ? "agent.cpp" : "src/tools/planner.h"));
  }
}

TEST_CASE("of several rows at a function's first address the one of the compiled file counts",
          "[symbolizer][line_table]") {
  const auto source_with = [](const std::string& code) {
    TempDirectory directory;
    const auto image = ElfImage::open(
        directory.write("lines", good_file(line_program(5, new_tables(), false, code))).c_str());
    REQUIRE(image);
    LineTable lines(*image);
    return lines.find(ElfBuilder::kText + 0x40).value_or("") + "|" +
           lines.find(ElfBuilder::kText + 0x41).value_or("");
  };
  const std::string start = "\0\x09\x02"s + raw(ElfBuilder::kText);
  const std::string here = "\0\x09\x02"s + raw(ElfBuilder::kText + 0x40);
  const std::string header = "\x04\x02\x01"s;
  const std::string compiled = "\x04\x01\x01"s;  // as number 1, which is the path of number 0
  const std::string on = "\x02\x40"s;
  const std::string end = "\0\1\1"s;
  // In the midst of a sequence; behind the address the last one counts.
  CHECK(source_with(start + header + on + header + compiled + header + on + end) ==
        "agent.cpp|src/tools/planner.h");
  // Where the sequence starts, the first one is the function's own.
  CHECK(source_with(here + header + compiled + on + end) == "src/tools/planner.h|agent.cpp");
  // The last row of the sequence before has no length and is none of this function's.
  CHECK(source_with(start + compiled + on + compiled + end + here + header + on + end) ==
        "src/tools/planner.h|src/tools/planner.h");
}

TEST_CASE("the debug file is found by debug link, and only when it belongs to the program",
          "[symbolizer][debug_file]") {
  CHECK(crc32(as_bytes("123456789")) == 0xcbf43926);
  const std::string program = line_program(4, old_tables(), false);
  const auto stripped = [](const std::string& id, std::uint32_t crc) {
    ElfBuilder builder;
    if (!id.empty()) builder.build_id(id);
    builder.debug_link("app.debug", crc);
    builder.symbol("exported", ElfBuilder::kText + 0x40, 0x10);
    return builder.finish(SHT_DYNSYM);
  };
  const std::string debug = good_file(program);
  TempDirectory directory;
  directory.write("app.debug", debug);
  const auto name_with = [&](const std::string& id, std::uint32_t crc) {
    auto symbols = ModuleSymbols::open(directory.write("app", stripped(id, crc)), {});
    REQUIRE(symbols);
    return name_at(*symbols, 0x1000) + "|" + name_at(*symbols, 0x1040) + "|" +
           symbols->source_file(0x1000).value_or("");
  };
  CHECK(name_with("0123456789abcdefghij", 0) == "acme::run_agent|unsized|agent.cpp");
  CHECK(name_with("", crc32(as_bytes(debug))) == "acme::run_agent|unsized|agent.cpp");
  CHECK(name_with("", 1) == "|exported|");
  CHECK(name_with("another_id_altogether", crc32(as_bytes(debug))) == "|exported|");
}

TEST_CASE("what is no ELF file for this machine is not opened", "[symbolizer][elf_image]") {
  TempDirectory directory;
  std::string narrow = good_file("");
  narrow[EI_CLASS] = ELFCLASS32;
  CHECK_FALSE(ElfImage::open(directory.write("narrow", narrow).c_str()));
  CHECK_FALSE(ElfImage::open(directory.write("empty", "").c_str()));
  CHECK_FALSE(ElfImage::open(directory.write("text", "#!/bin/sh\n").c_str()));
  CHECK_FALSE(ElfImage::open("/nonexistent"));
  CHECK_FALSE(ElfImage::open("/tmp"));
  CHECK_FALSE(ElfImage::open("/dev/null"));
  CHECK_FALSE(ElfImage::open(""));
}

TEST_CASE("a file cut at any byte never does harm", "[symbolizer][elf_image]") {
  const std::string good =
      good_file(line_program(5, new_tables(), false) + line_program(4, old_tables(), true));
  const MemoryFile file;
  for (std::size_t size = 0; size < good.size(); size += size < 64 ? 1 : 3) {
    ask_everything(file.write(good.substr(0, size)));
  }
}

TEST_CASE("a file with any byte changed never does harm", "[symbolizer][elf_image]") {
  const std::string good =
      good_file(line_program(5, new_tables(), false) + line_program(4, old_tables(), true));
  const MemoryFile file;
  for (std::size_t index = 0; index < good.size(); ++index) {
    if (index >= 0x40 && index < 0x240) continue;  // the code, which nobody reads
    for (const char value : {'\0', '\x01', '\x7f', '\x80', '\xff'}) {
      std::string changed = good;
      changed[index] = value;
      ask_everything(file.write(changed));
    }
  }
}

TEST_CASE("an ELF file without debug information has no lines", "[symbolizer][source_lines]") {
  TempDirectory directory;
  SourceLines lines;
  CHECK_FALSE(lines.find(directory.write("plain", good_file("")), {}, 0x1000));
}
