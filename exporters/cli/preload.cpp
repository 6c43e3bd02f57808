#include "exporters/cli/preload.h"

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <climits>
#include <cstdlib>

namespace llmo::cli {
namespace {

constexpr std::string_view kSeparators = " :";

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::vector<std::string> candidates() {
  const char* const chosen = std::getenv("LLMOBSERVE_LIBRARY");
  return library_candidates(chosen == nullptr ? "" : chosen, own_path());
}

}  // namespace

std::string own_path() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size <= 0 ? std::string() : std::string(path, static_cast<std::size_t>(size));
}

std::vector<std::string> library_candidates(std::string_view chosen, std::string_view program_path) {
  if (!chosen.empty()) return {std::string(chosen)};
  const auto slash = program_path.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string directory(program_path.substr(0, slash));
  const auto parent = directory.rfind('/');
  std::vector<std::string> out = {fmt::format("{}/{}", directory, kLibraryName)};
  if (parent != std::string::npos) {
    out.push_back(fmt::format("{}/lib/{}", directory.substr(0, parent), kLibraryName));
  }
  return out;
}

std::string find_library() {
  for (const std::string& path : candidates()) {
    if (::access(path.c_str(), R_OK) != 0) continue;
    if (path.starts_with('/')) return path;
    char absolute[PATH_MAX];  // the program may change its directory and start others
    if (::realpath(path.c_str(), absolute) != nullptr) return absolute;
  }
  return {};
}

std::string library_missing() {
  return fmt::format(
      "{} is not where it should be (looked for {}); LLMOBSERVE_LIBRARY=<path> says where it is",
      kLibraryName, fmt::join(candidates(), ", "));
}

bool can_be_preloaded(std::string_view path) {
  return path.find_first_of(kSeparators) == std::string_view::npos;
}

std::string preload_value(std::string_view library, std::string_view asan_runtime,
                          std::string_view existing) {
  std::string out(asan_runtime);
  const auto add = [&out](std::string_view entry) {
    if (!out.empty()) out += ':';
    out += entry;
  };
  add(library);
  while (!existing.empty()) {
    const auto end = existing.find_first_of(kSeparators);
    const std::string_view entry = existing.substr(0, end);
    const bool ours = base_name(entry) == kLibraryName || (!asan_runtime.empty() && entry == asan_runtime);
    if (!entry.empty() && !ours) add(entry);
    if (end == std::string_view::npos) break;
    existing.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace llmo::cli
