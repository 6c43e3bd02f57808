#include "tests/bench/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>

namespace llmo::bench {

ScratchDirectory::ScratchDirectory(const std::filesystem::path& parent)
    : path_{parent / ("llmobserve-bench-" + std::to_string(getpid()))} {
  if (mkdir(path_.c_str(), 0700) != 0) path_.clear();
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::uintmax_t free_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(path, error);
  return error ? 0 : space.available;
}

}  // namespace llmo::bench
