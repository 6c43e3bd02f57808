#include "exporters/file/file_settings.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "shim/config/text.h"
#include "shim/config/values.h"

namespace llmo::file {
namespace {

using std::chrono::milliseconds;

constexpr char kMaxBytes[] = "LLMOBSERVE_FILE_MAX_BYTES";
constexpr char kMaxAge[] = "LLMOBSERVE_FILE_MAX_AGE";
constexpr char kMaxFiles[] = "LLMOBSERVE_FILE_MAX_FILES";
constexpr char kCompression[] = "LLMOBSERVE_FILE_COMPRESSION";

constexpr char kNoLimit[] = "no limit";
constexpr char kTimes[] = "a time: a plain number is milliseconds; ms, s, m, h and d say the unit";

// Below it every batch would be a file.
constexpr std::uint64_t kLeastBytes = 64 * 1024;
constexpr std::uint64_t kMostBytes = 1ULL << 50;
constexpr std::uint64_t kMostFiles = 1'000'000;
constexpr std::uint64_t kMostAgeMs = 366ULL * 24 * 3600 * 1000;

constexpr config::SettingInfo kTable[] = {
    {.variable = kMaxBytes,
     .default_text = kNoLimit,
     .meaning = "go on in another trace file before one grows beyond this; a batch is never torn",
     .values = "a number of bytes from 64K on, with or without K, M or G"},
    {.variable = kMaxAge,
     .default_text = kNoLimit,
     .meaning = "go on in another trace file when one is older than this",
     .values = kTimes},
    {.variable = kMaxFiles,
     .default_text = kNoLimit,
     .meaning =
         "delete a service's oldest trace files when it has more than this; files that are still being "
         "written stay",
     .values = "a number of files from 1 on"},
    {.variable = kCompression,
     .default_text = "none",
     .meaning = "compress new trace files (.otlp.jsonl.gz, .otlp.jsonl.zst)",
     .values = "none, gzip or zstd"}};

std::uint64_t ms_in(char unit) {
  switch (unit) {
    case 'm':
      return 60'000;
    case 'h':
      return 3'600'000;
    case 'd':
      return 86'400'000;
    default:
      return 0;
  }
}

// What the library reads as a time, and minutes, hours and days.
std::optional<std::uint64_t> parse_age_ms(std::string_view text) {
  const std::uint64_t unit = text.empty() ? 0 : ms_in(text.back());
  if (unit == 0) {
    const auto nanos = config::parse_duration_nanos(text);
    return nanos ? std::optional(*nanos / 1'000'000) : std::nullopt;
  }
  text.remove_suffix(1);
  const auto number = config::parse_number(config::trim(text));
  std::uint64_t ms = 0;
  if (!number || __builtin_mul_overflow(*number, unit, &ms)) return std::nullopt;
  return ms;
}

milliseconds read_age(config::EnvironmentReader& environment) {
  const std::string value = environment.text({kMaxAge});
  if (value.empty()) return {};
  const auto ms = parse_age_ms(value);
  if (ms && *ms > 0 && *ms <= kMostAgeMs) return milliseconds(*ms);
  environment.note(
      fmt::format("{}: \"{}\" is not {}; using {}", kMaxAge, config::excerpt(value), kTimes, kNoLimit));
  return {};
}

}  // namespace

FileSettings read_file_settings(config::EnvironmentReader& environment) {
  FileSettings settings;
  settings.max_bytes = environment.bytes({kMaxBytes}, 0, kLeastBytes, kMostBytes);
  settings.max_age = read_age(environment);
  settings.max_files = environment.number({kMaxFiles}, 0, 1, kMostFiles);
  settings.compression =
      static_cast<Compression>(environment.word({kCompression}, {"none", "gzip", "zstd"}, 0));
  return settings;
}

std::span<const config::SettingInfo> file_setting_table() { return kTable; }

}  // namespace llmo::file
