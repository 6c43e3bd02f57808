// Small files that are written whole or not at all.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace llmo::session {

// Writes beside `path` and renames; 0600. False, with errno, where that fails: `path` is as it was then.
bool replace_file(const std::string& path, std::string_view text);

// Nothing where there is no plain file of that name, or it is larger than `most_bytes`.
std::optional<std::string> read_small_file(const std::string& path, std::size_t most_bytes);

}  // namespace llmo::session
