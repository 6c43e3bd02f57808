// How single values of settings are read: words, numbers, sizes, lists of names.
//
// All take trimmed, non-empty text and return nothing where it cannot be read. No locale, no allocation but
// for returned strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llmo::config {

// true, yes, on, 1 and false, no, off, 0, in any case.
std::optional<bool> parse_boolean(std::string_view text);

// OpenTelemetry's booleans: true and false in any case, nothing else.
// Source: OpenTelemetry specification, Environment Variable Specification, "Boolean".
std::optional<bool> parse_otel_boolean(std::string_view text);

// A decimal number without sign that fits 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

// A time in nanoseconds: a plain number is milliseconds, ns, us, ms and s say the unit.
std::optional<std::uint64_t> parse_duration_nanos(std::string_view text);

// A size in MiB: a plain number is MiB, K, M and G (also KB, KiB …, any case) say the unit. KiB are rounded
// up.
std::optional<std::uint64_t> parse_mebibytes(std::string_view text);

// A number from 0 to 1 (`0.25`, `.5`, `1e-3`), in 2^-56 (kWholeShare), rounded down; but nothing that is more
// than 0 becomes 0.
std::optional<std::uint64_t> parse_share(std::string_view text);

// The names of a comma-separated list of exporters.
struct ExporterNames {
  std::string known;               // comma-separated, lower case, each once, in the order given
  std::string_view first_unknown;  // empty if all are known; points into the list
};
ExporterNames parse_exporters(std::string_view list);

// `text` as a note may show it: cut to a short length, bytes that are not printable ASCII as `?`.
std::string excerpt(std::string_view text);

}  // namespace llmo::config
