#include "symbolizer/line_table.h"

#include <algorithm>

namespace llmo::symbolizer {

namespace {

// Never 0: what the linker dropped is left over at 0.
std::uint64_t lowest_code(const ElfImage& image) {
  std::uint64_t lowest = UINT64_MAX;
  for (std::uint64_t index = 0; index < image.section_count(); ++index) {
    const auto section = image.section(index);
    if (section && (section->flags & SHF_EXECINSTR) != 0) lowest = std::min(lowest, section->address);
  }
  return lowest == UINT64_MAX ? 1 : std::max<std::uint64_t>(lowest, 1);
}

bool starts_lower(const LineSequence& a, const LineSequence& b) { return a.low < b.low; }

}  // namespace

LineTable::LineTable(const ElfImage& image)
    : sections_{image.contents(".debug_line"), image.contents(".debug_line_str"),
                image.contents(".debug_str")},
      lowest_code_(lowest_code(image)) {}

std::optional<std::string> LineTable::find_known(std::uint64_t address) const {
  auto next =
      std::upper_bound(sequences_.begin(), sequences_.end(), LineSequence{address, 0, 0}, starts_lower);
  if (next == sequences_.begin() || address >= (--next)->high) return std::nullopt;
  const auto program = LineProgram::read(sections_, next->program);
  if (!program) return std::nullopt;
  std::vector<LineSequence> known;
  const auto file = program->run(address, lowest_code_, known);
  return file ? program->file_path(*file) : std::nullopt;
}

std::optional<std::string> LineTable::find(std::uint64_t address) {
  if (auto path = find_known(address)) return path;
  std::optional<std::string> path;
  while (!path && next_program_ < sections_.line.size()) {
    const auto program = LineProgram::read(sections_, next_program_);
    next_program_ = program ? program->next() : sections_.line.size();
    if (!program) break;
    const auto file = program->run(address, lowest_code_, sequences_);
    if (file) path = program->file_path(*file);
  }
  std::sort(sequences_.begin(), sequences_.end(), starts_lower);
  return path;
}

}  // namespace llmo::symbolizer
