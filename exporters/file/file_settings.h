// How trace files are kept: when one ends and another begins, how many stay, and whether they are compressed.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "exporters/config/environment_reader.h"
#include "shim/config/settings.h"

namespace llmo::file {

enum class Compression { kNone, kGzip, kZstd };

struct FileSettings {
  std::uint64_t max_bytes = 0;          // LLMOBSERVE_FILE_MAX_BYTES, 0: no limit
  std::uint64_t max_files = 0;          // LLMOBSERVE_FILE_MAX_FILES, 0: no limit
  std::chrono::milliseconds max_age{};  // LLMOBSERVE_FILE_MAX_AGE, 0: no limit
  Compression compression = Compression::kNone;
};

// What cannot be read keeps its default and leaves a note.
FileSettings read_file_settings(config::EnvironmentReader& environment);

// For help texts and the README.
std::span<const config::SettingInfo> file_setting_table();

}  // namespace llmo::file
