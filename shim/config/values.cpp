// How single values of settings are read: see values.h.
#include "shim/config/values.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "shim/config/settings.h"
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

namespace {

// A decimal number as it is written: mantissa × 10^-scale.
struct Decimal {
  std::uint64_t mantissa = 0;
  int scale = 0;
};

// Digits that a mantissa has room for; decimals beyond them say nothing that a share could show.
constexpr std::uint64_t kMantissaLimit = 1'000'000'000'000'000'000;

std::optional<Decimal> parse_mantissa(std::string_view text) {
  Decimal number;
  bool has_digits = false;
  bool has_point = false;
  for (const char c : text) {
    if (c == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    has_digits = true;
    if (number.mantissa >= kMantissaLimit / 10) {
      if (!has_point) return std::nullopt;
      continue;
    }
    number.mantissa = number.mantissa * 10 + static_cast<unsigned>(c - '0');
    if (has_point) ++number.scale;
  }
  if (!has_digits) return std::nullopt;
  return number;
}

std::optional<int> parse_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, exponent);
  constexpr int kLimit = 1000;
  if (error != std::errc{} || stop != end || exponent < -kLimit || exponent > kLimit) return std::nullopt;
  return exponent;
}

}  // namespace

// By whole numbers: a floating-point unit would round as the program has told it to.
std::optional<std::uint64_t> parse_share(std::string_view text) {
  const std::size_t letter = text.find_first_of("eE");
  std::optional<Decimal> number = parse_mantissa(text.substr(0, letter));
  if (!number) return std::nullopt;
  if (letter != std::string_view::npos) {
    const std::optional<int> exponent = parse_exponent(text.substr(letter + 1));
    if (!exponent) return std::nullopt;
    number->scale -= *exponent;
  }
  if (number->mantissa == 0) return 0;
  unsigned __int128 share = static_cast<unsigned __int128>(number->mantissa) * kWholeShare;
  for (; number->scale < 0 && share <= kWholeShare; ++number->scale) share *= 10;
  for (; number->scale > 0 && share != 0; --number->scale) share /= 10;
  if (share > kWholeShare) return std::nullopt;
  return std::max(static_cast<std::uint64_t>(share), std::uint64_t{1});
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
