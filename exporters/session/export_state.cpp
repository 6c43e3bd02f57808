#include "exporters/session/export_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <type_traits>
#include <utility>

namespace llmo::session {
namespace {

constexpr std::size_t kSlotSize = 64 * 1024;
constexpr std::uint64_t kSlotMagic = 0x45544154534f4d4c;  // "LMOSTATE"

struct SlotHeader {
  std::uint64_t magic;
  std::uint64_t sequence;  // the greater of two is the later
  std::uint64_t size;      // of what follows
  std::uint64_t checksum;  // of what follows, begun with the sequence
};
static_assert(sizeof(SlotHeader) == 32);

// FNV-1a, 64 bits: the enemy is a write cut short, not a forger.
std::uint64_t checksum(std::uint64_t sequence, std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ sequence;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

template <typename T>
void put(std::string& bytes, T value) {
  static_assert(std::is_integral_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& bytes, std::string_view text) {
  put(bytes, static_cast<std::uint32_t>(text.size()));
  bytes += text;
}

// Takes values from the front; after the first that is not there everything it gives is zero.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T take() {
    T value{};
    const std::string_view raw = take_bytes(sizeof value);
    if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string take_text() {
    const auto size = take<std::uint32_t>();
    return std::string(take_bytes(size));
  }
  // A count of things that have at least `size` bytes each: never more than there is room for.
  std::size_t take_count(std::size_t size) {
    const std::size_t count = take<std::uint32_t>();
    if (count * size > bytes_.size()) ok_ = false;
    return ok_ ? count : 0;
  }
  bool at_end() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view take_bytes(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

void put_point(std::string& bytes, const LogPoint& point) {
  put(bytes, point.generation);
  put(bytes, point.size);
}

LogPoint take_point(Cursor& cursor) {
  const auto generation = cursor.take<std::uint32_t>();
  return {generation, cursor.take<std::uint64_t>()};
}

void put_part(std::string& bytes, const JournalPart& part) {
  put_text(bytes, part.journal);
  put(bytes, part.opened_ticks);
  put(bytes, static_cast<std::uint8_t>(part.closed));
  put(bytes, static_cast<std::uint32_t>(part.progress.size()));
  for (const BlockProgress& progress : part.progress) {
    put(bytes, progress.block);
    put(bytes, progress.generation);
    put(bytes, progress.consumed);
  }
}

JournalPart take_part(Cursor& cursor) {
  JournalPart part;
  part.journal = cursor.take_text();
  part.opened_ticks = cursor.take<std::uint64_t>();
  part.closed = cursor.take<std::uint8_t>() != 0;
  part.progress.resize(cursor.take_count(3 * sizeof(std::uint32_t)));
  for (BlockProgress& progress : part.progress) {
    progress.block = cursor.take<std::uint32_t>();
    progress.generation = cursor.take<std::uint32_t>();
    progress.consumed = cursor.take<std::uint32_t>();
  }
  return part;
}

void put_destination(std::string& bytes, const DestinationState& destination) {
  put_text(bytes, destination.name);
  put(bytes, destination.position);
  put(bytes, static_cast<std::uint8_t>(destination.has_batch));
}

DestinationState take_destination(Cursor& cursor) {
  DestinationState destination;
  destination.name = cursor.take_text();
  destination.position = cursor.take<std::uint64_t>();
  destination.has_batch = cursor.take<std::uint8_t>() != 0;
  return destination;
}

struct Slot {
  std::uint64_t sequence = 0;
  std::string bytes;
};

std::optional<Slot> read_slot(int fd, std::size_t index) {
  std::string raw(kSlotSize, '\0');
  const ssize_t got = ::pread(fd, raw.data(), raw.size(), static_cast<off_t>(index * kSlotSize));
  if (got < static_cast<ssize_t>(sizeof(SlotHeader))) return std::nullopt;
  SlotHeader header{};
  std::memcpy(&header, raw.data(), sizeof header);
  if (header.magic != kSlotMagic || header.size > static_cast<std::size_t>(got) - sizeof header) {
    return std::nullopt;
  }
  Slot slot{header.sequence, raw.substr(sizeof header, header.size)};
  if (checksum(slot.sequence, slot.bytes) != header.checksum) return std::nullopt;
  return slot;
}

std::optional<Slot> latest_slot(int fd) {
  auto latest = read_slot(fd, 0);
  auto other = read_slot(fd, 1);
  if (!latest || (other && other->sequence > latest->sequence)) return other;
  return latest;
}

}  // namespace

std::string serialize(const ExportState& state) {
  std::string bytes;
  put_text(bytes, state.output);
  put(bytes, state.offset);
  put(bytes, state.length);
  put_point(bytes, state.log_before);
  put_point(bytes, state.log_after);
  put(bytes, static_cast<std::uint32_t>(state.parts.size()));
  for (const JournalPart& part : state.parts) put_part(bytes, part);
  put(bytes, static_cast<std::uint8_t>(state.out));
  put(bytes, state.queue_size);
  put(bytes, static_cast<std::uint32_t>(state.destinations.size()));
  for (const DestinationState& destination : state.destinations) put_destination(bytes, destination);
  return bytes;
}

std::optional<ExportState> parse_export_state(std::string_view bytes) {
  Cursor cursor(bytes);
  ExportState state;
  state.output = cursor.take_text();
  state.offset = cursor.take<std::uint64_t>();
  state.length = cursor.take<std::uint64_t>();
  state.log_before = take_point(cursor);
  state.log_after = take_point(cursor);
  const std::size_t parts = cursor.take_count(1);
  for (std::size_t i = 0; i < parts; ++i) state.parts.push_back(take_part(cursor));
  state.out = cursor.take<std::uint8_t>() != 0;
  state.queue_size = cursor.take<std::uint64_t>();
  const std::size_t destinations = cursor.take_count(1);
  for (std::size_t i = 0; i < destinations; ++i) state.destinations.push_back(take_destination(cursor));
  if (!cursor.at_end()) return std::nullopt;
  return state;
}

ExportStateFile::~ExportStateFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool ExportStateFile::open(const std::string& path) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  return fd_ >= 0 && ::posix_fallocate(fd_, 0, 2 * kSlotSize) == 0;
}

std::optional<ExportState> read_export_state(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  const auto latest = latest_slot(fd);
  ::close(fd);
  return latest ? parse_export_state(latest->bytes) : std::nullopt;
}

std::optional<ExportState> ExportStateFile::read() {
  const auto latest = fd_ < 0 ? std::nullopt : latest_slot(fd_);
  if (!latest) return std::nullopt;
  sequence_ = latest->sequence;
  return parse_export_state(latest->bytes);
}

bool ExportStateFile::write(const ExportState& state) {
  if (fd_ < 0) return false;
  const std::string bytes = serialize(state);
  const std::uint64_t sequence = sequence_ + 1;
  const SlotHeader header{kSlotMagic, sequence, bytes.size(), checksum(sequence, bytes)};
  std::string raw(reinterpret_cast<const char*>(&header), sizeof header);
  raw += bytes;
  const auto offset = static_cast<off_t>(sequence % 2 * kSlotSize);
  if (raw.size() > kSlotSize) return false;
  if (::pwrite(fd_, raw.data(), raw.size(), offset) != static_cast<ssize_t>(raw.size())) return false;
  sequence_ = sequence;
  return true;
}

}  // namespace llmo::session
