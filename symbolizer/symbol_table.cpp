#include "symbolizer/symbol_table.h"

#include <algorithm>
#include <numeric>

namespace llmo::symbolizer {

namespace {

int binding_rank(const Elf64_Sym& symbol) {
  switch (ELF64_ST_BIND(symbol.st_info)) {
    case STB_GLOBAL:
    case STB_GNU_UNIQUE:
      return 0;
    case STB_LOCAL:
      return 1;
    default:
      return 2;
  }
}

// Of `_IO_printf` and `printf` people know the second. A mangled name's underscore says nothing.
std::size_t leading_underscores(std::string_view name) {
  if (name.starts_with("_Z")) return 0;
  return std::min(name.find_first_not_of('_'), name.size());
}

}  // namespace

SymbolTable SymbolTable::read(const ElfImage& image, std::uint32_t section_type) {
  SymbolTable table;
  const auto symbols = image.find_section(section_type);
  const auto names = symbols ? image.section(symbols->link) : std::nullopt;
  if (!names) return table;
  table.symbols_ = image.contents(*symbols);
  table.names_ = image.contents(*names);
  for (std::uint64_t index = 0; index < image.section_count(); ++index) {
    const Section section = image.section(index).value_or(Section{});
    const bool is_code = (section.flags & SHF_EXECINSTR) != 0;
    table.section_ends_.push_back(is_code ? section.address + section.size : 0);
  }
  table.collect();
  table.sort();
  table.drop_aliases();
  return table;
}

std::optional<Elf64_Sym> SymbolTable::symbol(std::uint64_t index) const {
  if (index >= symbols_.size() / sizeof(Elf64_Sym)) return std::nullopt;
  Elf64_Sym symbol;
  std::memcpy(&symbol, symbols_.data() + index * sizeof symbol, sizeof symbol);
  return symbol;
}

std::string_view SymbolTable::name(const Elf64_Sym& symbol) const {
  const std::string_view name = ByteReader(names_, symbol.st_name).text();
  const std::size_t version = name.find('@');  // memcpy@@GLIBC_2.14
  return version == 0 ? name : name.substr(0, version);
}

bool SymbolTable::is_function(const Elf64_Sym& symbol) const {
  const unsigned type = ELF64_ST_TYPE(symbol.st_info);
  if (type != STT_FUNC && type != STT_GNU_IFUNC) return false;
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS && symbol.st_name != 0 &&
         symbol.st_name < names_.size();
}

void SymbolTable::collect() {
  const std::uint64_t count = std::min<std::uint64_t>(symbols_.size() / sizeof(Elf64_Sym), UINT32_MAX);
  std::uint64_t functions = 0;
  base_ = UINT64_MAX;
  for (std::uint64_t index = 0; index < count; ++index) {
    const Elf64_Sym candidate = *symbol(index);
    if (!is_function(candidate)) continue;
    ++functions;
    base_ = std::min(base_, candidate.st_value);
  }
  index_.reserve(functions);
  for (std::uint64_t index = 0; index < count; ++index) {
    const Elf64_Sym candidate = *symbol(index);
    if (!is_function(candidate) || candidate.st_value - base_ > UINT32_MAX) continue;
    index_.push_back(
        {static_cast<std::uint32_t>(candidate.st_value - base_), static_cast<std::uint32_t>(index)});
  }
}

// By address, symbols of one address in the table's order. By digits of 11 bits (LSD radix sort): a third of
// what std::stable_sort takes for a million functions, and linear.
void SymbolTable::sort() {
  constexpr unsigned kDigitBits = 11;
  constexpr std::uint32_t kDigitMask = (1U << kDigitBits) - 1;
  std::vector<Entry> sorted(index_.size());
  std::vector<std::uint32_t> starts(kDigitMask + 2);  // too big for a small stack
  for (unsigned shift = 0; shift < 32; shift += kDigitBits) {
    std::fill(starts.begin(), starts.end(), 0U);
    for (const Entry& entry : index_) ++starts[((entry.distance >> shift) & kDigitMask) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (const Entry& entry : index_) sorted[starts[(entry.distance >> shift) & kDigitMask]++] = entry;
    index_.swap(sorted);
  }
}

bool SymbolTable::is_better(const Elf64_Sym& a, const Elf64_Sym& b) const {
  if ((a.st_size != 0) != (b.st_size != 0)) return a.st_size != 0;
  if (binding_rank(a) != binding_rank(b)) return binding_rank(a) < binding_rank(b);
  return leading_underscores(name(a)) < leading_underscores(name(b));
}

void SymbolTable::drop_aliases() {
  std::size_t kept = 0;
  for (const Entry& entry : index_) {
    if (kept == 0 || index_[kept - 1].distance != entry.distance) {
      index_[kept++] = entry;
    } else if (is_better(*symbol(entry.symbol), *symbol(index_[kept - 1].symbol))) {
      index_[kept - 1] = entry;
    }
  }
  index_.resize(kept);
  index_.shrink_to_fit();
}

bool SymbolTable::covers(const Entry& entry, std::uint64_t address) const {
  const Elf64_Sym found = *symbol(entry.symbol);
  if (found.st_size != 0) return address - found.st_value < found.st_size;
  const bool known = found.st_shndx < section_ends_.size() && section_ends_[found.st_shndx] != 0;
  return !known || address < section_ends_[found.st_shndx];
}

const SymbolTable::Entry* SymbolTable::find_entry(std::uint64_t address) const {
  if (address < base_ || address - base_ > UINT32_MAX) return nullptr;
  const auto distance = static_cast<std::uint32_t>(address - base_);
  auto next =
      std::upper_bound(index_.begin(), index_.end(), distance,
                       [](std::uint32_t wanted, const Entry& entry) { return wanted < entry.distance; });
  // Functions written in assembler may have others inside: an outer one that covers the address lies close
  // before.
  constexpr int kMaxNested = 8;
  for (int step = 0; step < kMaxNested && next != index_.begin(); ++step) {
    --next;
    if (covers(*next, address)) return &*next;
  }
  return nullptr;
}

Symbol SymbolTable::at(std::size_t index) const {
  const Elf64_Sym found = *symbol(index_[index].symbol);
  return {name(found), found.st_value, found.st_size, true};
}

std::optional<Symbol> SymbolTable::find(std::uint64_t address) const {
  const Entry* const entry = find_entry(address);
  if (entry == nullptr) return std::nullopt;
  const Elf64_Sym found = *symbol(entry->symbol);
  const std::string_view found_name = name(found);
  if (found_name.empty()) return std::nullopt;
  return Symbol{found_name, found.st_value, found.st_size, found.st_value == address};
}

std::optional<std::string_view> SymbolTable::source_file(std::uint64_t address) const {
  const Entry* const entry = find_entry(address);
  if (entry == nullptr || ELF64_ST_BIND(symbol(entry->symbol)->st_info) != STB_LOCAL) return std::nullopt;
  // Local symbols follow the file symbol of their source (System V ABI, symbol table).
  for (std::uint64_t index = entry->symbol; index-- > 0;) {
    const Elf64_Sym before = *symbol(index);
    if (ELF64_ST_TYPE(before.st_info) != STT_FILE) continue;
    const std::string_view file = name(before);
    return file.empty() ? std::nullopt : std::optional(file);
  }
  return std::nullopt;
}

}  // namespace llmo::symbolizer
