// How single values of settings are read: see values.h.
#include "shim/config/values.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "shim/config/text.h"

namespace llmo::config {
namespace {

struct Word {
  std::string_view text;
  bool value;
};
constexpr Word kBooleanWords[] = {{"true", true}, {"false", false}, {"1", true},  {"0", false},
                                  {"yes", true},  {"no", false},    {"on", true}, {"off", false}};

constexpr std::string_view kExporters[] = {"file", "otlp", "console", "clickhouse", "none"};

constexpr std::size_t kExcerptSize = 40;

// Takes `ending` (lower case) off the end of `text`, whatever its case.
bool drop_ending(std::string_view& text, std::string_view ending) {
  if (text.size() < ending.size()) return false;
  if (!equal_ignoring_case(text.substr(text.size() - ending.size()), ending)) return false;
  text.remove_suffix(ending.size());
  return true;
}

bool drop_unit(std::string_view& text, std::string_view letter_then_ib) {
  const std::string_view letter = letter_then_ib.substr(0, 1);
  const char with_b[] = {letter[0], 'b'};
  return drop_ending(text, letter_then_ib) || drop_ending(text, {with_b, 2}) || drop_ending(text, letter);
}

std::optional<std::uint64_t> times(std::optional<std::uint64_t> number, std::uint64_t factor) {
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
  return *number * factor;
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  for (const Word& word : kBooleanWords) {
    if (equal_ignoring_case(text, word.text)) return word.value;
  }
  return std::nullopt;
}

std::optional<bool> parse_otel_boolean(std::string_view text) {
  if (equal_ignoring_case(text, "true")) return true;
  if (equal_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> parse_duration_nanos(std::string_view text) {
  std::uint64_t nanos = 1'000'000;
  if (drop_ending(text, "ns")) {
    nanos = 1;
  } else if (drop_ending(text, "us")) {
    nanos = 1'000;
  } else if (!drop_ending(text, "ms") && drop_ending(text, "s")) {
    nanos = 1'000'000'000;
  }
  return times(parse_number(trim(text)), nanos);
}

std::optional<std::uint64_t> parse_mebibytes(std::string_view text) {
  if (drop_unit(text, "gib")) return times(parse_number(trim(text)), 1024);
  if (drop_unit(text, "kib")) {
    const std::optional<std::uint64_t> kibibytes = parse_number(trim(text));
    if (!kibibytes) return std::nullopt;
    return *kibibytes / 1024 + (*kibibytes % 1024 != 0 ? 1 : 0);
  }
  drop_unit(text, "mib");
  return parse_number(trim(text));
}

ExporterNames parse_exporters(std::string_view list) {
  ExporterNames names;
  bool seen[std::size(kExporters)] = {};
  for_each_entry(list, [&](std::string_view entry) {
    const auto* const known = std::find_if(std::begin(kExporters), std::end(kExporters), [&](auto exporter) {
      return equal_ignoring_case(entry, exporter);
    });
    if (known == std::end(kExporters)) {
      if (names.first_unknown.empty()) names.first_unknown = entry;
      return;
    }
    // Each once: a name given twice must not write the same trace twice.
    bool& already = seen[known - std::begin(kExporters)];
    if (already) return;
    already = true;
    if (!names.known.empty()) names.known += ',';
    names.known += *known;
  });
  return names;
}

std::string excerpt(std::string_view text) {
  std::string shown{text.substr(0, kExcerptSize)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > kExcerptSize) shown += "...";
  return shown;
}

}  // namespace llmo::config
