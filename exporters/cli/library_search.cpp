#include "exporters/cli/library_search.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace llmo::cli {
namespace {

constexpr std::string_view kDefaultDirectories =
    "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib";

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

// ld.so(8), Dynamic string tokens. $PLATFORM is left: nobody is known to use it.
std::string expand_tokens(std::string text, const std::string& origin) {
  replace_all(text, "${ORIGIN}", origin);
  replace_all(text, "$ORIGIN", origin);
  replace_all(text, "${LIB}", "lib/x86_64-linux-gnu");
  replace_all(text, "$LIB", "lib/x86_64-linux-gnu");
  return text;
}

std::string find_in(std::string_view name, std::string_view directories) {
  while (!directories.empty()) {
    const auto end = directories.find_first_of(":;");
    const std::string_view directory = directories.substr(0, end);
    std::string path = std::string(directory.empty() ? "." : directory) + '/' + std::string(name);
    if (::access(path.c_str(), R_OK) == 0) return path;
    if (end == std::string_view::npos) break;
    directories.remove_prefix(end + 1);
  }
  return {};
}

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

std::string_view text_at(std::string_view bytes, std::size_t offset) {
  if (offset >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(offset);
  const auto end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

}  // namespace

// glibc, sysdeps/generic/dl-cache.h: a header of 48 bytes (magic and version, 20; number of libraries, 4; …),
// then entries of 24: flags, name, path, OS version (4 each; name and path are offsets into the file), 8
// more.
std::map<std::string, std::string, std::less<>> parse_loader_cache(std::string_view bytes) {
  constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
  constexpr std::size_t kHeaderSize = 48;
  constexpr std::size_t kEntrySize = 24;
  constexpr std::int32_t kX86_64Library = 0x0303;
  std::map<std::string, std::string, std::less<>> libraries;
  if (bytes.size() < kHeaderSize || !bytes.starts_with(kMagic)) return libraries;

  const auto count = number_at<std::uint32_t>(bytes, kMagic.size());
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t entry = kHeaderSize + index * kEntrySize;
    if (entry + kEntrySize > bytes.size()) break;
    if (number_at<std::int32_t>(bytes, entry) != kX86_64Library) continue;
    const auto name = text_at(bytes, number_at<std::uint32_t>(bytes, entry + 4));
    const auto path = text_at(bytes, number_at<std::uint32_t>(bytes, entry + 8));
    if (!name.empty() && !path.empty()) libraries.emplace(name, path);
  }
  return libraries;
}

LibrarySearch::LibrarySearch(std::string library_path)
    : library_path_(std::move(library_path)), cache_(parse_loader_cache(read_file("/etc/ld.so.cache"))) {}

std::string LibrarySearch::find(std::string_view name, const ElfFacts& user,
                                const std::string& user_path) const {
  const std::string origin = directory_of(user_path);
  if (name.find('/') != std::string_view::npos) return expand_tokens(std::string(name), origin);

  std::string path;
  if (user.runpath.empty()) path = find_in(name, expand_tokens(user.rpath, origin));
  if (path.empty()) path = find_in(name, library_path_);
  if (path.empty()) path = find_in(name, expand_tokens(user.runpath, origin));
  if (!path.empty()) return path;
  if (const auto known = cache_.find(name); known != cache_.end()) return known->second;
  return find_in(name, kDefaultDirectories);
}

}  // namespace llmo::cli
