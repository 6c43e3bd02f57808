#include "symbolizer/debug_file.h"

#include <array>

#include "shim/platform/syscalls.h"

namespace llmo::symbolizer {

namespace {

namespace sys = platform::sys;

constexpr std::string_view kDebugRoot = "/usr/lib/debug";

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
    table[byte] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::string build_id_path(BuildIdView build_id) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string path(kDebugRoot);
  path += "/.build-id/";
  for (std::size_t index = 0; index < build_id.size(); ++index) {
    path += kHex[build_id[index] >> 4];
    path += kHex[build_id[index] & 15];
    if (index == 0) path += '/';
  }
  return path + ".debug";
}

// Where `path` leads, symbolic links and `..` resolved; `path` itself where that cannot be told.
std::string resolved(const std::string& path) {
  const int fd = sys::open(path.c_str(), O_PATH);
  if (fd < 0) return path;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::string target(4096, '\0');  // on the heap: the stack may be a signal handler's small one
  const long size = sys::readlink(link.c_str(), target.data(), target.size());
  sys::close(fd);
  if (size <= 0 || target[0] != '/') return path;
  target.resize(static_cast<std::size_t>(size));
  return target;
}

struct DebugLink {
  std::string_view name;  // without directory
  std::uint32_t crc = 0;
};

std::optional<DebugLink> read_debug_link(const ElfImage& image) {
  ByteReader reader(image.contents(".gnu_debuglink"));
  DebugLink link;
  link.name = reader.text();
  reader.skip((4 - reader.position() % 4) % 4);
  link.crc = reader.u32();
  if (!reader.ok() || link.name.empty() || link.name.find('/') != std::string_view::npos) return std::nullopt;
  return link;
}

// A stripped file whose debug link bears its own name would lead to itself.
bool has_symbols(const ElfImage& candidate) { return candidate.find_section(SHT_SYMTAB).has_value(); }

std::optional<ElfImage> try_build_id(const ElfImage& image) {
  const BuildIdView build_id = image.build_id();
  if (build_id.size() < 2) return std::nullopt;
  auto candidate = ElfImage::open(build_id_path(build_id).c_str());
  if (!candidate || !has_symbols(*candidate)) return std::nullopt;
  const BuildIdView found = candidate->build_id();
  if (!found.empty() && !same_build_id(found, build_id)) return std::nullopt;
  return candidate;
}

std::optional<ElfImage> try_debug_link(const ElfImage& image, const DebugLink& link,
                                       const std::string& path) {
  auto candidate = ElfImage::open(path.c_str());
  if (!candidate || !has_symbols(*candidate)) return std::nullopt;
  const BuildIdView wanted = image.build_id();
  const BuildIdView found = candidate->build_id();
  const bool fits = wanted.empty() || found.empty()
                        ? crc32(candidate->bytes()) == link.crc  // reads all of it
                        : same_build_id(wanted, found);
  return fits ? std::move(candidate) : std::nullopt;
}

}  // namespace

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t value = ~0U;
  for (const std::byte byte : bytes)
    value = (value >> 8) ^ kCrcTable[(value ^ static_cast<std::uint32_t>(byte)) & 255];
  return ~value;
}

std::optional<ElfImage> open_debug_file(const ElfImage& image, const std::string& path) {
  if (auto found = try_build_id(image)) return found;
  const auto link = read_debug_link(image);
  if (!link) return std::nullopt;
  const std::string file = resolved(path);
  const std::size_t slash = file.rfind('/');
  const std::string directory = slash == std::string::npos ? "./" : file.substr(0, slash + 1);
  const std::string name(link->name);
  const std::string candidates[] = {directory + name, directory + ".debug/" + name,
                                    std::string(kDebugRoot) + directory + name};
  for (const std::string& candidate : candidates) {
    if (auto found = try_debug_link(image, *link, candidate)) return found;
  }
  return std::nullopt;
}

}  // namespace llmo::symbolizer
