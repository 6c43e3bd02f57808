#include "symbolizer/line_program.h"

#include <algorithm>
#include <utility>

namespace llmo::symbolizer {

namespace {

enum StandardOpcode : std::uint8_t {
  kCopy = 1,
  kAdvancePc = 2,
  kAdvanceLine = 3,
  kSetFile = 4,
  kSetColumn = 5,
  kConstAddPc = 8,
  kFixedAdvancePc = 9,
};
enum ExtendedOpcode : std::uint8_t { kEndSequence = 1, kSetAddress = 2 };

constexpr std::uint8_t kLastSpecial = 255;

}  // namespace

struct LineProgram::Registers {
  std::uint64_t address = 0;
  std::uint64_t file = 1;
};

class LineProgram::SequenceRows final : public Rows {
 public:
  SequenceRows(std::uint64_t program, std::uint64_t lowest, std::vector<LineSequence>& sequences)
      : program_(program), lowest_(lowest), sequences_(sequences) {}

  void row(std::uint64_t address, std::uint64_t /*file*/) override {
    if (!first_) first_ = address;
  }

  void end_sequence(std::uint64_t address) override {
    if (first_ && *first_ >= lowest_ && *first_ < address) sequences_.push_back({*first_, address, program_});
    first_.reset();
  }

 private:
  std::uint64_t program_;
  std::uint64_t lowest_;
  std::vector<LineSequence>& sequences_;
  std::optional<std::uint64_t> first_;
};

// At a function's first address there may be several rows: the last one of the function before, of no length,
// then its own, then those of code inlined into its first instruction. Where the compiled file itself is
// among them, it is taken; else, as for functions in sections of their own, the first. Behind that address
// the last row counts, so rows at one address may give two ranges.
class LineProgram::RangeRows final : public Rows {
 public:
  RangeRows(const LineFiles& files, std::uint64_t lowest, std::uint64_t wanted)
      : files_(files), lowest_(lowest), wanted_(wanted) {}

  void row(std::uint64_t address, std::uint64_t file) override;
  void end_sequence(std::uint64_t address) override;
  std::vector<FileRange> take_sorted();

 private:
  void close_rows(std::uint64_t end);
  void add(std::uint64_t low, std::uint64_t high, std::uint64_t file);
  void keep_range();

  const LineFiles& files_;
  std::uint64_t lowest_;
  std::uint64_t wanted_;
  std::vector<FileRange> ranges_;

  bool in_sequence_ = false;
  std::size_t ranges_before_ = 0;  // the sequence
  std::uint64_t first_ = 0;
  std::uint64_t address_ = 0;      // of the latest rows
  std::uint64_t exact_file_ = 0;   // at that address
  std::uint64_t behind_file_ = 0;  // from there to the next rows

  // The range that grows as long as the file stays the same.
  std::uint64_t range_low_ = 0;
  std::uint64_t range_high_ = 0;
  std::uint64_t range_file_ = 0;
};

void LineProgram::RangeRows::row(std::uint64_t address, std::uint64_t file) {
  if (in_sequence_ && address < address_) return;  // never in a good file
  if (in_sequence_ && address == address_) {
    const bool settled = address == first_ || files_.is_compiled_file(exact_file_);
    if (!settled && files_.is_compiled_file(file)) exact_file_ = file;
  } else {
    if (in_sequence_) {
      close_rows(address);
    } else {
      first_ = range_low_ = range_high_ = address;
    }
    address_ = address;
    exact_file_ = file;
  }
  in_sequence_ = true;
  behind_file_ = file;
}

void LineProgram::RangeRows::end_sequence(std::uint64_t address) {
  if (in_sequence_ && first_ >= lowest_ && first_ < address) {
    close_rows(address);
    keep_range();
    ranges_before_ = ranges_.size();
  }
  ranges_.resize(ranges_before_);
  in_sequence_ = false;
}

void LineProgram::RangeRows::close_rows(std::uint64_t end) {
  if (end <= address_) return;
  add(address_, address_ + 1, exact_file_);
  if (end - address_ > 1) add(address_ + 1, end, behind_file_);
}

void LineProgram::RangeRows::add(std::uint64_t low, std::uint64_t high, std::uint64_t file) {
  if (file != range_file_ || range_low_ == range_high_) {
    keep_range();
    range_low_ = low;
    range_file_ = file;
  }
  range_high_ = high;
}

// The last place is for the range that is asked for.
void LineProgram::RangeRows::keep_range() {
  const auto narrow = [](std::uint64_t number) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, UINT32_MAX));
  };
  if (range_low_ == range_high_ || ranges_.size() >= kMaxRanges) return;
  const FileRange range{range_low_, narrow(range_high_ - range_low_), narrow(range_file_)};
  if (ranges_.size() + 1 < kMaxRanges || range.covers(wanted_)) ranges_.push_back(range);
}

