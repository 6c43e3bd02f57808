#include "symbolizer/line_table.h"

#include <algorithm>
#include <utility>

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

const FileRange* LineTable::Decoded::find(std::uint64_t address) const {
  const auto behind =
      std::upper_bound(ranges.begin(), ranges.end(), address,
                       [](std::uint64_t wanted, const FileRange& range) { return wanted < range.low; });
  return behind != ranges.begin() && (behind - 1)->covers(address) ? &*(behind - 1) : nullptr;
}

std::optional<std::string> LineTable::find(std::uint64_t address) {
  auto program = known_program(address);
  if (!program) program = seek_program(address);
  const Decoded* const unit = program ? decoded(*program, address) : nullptr;
  const FileRange* const range = unit != nullptr ? unit->find(address) : nullptr;
  return range != nullptr ? unit->files.path(range->file) : std::nullopt;
}

std::optional<std::uint64_t> LineTable::known_program(std::uint64_t address) const {
  auto next =
      std::upper_bound(sequences_.begin(), sequences_.end(), LineSequence{address, 0, 0}, starts_lower);
  if (next == sequences_.begin() || address >= (--next)->high) return std::nullopt;
  return next->program;
}

// Goes on where the last one stopped.
std::optional<std::uint64_t> LineTable::seek_program(std::uint64_t address) {
  const auto covers = [address](const LineSequence& sequence) {
    return sequence.low <= address && address < sequence.high;
  };
  const std::size_t known = sequences_.size();
  std::optional<std::uint64_t> found;
  while (!found && next_program_ < sections_.line.size()) {
    const auto program = LineProgram::read(sections_, next_program_);
    const std::uint64_t start =
        std::exchange(next_program_, program ? program->next() : sections_.line.size());
    if (!program) break;
    const auto before = static_cast<std::ptrdiff_t>(sequences_.size());
    program->find_sequences(lowest_code_, sequences_);
    if (std::any_of(sequences_.begin() + before, sequences_.end(), covers)) found = start;
  }
  if (sequences_.size() != known) std::sort(sequences_.begin(), sequences_.end(), starts_lower);
  return found;
}

// The program, decoded. One of more ranges than are kept is decoded again for each address that is missing.
const LineTable::Decoded* LineTable::decoded(std::uint64_t program, std::uint64_t address) {
  const auto known = std::find_if(decoded_.begin(), decoded_.end(),
                                  [program](const Decoded& entry) { return entry.program == program; });
  if (known != decoded_.end() && known->find(address) != nullptr) {
    std::rotate(decoded_.begin(), known, known + 1);
  } else {
    if (known != decoded_.end()) decoded_.erase(known);
    decode(program, address);
  }
  return decoded_.empty() ? nullptr : &decoded_.front();
}

void LineTable::decode(std::uint64_t offset, std::uint64_t address) {
  const auto program = LineProgram::read(sections_, offset);
  if (!program) return;
  ++decode_count_;
  LineFiles files = program->files();
  auto ranges = program->file_ranges(files, lowest_code_, address);
  decoded_.insert(decoded_.begin(), {offset, std::move(files), std::move(ranges)});
  drop_old();
}

void LineTable::drop_old() {
  std::size_t fit = 0;
  std::size_t size_bytes = 0;
  while (fit < decoded_.size() && fit < kMaxDecoded) {
    size_bytes += decoded_[fit].size_bytes();
    if (size_bytes > kMaxDecodedBytes && fit > 0) break;
    ++fit;
  }
  decoded_.erase(decoded_.begin() + static_cast<std::ptrdiff_t>(fit), decoded_.end());
}

}  // namespace llmo::symbolizer
