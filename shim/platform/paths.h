// Paths as the host's current directory has them.
#pragma once

#include <string>

#include "shim/platform/syscalls.h"

namespace llmo::platform {

// `path`, from the root. Empty where the current directory is not known (deleted, unreachable).
inline std::string absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  std::string directory(4096, '\0');
  const long size = sys::getcwd(directory.data(), directory.size());  // counts the terminating NUL
  if (size <= 0 || directory.front() != '/') return {};
  directory.resize(static_cast<std::size_t>(size) - 1);
  return directory + '/' + path;
}

}  // namespace llmo::platform