// Where identical code of several functions was folded, the first one counts.
std::vector<FileRange> LineProgram::RangeRows::take_sorted() {
  ranges_.resize(ranges_before_);  // a sequence that does not end is none
  std::stable_sort(ranges_.begin(), ranges_.end(),
                   [](const FileRange& a, const FileRange& b) { return a.low < b.low; });
  ranges_.erase(std::unique(ranges_.begin(), ranges_.end(),
                            [](const FileRange& a, const FileRange& b) { return a.low == b.low; }),
                ranges_.end());
  ranges_.shrink_to_fit();
  return std::move(ranges_);
}

std::optional<LineProgram> LineProgram::read(const LineSections& sections, std::uint64_t offset) {
  LineProgram program(sections);
  if (!program.read_header(offset)) return std::nullopt;
  return program;
}

bool LineProgram::read_header(std::uint64_t offset) {
  ByteReader header(sections_.line, offset);
  std::uint64_t length = header.u32();
  if (length == 0xffffffff) {
    offset_size_ = 8;
    length = header.u64();
  }
  start_ = offset;
  if (!header.ok() || length > sections_.line.size() - header.position()) return false;
  end_ = code_ = header.position() + length;  // no code until the header is known to be good

  version_ = header.u16();
  if (version_ < 2 || version_ > 5) return true;
  if (version_ == 5) header.skip(2);  // size of an address and of a segment selector
  const std::uint64_t header_length = header.number(offset_size_);
  if (!header.ok() || header_length > end_ - std::min(end_, header.position())) return true;
  const std::uint64_t code = header.position() + header_length;
  instruction_size_ = header.u8();
  if (version_ >= 4) header.skip(1);  // operations in an instruction: 1, this is no VLIW machine
  header.skip(2);                     // default_is_stmt, line_base
  line_range_ = header.u8();
  opcode_base_ = header.u8();
  opcode_lengths_ = header.position();
  if (opcode_base_ > 1) header.skip(opcode_base_ - 1U);
  tables_ = header.position();
  if (header.ok() && line_range_ != 0 && opcode_base_ != 0) code_ = code;
  return true;
}

void LineProgram::find_sequences(std::uint64_t lowest, std::vector<LineSequence>& sequences) const {
  SequenceRows rows(start_, lowest, sequences);
  run(rows);
}

LineFiles LineProgram::files() const { return {sections_, {tables_, code_, version_, offset_size_}}; }

std::vector<FileRange> LineProgram::file_ranges(const LineFiles& files, std::uint64_t lowest,
                                                std::uint64_t wanted) const {
  RangeRows rows(files, lowest, wanted);
  run(rows);
  return rows.take_sorted();
}

void LineProgram::run(Rows& rows) const {
  Registers registers;
  ByteReader code(sections_.line.first(end_), code_);
  while (!code.at_end()) {
    const std::uint8_t opcode = code.u8();
    if (opcode >= opcode_base_) {
      special(opcode, registers, rows);
    } else if (opcode == 0) {
      extended(code, registers, rows);
    } else {
      standard(opcode, code, registers, rows);
    }
  }
}

void LineProgram::special(std::uint8_t opcode, Registers& registers, Rows& rows) const {
  registers.address += static_cast<std::uint64_t>((opcode - opcode_base_) / line_range_) * instruction_size_;
  rows.row(registers.address, registers.file);
}

void LineProgram::standard(std::uint8_t opcode, ByteReader& code, Registers& registers, Rows& rows) const {
  switch (opcode) {
    case kCopy:
      rows.row(registers.address, registers.file);
      break;
    case kAdvancePc:
      registers.address += code.uleb() * instruction_size_;
      break;
    case kAdvanceLine:
      code.sleb();
      break;
    case kSetFile:
      registers.file = code.uleb();
      break;
    case kSetColumn:
      code.uleb();
      break;
    case kConstAddPc:
      registers.address +=
          static_cast<std::uint64_t>((kLastSpecial - opcode_base_) / line_range_) * instruction_size_;
      break;
    case kFixedAdvancePc:
      registers.address += code.u16();
      break;
    default: {
      std::uint8_t operands = ByteReader(sections_.line, opcode_lengths_ + opcode - 1).u8();
      while (operands-- > 0) code.uleb();
      break;
    }
  }
}

void LineProgram::extended(ByteReader& code, Registers& registers, Rows& rows) {
  const std::uint64_t length = code.uleb();
  const std::uint64_t next = code.position() + length;
  if (length == 0) return;
  const std::uint8_t opcode = code.u8();
  if (opcode == kSetAddress) {
    registers.address = code.number(std::min<std::uint64_t>(length - 1, 9));
  } else if (opcode == kEndSequence) {
    rows.end_sequence(registers.address);
    registers = {};
  }
  // Everything else is passed over; a length that does not lead on ends the program.
  code.skip(next - code.position());
}

}  // namespace llmo::symbolizer
