#include "exporters/otlp/otlp_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "exporters/net/url.h"
#include "shim/config/text.h"

namespace llmo::otlp {
namespace {

constexpr std::size_t kMostHeaders = 100;

// They describe the body, and are ours.
constexpr std::string_view kOwn[] = {"content-type", "content-encoding", "content-length",
                                     "transfer-encoding"};

// RFC 9110, 5.6.2.
constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return config::is_letter_or_digit(c) || kMarks.find(c) != kMarks.npos;
  });
}

// A line's end in a value would begin another header.
bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code < ' ' && c != '\t') || code == 0x7f;
  });
}

bool is_own(std::string_view name) {
  return std::any_of(std::begin(kOwn), std::end(kOwn),
                     [name](std::string_view own) { return config::equal_ignoring_case(name, own); });
}

// Why the member cannot be used; empty where it can, and has been added.
std::string_view add_member(std::string_view member, net::HttpHeaders& headers) {
  const std::size_t equals = member.find('=');
  if (equals == member.npos) return "has no `=`";
  const std::string_view name = config::trim(member.substr(0, equals));
  if (!is_token(name)) return "has a name that no header can have";
  if (is_own(name)) return "names a header that the exporter sets itself";
  std::string value = net::percent_decoded(config::trim(member.substr(equals + 1)));
  if (!is_field_value(value)) return "has a control character in its value";
  if (headers.size() == kMostHeaders) return "is one too many";
  headers.emplace_back(name, std::move(value));
  return {};
}

}  // namespace

ParsedHeaders parse_headers(std::string_view variable, std::string_view list) {
  ParsedHeaders parsed;
  std::size_t place = 0;
  config::for_each_entry(list, [&](std::string_view member) {
    ++place;
    const std::string_view fault = add_member(member, parsed.headers);
    if (!fault.empty()) {
      parsed.notes.push_back(fmt::format("{}: member {} {}; it is left out", variable, place, fault));
    }
  });
  return parsed;
}

}  // namespace llmo::otlp
