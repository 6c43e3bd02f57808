#include "symbolizer/line_program.h"

#include <algorithm>

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
enum Content : std::uint8_t { kPath = 1, kDirectoryIndex = 2 };
enum Form : std::uint8_t {
  kBlock2 = 0x03,
  kBlock4 = 0x04,
  kData2 = 0x05,
  kData4 = 0x06,
  kData8 = 0x07,
  kString = 0x08,
  kBlock = 0x09,
  kBlock1 = 0x0a,
  kData1 = 0x0b,
  kStrp = 0x0e,
  kUdata = 0x0f,
  kData16 = 0x1e,
  kLineStrp = 0x1f,
};

constexpr std::uint8_t kLastSpecial = 255;

}  // namespace

// The registers, and what was seen of the rows so far.
struct LineProgram::State {
  const LineProgram& line_program;
  std::uint64_t wanted;
  std::uint64_t lowest;
  std::vector<LineSequence>* sequences;
  std::uint64_t program;

  std::uint64_t address = 0;
  std::uint64_t file = 1;

  bool in_sequence = false;
  bool exact = false;  // a row was just at the wanted address
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t last_file = 0;
  std::optional<std::uint64_t> candidate = std::nullopt;  // of this sequence
  std::optional<std::uint64_t> found = std::nullopt;

  void row();
  void end_sequence();
};

// At a function's first address there may be several rows: the last one of the function before, of no length,
// then its own, then those of code inlined into its first instruction. Where the compiled file itself is
// among them, it is taken; else, as for functions in sections of their own, the first.
void LineProgram::State::row() {
  if (!in_sequence) {
    first = address;
  } else if (!exact && last < wanted && wanted < address) {
    candidate = last_file;
  }
  if (address == wanted && (!exact || line_program.is_primary(file))) {
    const bool settled = exact && (first == wanted || line_program.is_primary(*candidate));
    if (!settled) candidate = file;
    exact = true;
  }
  in_sequence = true;
  last = address;
  last_file = file;
}

