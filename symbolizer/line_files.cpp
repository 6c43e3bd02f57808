#include "symbolizer/line_files.h"

#include <algorithm>

namespace llmo::symbolizer {

namespace {

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

std::uint32_t narrow(std::uint64_t number) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, UINT32_MAX));
}

}  // namespace

LineFiles::LineFiles(const LineSections& sections, const LineTablesPlace& place)
    : sections_(sections), offset_size_(place.offset_size) {
  ByteReader tables(sections_.line.first(place.end), place.begin);
  if (place.version == 5) {
    directories_ = read_table(tables);
    files_ = read_table(tables);
    mark_compiled_file();
  } else {
    read_old_tables(tables);
  }
}

std::optional<std::string> LineFiles::path(std::uint64_t file) const {
  if (file >= files_.size()) return std::nullopt;
  const Entry& entry = files_[file];
  if (entry.path.empty() || entry.path.size() > kMaxText) return std::nullopt;
  std::string path;
  if (entry.path.front() != '/' && entry.directory != 0 && entry.directory < directories_.size()) {
    path = directories_[entry.directory].path.substr(0, kMaxText);
  }
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(entry.path);
}

// Up to version 4: NUL-terminated directories, an empty one, then files, an empty one; both count from 1, and
// compilers list the compiled file first.
void LineFiles::read_old_tables(ByteReader& tables) {
  directories_.emplace_back();
  for (auto path = tables.text(); !path.empty(); path = tables.text()) {
    if (directories_.size() < kMaxEntries) directories_.push_back({path});
  }
  files_.emplace_back();
  while (files_.size() < kMaxEntries) {
    const std::string_view path = tables.text();
    const std::uint32_t directory = narrow(tables.uleb());
    tables.uleb();  // time of modification
    tables.uleb();  // size
    if (path.empty() || !tables.ok()) break;
    files_.push_back({path, directory, files_.size() == 1});
  }
}

// Version 5: both tables count from 0 and say first what their entries look like.
std::vector<LineFiles::Entry> LineFiles::read_table(ByteReader& tables) const {
  std::vector<Entry> table;
  const EntryFormat format = read_format(tables);
  const std::uint64_t count = tables.uleb();
  if (format.count == 0) return table;  // entries of no bytes: any number of them would fit
  for (std::uint64_t index = 0; index < count; ++index) {
    const Entry entry = read_entry(tables, format);
    if (!tables.ok()) break;
    if (table.size() < kMaxEntries) table.push_back(entry);
  }
  return table;
}

LineFiles::EntryFormat LineFiles::read_format(ByteReader& tables) {
  EntryFormat format;
  const std::size_t fields = tables.u8();
  for (std::size_t index = 0; index < fields; ++index) {
    const std::uint64_t content = tables.uleb();
    const std::uint64_t form = tables.uleb();
    if (format.count < EntryFormat::kMaxFields) format.fields[format.count++] = {content, form};
  }
  if (fields > EntryFormat::kMaxFields) tables.skip(UINT64_MAX);
  return format;
}

LineFiles::Entry LineFiles::read_entry(ByteReader& tables, const EntryFormat& format) const {
  Entry entry;
  for (std::size_t index = 0; index < format.count; ++index) {
    const EntryFormat::Field& field = format.fields[index];
    if (field.content == kPath) {
      entry.path = read_text(tables, field.form);
    } else {
      const std::uint64_t number = read_number(tables, field.form);
      if (field.content == kDirectoryIndex) entry.directory = narrow(number);
    }
  }
  return entry;
}

std::string_view LineFiles::read_text(ByteReader& tables, std::uint64_t form) const {
  if (form == kString) return tables.text();
  if (form != kLineStrp && form != kStrp) {
    tables.skip(UINT64_MAX);  // a form that is not ours to read: nothing can follow
    return {};
  }
  const std::uint64_t offset = tables.number(offset_size_);
  const Bytes strings = form == kStrp ? sections_.strings : sections_.line_strings;
  // Many entries may name one string: its end is not sought any further than a path is long.
  const Bytes rest = strings.subspan(std::min<std::uint64_t>(offset, strings.size()));
  return ByteReader(rest.first(std::min(rest.size(), kMaxText + 1))).text();
}

// Numbers, and anything else that only has to be passed over. Every form takes at least one byte.
std::uint64_t LineFiles::read_number(ByteReader& tables, std::uint64_t form) const {
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

// Version 5 lists the compiled file as number 0, and often once more.
void LineFiles::mark_compiled_file() {
  const auto compiled = path(0);
  for (std::size_t file = 0; file < files_.size(); ++file) {
    files_[file].compiled = file == 0 || path(file) == compiled;
  }
}

}  // namespace llmo::symbolizer
