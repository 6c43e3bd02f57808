#include "exporters/functions/code_map.h"

#include <algorithm>
#include <iterator>

namespace llmo::functions {

CodeMap::CodeMap(const symbolizer::ElfImage& image) {
  const std::uint64_t count = image.section_count();
  for (std::uint64_t index = 1; index < count; ++index) {
    const auto section = image.section(index);
    if (!section) break;
    if ((section->flags & SHF_EXECINSTR) == 0 || section->type != SHT_PROGBITS) continue;
    const symbolizer::Bytes bytes = image.contents(*section);
    if (bytes.empty() || section->address > UINT64_MAX - bytes.size()) continue;
    sections_.push_back({section->address, bytes, section->name.starts_with(".plt")});
  }
  std::stable_sort(sections_.begin(), sections_.end(),
                   [](const CodeSection& a, const CodeSection& b) { return a.address < b.address; });
}

const CodeSection* CodeMap::section_of(std::uint64_t address) const {
  const auto next = std::upper_bound(
      sections_.begin(), sections_.end(), address,
      [](std::uint64_t wanted, const CodeSection& section) { return wanted < section.address; });
  if (next == sections_.begin() || address >= std::prev(next)->end()) return nullptr;
  return &*std::prev(next);
}

symbolizer::Bytes CodeMap::bytes_at(std::uint64_t address, std::uint64_t size) const {
  const CodeSection* const section = section_of(address);
  if (section == nullptr) return {};
  return section->bytes.subspan(address - section->address, std::min(size, section->end() - address));
}

}  // namespace llmo::functions