void LineProgram::State::end_sequence() {
  if (in_sequence && !exact && last < wanted && wanted < address) candidate = last_file;
  const bool alive = in_sequence && first >= lowest && first < address;
  if (alive) sequences->push_back({first, address, program});
  if (alive && candidate && !found) found = candidate;
  candidate.reset();
  in_sequence = exact = false;
  address = 0;
  file = 1;
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

std::optional<std::uint64_t> LineProgram::run(std::uint64_t address, std::uint64_t lowest,
                                              std::vector<LineSequence>& sequences) const {
  State state{*this, address, lowest, &sequences, start_};
  ByteReader code(sections_.line.first(end_), code_);
  while (!code.at_end()) {
    const std::uint8_t opcode = code.u8();
    if (opcode >= opcode_base_) {
      special(opcode, state);
    } else if (opcode == 0) {
      extended(code, state);
    } else {
      standard(opcode, code, state);
    }
  }
  return state.found;
}

void LineProgram::special(std::uint8_t opcode, State& state) const {
  state.address += static_cast<std::uint64_t>((opcode - opcode_base_) / line_range_) * instruction_size_;
  state.row();
}

void LineProgram::standard(std::uint8_t opcode, ByteReader& code, State& state) const {
  switch (opcode) {
    case kCopy:
      state.row();
      break;
    case kAdvancePc:
      state.address += code.uleb() * instruction_size_;
      break;
    case kAdvanceLine:
      code.sleb();
      break;
    case kSetFile:
      state.file = code.uleb();
      break;
    case kSetColumn:
      code.uleb();
      break;
    case kConstAddPc:
      state.address +=
          static_cast<std::uint64_t>((kLastSpecial - opcode_base_) / line_range_) * instruction_size_;
      break;
    case kFixedAdvancePc:
      state.address += code.u16();
      break;
    default: {
      std::uint8_t operands = ByteReader(sections_.line, opcode_lengths_ + opcode - 1).u8();
      while (operands-- > 0) code.uleb();
      break;
    }
  }
}

void LineProgram::extended(ByteReader& code, State& state) const {
  const std::uint64_t length = code.uleb();
  const std::uint64_t next = code.position() + length;
  if (length == 0) return;
  const std::uint8_t opcode = code.u8();
  if (opcode == kSetAddress) {
    state.address = code.number(std::min<std::uint64_t>(length - 1, 9));
  } else if (opcode == kEndSequence) {
    state.end_sequence();
  }
  // Everything else is passed over; a length that does not lead on ends the program.
  code.skip(next - code.position());
}

// Version 5 lists the compiled file as number 0, and often once more; before, compilers listed it first.
bool LineProgram::is_primary(std::uint64_t file) const {
  return version_ < 5 ? file == 1 : file_path(file) == file_path(0);
}

std::optional<std::string> LineProgram::file_path(std::uint64_t file) const {
  const auto entry = file_entry(file);
  if (!entry || entry->path.empty()) return std::nullopt;
  const std::string_view before =
      entry->directory == 0 || entry->path.front() == '/' ? std::string_view() : directory(entry->directory);
  std::string path(before);
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(entry->path);
}

// Up to version 4: NUL-terminated directories, an empty one, then files, an empty one; both count from 1.
std::string_view LineProgram::directory(std::uint64_t index) const {
  ByteReader tables(sections_.line.first(code_), tables_);
  if (version_ == 5) {
    const auto entry = table_entry_v5(tables, index);
    return entry ? entry->path : std::string_view();
  }
  while (tables.ok()) {
    const std::string_view path = tables.text();
    if (path.empty() || --index == 0) return path;
  }
  return {};
}

std::optional<LineProgram::Entry> LineProgram::file_entry(std::uint64_t file) const {
  if (version_ == 5) return file_entry_v5(file);
  ByteReader tables(sections_.line.first(code_), tables_);
  while (!tables.text().empty()) {
  }
  while (tables.ok()) {
    Entry entry;
    entry.path = tables.text();
    entry.directory = tables.uleb();
    tables.uleb();  // time of modification
    tables.uleb();  // size
    if (entry.path.empty() || !tables.ok()) break;
    if (--file == 0) return entry;
  }
  return std::nullopt;
}

// Version 5: both tables count from 0 and say first what their entries look like.
std::optional<LineProgram::Entry> LineProgram::file_entry_v5(std::uint64_t file) const {
  ByteReader tables(sections_.line.first(code_), tables_);
  table_entry_v5(tables, UINT64_MAX);  // the directories
  return table_entry_v5(tables, file);
}

// Entry number `wanted` of the table at `tables`; behind the table where it has none.
std::optional<LineProgram::Entry> LineProgram::table_entry_v5(ByteReader& tables,
                                                              std::uint64_t wanted) const {
  EntryFormat format;
  const std::size_t fields = tables.u8();
  for (std::size_t index = 0; index < fields; ++index) {
    const std::uint64_t content = tables.uleb();
    const std::uint64_t form = tables.uleb();
    if (format.count < EntryFormat::kMaxFields) format.fields[format.count++] = {content, form};
  }
  if (fields > EntryFormat::kMaxFields) tables.skip(UINT64_MAX);
  const std::uint64_t count = tables.uleb();
  if (format.count == 0) return std::nullopt;  // entries of no bytes: any number of them would fit
  for (std::uint64_t index = 0; index < count && tables.ok(); ++index) {
    const auto entry = read_entry(tables, format);
    if (index == wanted) return entry;
  }
  return std::nullopt;
}

std::optional<LineProgram::Entry> LineProgram::read_entry(ByteReader& tables,
                                                          const EntryFormat& format) const {
  Entry entry;
  for (std::size_t index = 0; index < format.count; ++index) {
    const EntryFormat::Field& field = format.fields[index];
    if (field.content == kPath) {
      entry.path = read_text(tables, field.form);
    } else {
      const std::uint64_t number = read_number(tables, field.form);
      if (field.content == kDirectoryIndex) entry.directory = number;
    }
  }
  return tables.ok() ? std::optional(entry) : std::nullopt;
}

std::string_view LineProgram::read_text(ByteReader& tables, std::uint64_t form) const {
  if (form == kString) return tables.text();
  if (form != kLineStrp && form != kStrp) {
    tables.skip(UINT64_MAX);  // a form that is not ours to read: nothing can follow
    return {};
  }
  const std::uint64_t offset = tables.number(offset_size_);
  return ByteReader(form == kStrp ? sections_.strings : sections_.line_strings, offset).text();
}

// Numbers, and anything else that only has to be passed over. Every form takes at least one byte.
std::uint64_t LineProgram::read_number(ByteReader& tables, std::uint64_t form) const {
  switch (form) {
    case kData1:
      return tables.u8();
    case kData2:
      return tables.u16();
    case kData4:
      return tables.u32();
    case kData8:
      return tables.u64();
    case kUdata:
      return tables.uleb();
    case kData16:
      tables.skip(16);
      return 0;
    case kBlock1:
      tables.skip(tables.u8());
      return 0;
    case kBlock2:
      tables.skip(tables.u16());
      return 0;
    case kBlock4:
      tables.skip(tables.u32());
      return 0;
    case kBlock:
      tables.skip(tables.uleb());
      return 0;
    default:
      read_text(tables, form);
      return 0;
  }
}

}  // namespace llmo::symbolizer
