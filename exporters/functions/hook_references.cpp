#include "exporters/functions/hook_references.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace llmo::functions {
namespace {

using symbolizer::ByteReader;
using symbolizer::Bytes;
using symbolizer::ElfImage;
using symbolizer::Section;

constexpr std::string_view kEnter = "__cyg_profile_func_enter";
constexpr std::string_view kExit = "__cyg_profile_func_exit";

// A table of fixed-size entries in a file that nobody has checked.
template <typename Entry>
class Table {
 public:
  explicit Table(Bytes bytes) : bytes_(bytes) {}
  std::uint64_t size() const { return bytes_.size() / sizeof(Entry); }
  Entry operator[](std::uint64_t index) const {
    Entry entry{};
    if (index < size()) std::memcpy(&entry, bytes_.data() + index * sizeof entry, sizeof entry);
    return entry;
  }

 private:
  Bytes bytes_;
};

struct Symbols {
  Table<Elf64_Sym> entries;
  Bytes names;

  Symbols(const ElfImage& image, const Section& section)
      : entries(image.contents(section)),
        names(image.contents(image.section(section.link).value_or(Section{}))) {}
  std::string_view name(const Elf64_Sym& symbol) const { return ByteReader(names, symbol.st_name).text(); }
};

template <typename Visit>
void for_each_section(const ElfImage& image, Visit&& visit) {
  const std::uint64_t count = image.section_count();
  for (std::uint64_t index = 1; index < count; ++index) {
    const auto section = image.section(index);
    if (!section) return;
    visit(*section);
  }
}

void read_symbols(const Symbols& symbols, HookReferences& found) {
  for (std::uint64_t index = 1; index < symbols.entries.size(); ++index) {
    const Elf64_Sym symbol = symbols.entries[index];
    const std::string_view name = symbols.name(symbol);
    // A symbol table that is not stripped writes imports as `name@VERSION`.
    const bool enter = name.substr(0, name.find('@')) == kEnter;
    const bool defined = symbol.st_shndx != SHN_UNDEF;
    if (enter && defined) {
      found.defines_enter = true;
      found.targets.push_back(symbol.st_value);
    } else if (enter) {
      found.imports_enter = true;
    } else if (!defined && name.substr(0, name.find('@')) == kExit) {
      found.imports_exit = true;
    }
  }
}

// Words of tables of pointers only: data that is relocated is no business of code.
struct PointerTables {
  std::vector<Section> sections;

  explicit PointerTables(const ElfImage& image) {
    for_each_section(image, [&](const Section& section) {
      if (section.name == ".got" || section.name == ".got.plt") sections.push_back(section);
    });
  }
  bool hold(std::uint64_t address) const {
    return std::any_of(sections.begin(), sections.end(), [&](const Section& section) {
      return address >= section.address && address - section.address < section.size;
    });
  }
};

void read_relocation(const Elf64_Rela& entry, const Symbols& symbols, const PointerTables& tables,
                     HookReferences& found) {
  const auto type = ELF64_R_TYPE(entry.r_info);
  if (type == R_X86_64_RELATIVE) {
    if (tables.hold(entry.r_offset)) {
      found.pointers.emplace_back(entry.r_offset, static_cast<std::uint64_t>(entry.r_addend));
    }
    return;
  }
  if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64) return;
  const Elf64_Sym symbol = symbols.entries[ELF64_R_SYM(entry.r_info)];
  if (symbols.name(symbol) == kEnter) {
    found.slots.push_back(entry.r_offset);
  } else if (symbol.st_shndx != SHN_UNDEF && tables.hold(entry.r_offset)) {
    found.pointers.emplace_back(entry.r_offset, symbol.st_value);
  }
}

void read_relocations(const ElfImage& image, const Section& section, const PointerTables& tables,
                      HookReferences& found) {
  const Symbols symbols(image, image.section(section.link).value_or(Section{}));
  const Table<Elf64_Rela> entries(image.contents(section));
  for (std::uint64_t index = 0; index < entries.size(); ++index) {
    read_relocation(entries[index], symbols, tables, found);
  }
}

