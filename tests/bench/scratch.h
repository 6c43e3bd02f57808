// What the benchmark leaves on disk and in shared memory while it runs, and takes away at its end.
#pragma once

#include <filesystem>

namespace llmo::bench {

// A directory for one run of the benchmark, removed with all that is in it.
class ScratchDirectory {
 public:
  // Makes `<parent>/llmobserve-bench-<pid>`, 0700. path() is empty where that failed.
  explicit ScratchDirectory(const std::filesystem::path& parent);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Bytes that are free in the file system of `path`; 0 where it cannot be told.
std::uintmax_t free_bytes(const std::filesystem::path& path);

}  // namespace llmo::bench
