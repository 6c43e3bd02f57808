#include "exporters/functions/function_list.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <unordered_set>

#include "symbolizer/function_name.h"
#include "symbolizer/symbol_table.h"

namespace llmo::functions {
namespace {

using symbolizer::ByteReader;
using symbolizer::Bytes;
using symbolizer::ElfImage;
using symbolizer::SymbolTable;

// Where the functions of a symbol table begin; SymbolTable then says which symbol names each.
std::vector<std::uint64_t> starts_of(const ElfImage& image, std::uint32_t section_type) {
  std::vector<std::uint64_t> starts;
  const Bytes bytes = image.contents(image.find_section(section_type).value_or(symbolizer::Section{}));
  for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= bytes.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, bytes.data() + at, sizeof symbol);
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    const bool defined = symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS;
    if (defined && (type == STT_FUNC || type == STT_GNU_IFUNC)) starts.push_back(symbol.st_value);
  }
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  return starts;
}

void add_named(const ElfImage& image, std::uint32_t section_type, const CodeMap& code,
               std::vector<Function>& functions) {
  const SymbolTable table = SymbolTable::read(image, section_type);
  for (const std::uint64_t start : starts_of(image, section_type)) {
    const CodeSection* const section = code.section_of(start);
    if (section == nullptr) continue;
    const auto found = table.find(start);
    if (!found || !found->exact) continue;
    const std::uint64_t room = section->end() - start;
    const std::uint64_t size = found->size != 0 ? std::min(found->size, room) : room;
    functions.push_back({start, start + size, found->name});
  }
}

struct NamedFrom {
  NameSource source;
  const ElfImage* image;
  std::uint32_t section_type;
};

NameSource add_names(const ElfImage& image, const ElfImage* debug_file, const CodeMap& code,
                     std::vector<Function>& functions) {
  const std::array<NamedFrom, 3> sources = {{{NameSource::kSymbolTable, &image, SHT_SYMTAB},
                                             {NameSource::kDebugFile, debug_file, SHT_SYMTAB},
                                             {NameSource::kExportsOnly, &image, SHT_DYNSYM}}};
  for (const NamedFrom& from : sources) {
    if (from.image != nullptr) add_named(*from.image, from.section_type, code, functions);
    if (!functions.empty()) return from.source;
  }
  return NameSource::kNone;
}

// The binary search table of the unwind information: a header of four bytes that says how it is encoded, of
// which the linkers write one kind only; the address of .eh_frame, the number of entries, and the entries: a
// function's start and its unwind entry, both relative to the table.
void add_nameless(const ElfImage& image, const CodeMap& code, std::vector<Function>& functions) {
  constexpr std::uint32_t kUsualEncodings = 0x3b031b01;  // version 1; pc-relative, 4 bytes; 4 bytes; relative
  const auto section = image.find_section(std::string_view(".eh_frame_hdr"));
  if (!section) return;
  const Bytes bytes = image.contents(*section);
  ByteReader reader(bytes);
  if (reader.u32() != kUsualEncodings) return;
  reader.skip(4);
  const std::uint64_t count = std::min<std::uint64_t>(reader.u32(), bytes.size() / 8);
  for (std::uint64_t index = 0; index < count && reader.ok(); ++index) {
    const auto distance = static_cast<std::int32_t>(reader.u32());
    reader.skip(4);
    const std::uint64_t start = section->address + static_cast<std::uint64_t>(std::int64_t{distance});
    const CodeSection* const held_by = code.section_of(start);
    if (held_by != nullptr && !held_by->is_plt) functions.push_back({start, held_by->end(), {}});
  }
}

// By address; where a nameless one and a named one start together, the named one stays. Nobody reaches into
// the next.
void put_in_order(std::vector<Function>& functions) {
  std::stable_sort(functions.begin(), functions.end(),
                   [](const Function& a, const Function& b) { return a.address < b.address; });
  const auto same_start = [](const Function& a, const Function& b) { return a.address == b.address; };
  functions.erase(std::unique(functions.begin(), functions.end(), same_start), functions.end());
  for (std::size_t index = 1; index < functions.size(); ++index) {
    Function& before = functions[index - 1];
    before.end = std::min(before.end, functions[index].address);
  }
}

// `.actor`, and `.actor.cold` that was cut off it.
bool is_coroutine_part(std::string_view symbol) {
  constexpr std::array<std::string_view, 4> kSuffixes = {".actor", ".destroy", ".resume", ".cleanup"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(), [symbol](std::string_view suffix) {
    const std::size_t at = symbol.rfind(suffix);
    if (at == std::string_view::npos) return false;
    const std::size_t end = at + suffix.size();
    return end == symbol.size() || symbol[end] == '.';
  });
}

// A part is one only beside its function: where the compiler kept nothing but `plan_agent.constprop.0`, that
// is the function.
void tell_parts(std::vector<Function>& functions) {
  std::unordered_set<std::string> wanted;
  for (const Function& function : functions) {
    if (function.symbol.find('.') == std::string_view::npos) continue;
    std::string whole = whole_symbol(function.symbol);
    if (whole != function.symbol) wanted.insert(std::move(whole));
  }
  std::unordered_set<std::string> present;
  for (const Function& function : functions) {
    if (!wanted.empty() && wanted.contains(std::string(function.symbol))) present.emplace(function.symbol);
  }
  for (Function& function : functions) {
    if (is_coroutine_part(function.symbol)) {
      function.part = Part::kCoroutine;
    } else if (function.symbol.find('.') != std::string_view::npos) {
      const std::string whole = whole_symbol(function.symbol);
      if (whole != function.symbol && present.contains(whole)) function.part = Part::kPiece;
    }
  }
}

}  // namespace

std::string whole_symbol(std::string_view symbol) {
  // No mangled name has a dot of its own.
  if (symbol.starts_with("_Z")) return std::string(symbol.substr(0, symbol.find('.')));
  return symbolizer::function_name(symbol).qualified;
}

FunctionList list_functions(const ElfImage& image, const ElfImage* debug_file, const CodeMap& code) {
  FunctionList list;
  list.names = add_names(image, debug_file, code, list.functions);
  const bool stripped = list.names == NameSource::kExportsOnly || list.names == NameSource::kNone;
  if (stripped) add_nameless(image, code, list.functions);
  put_in_order(list.functions);
  tell_parts(list.functions);
  return list;
}

}  // namespace llmo::functions