// Relative relocations may be packed (SHT_RELR) or done already (a program at a fixed address): then the file
// holds the pointer itself.
void read_stored_pointers(const ElfImage& image, const PointerTables& tables, const CodeMap& code,
                          HookReferences& found) {
  for (const Section& section : tables.sections) {
    const Table<std::uint64_t> words(image.contents(section));
    for (std::uint64_t index = 0; index < words.size(); ++index) {
      if (words[index] == 0 || code.section_of(words[index]) == nullptr) continue;
      found.pointers.emplace_back(section.address + index * sizeof(std::uint64_t), words[index]);
    }
  }
}

bool has_bytes(Bytes code, std::uint64_t at, std::string_view bytes) {
  return at <= code.size() && bytes.size() <= code.size() - at &&
         std::memcmp(code.data() + at, bytes.data(), bytes.size()) == 0;
}

// Where the stub begins whose jump through the slot stands at `jump`: at the jump itself (GNU ld, gold, lld),
// behind a `bnd` or an `endbr64` (-z ibtplt), behind the slot's number in a register too (mold).
void add_stub(const CodeSection& section, std::uint64_t jump, HookReferences& found) {
  constexpr std::string_view kEndbr = "\xf3\x0f\x1e\xfa";
  const auto add_if = [&](std::uint64_t before, std::string_view bytes) {
    if (jump >= before && has_bytes(section.bytes, jump - before, bytes)) {
      found.targets.push_back(section.address + jump - before);
    }
  };
  found.targets.push_back(section.address + jump);
  add_if(1, "\xf2");
  add_if(4, kEndbr);
  add_if(5, "\xf3\x0f\x1e\xfa\xf2");
  add_if(10, "\xf3\x0f\x1e\xfa\x41\xbb");
}

void find_stubs(const CodeSection& section, HookReferences& found) {
  constexpr std::uint64_t kJumpSize = 6;  // ff 25 and a displacement of four bytes
  const Bytes code = section.bytes;
  for (std::uint64_t at = 0; at + kJumpSize <= code.size(); ++at) {
    if (code[at] != std::byte{0xff} || code[at + 1] != std::byte{0x25}) continue;
    const auto displacement = static_cast<std::int32_t>(ByteReader(code, at + 2).u32());
    const std::uint64_t slot =
        section.address + at + kJumpSize + static_cast<std::uint64_t>(std::int64_t{displacement});
    if (found.is_slot(slot)) add_stub(section, at, found);
  }
}

template <typename Items>
void sort_unique(Items& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

bool holds(const std::vector<std::uint64_t>& sorted, std::uint64_t value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

}  // namespace

bool HookReferences::is_target(std::uint64_t address) const { return holds(targets, address); }

bool HookReferences::is_slot(std::uint64_t address) const { return holds(slots, address); }

std::optional<std::uint64_t> HookReferences::pointer_at(std::uint64_t address) const {
  const auto found = std::lower_bound(pointers.begin(), pointers.end(), std::pair(address, std::uint64_t{0}));
  if (found == pointers.end() || found->first != address) return std::nullopt;
  return found->second;
}

HookReferences find_hook_references(const ElfImage& image, const CodeMap& code) {
  HookReferences found;
  for_each_section(image, [&](const Section& section) {
    if (section.type == SHT_DYNSYM || section.type == SHT_SYMTAB)
      read_symbols(Symbols(image, section), found);
  });
  if (!found.any()) return found;

  const PointerTables tables(image);
  for_each_section(image, [&](const Section& section) {
    if (section.type == SHT_RELA && (section.flags & SHF_ALLOC) != 0) {
      read_relocations(image, section, tables, found);
    }
  });
  read_stored_pointers(image, tables, code, found);
  sort_unique(found.slots);
  sort_unique(found.pointers);
  for (const CodeSection& section : code.sections()) find_stubs(section, found);
  sort_unique(found.targets);
  return found;
}

}  // namespace llmo::functions
