// A glob, compiled and matched: see glob.h.
#include "shim/filter/glob.h"

#include <algorithm>

namespace llmo::filter {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Bytes that are no UTF-8 get values above all of Unicode, each its own.
constexpr char32_t kStrayByte = 0x110000;

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// Length of the UTF-8 sequence that `lead` opens, 1 where it opens none.
std::size_t sequence_length(unsigned char lead) {
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 1;
}

// Reads the character at `at` and moves behind it. Overlong forms and surrogates are let through: what counts
// here is only that pattern and text are read the same way.
char32_t next_character(std::string_view text, std::size_t& at) {
  const unsigned char lead = byte_at(text, at);
  const std::size_t start = at++;
  if (lead < 0x80) return lead;
  const std::size_t length = sequence_length(lead);
  if (length == 1 || length > text.size() - start) return kStrayByte + lead;

  char32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char byte = byte_at(text, start + i);
    if ((byte & 0xC0U) != 0x80U) return kStrayByte + lead;
    character = (character << 6U) | (byte & 0x3FU);
  }
  at = start + length;
  return character;
}

// Where the set that opens at `open` is closed. A `]` that stands first in the set is one of its characters.
std::size_t find_close(std::string_view text, std::size_t open) {
  std::size_t first = open + 1;
  if (first < text.size() && (text[first] == '!' || text[first] == '^')) ++first;
  return text.find(']', first + 1);
}

}  // namespace

// A `[` or `]` beside the ends may turn out to be ordinary; then the middle is longer than it has to be, no
// more.
Glob::Glob(std::string_view pattern) {
  const std::size_t first_special = pattern.find_first_of("*?[");
  prefix_ = pattern.substr(0, first_special);
  if (first_special == kNone) return;
  const std::size_t last_special = pattern.find_last_of("*?[]");
  suffix_ = pattern.substr(last_special + 1);
  compile(pattern.substr(first_special, last_special + 1 - first_special));
}

void Glob::compile(std::string_view middle) {
  bool sets_may_close = true;  // false once a search has come to the end: later ones would too, each in full
  for (std::size_t at = 0; at < middle.size();) {
    const char special = middle[at];
    const std::size_t close = special == '[' && sets_may_close ? find_close(middle, at) : kNone;
    if (close != kNone) {
      middle_.push_back(compile_set(middle.substr(at + 1, close - at - 1)));
      at = close + 1;
    } else if (special == '*') {
      // Two stars side by side say what one says.
      if (middle_.empty() || middle_.back().kind != Kind::kStar) middle_.push_back({.kind = Kind::kStar});
      ++at;
    } else if (special == '?') {
      middle_.push_back({.kind = Kind::kAnyCharacter});
      ++at;
    } else {
      if (special == '[') sets_may_close = false;
      middle_.push_back({.kind = Kind::kCharacter, .character = next_character(middle, at)});
    }
  }
}

Glob::Token Glob::compile_set(std::string_view inside) {
  const bool inverted = inside.front() == '!' || inside.front() == '^';
  if (inverted) inside.remove_prefix(1);

  const auto first_range = static_cast<std::uint32_t>(ranges_.size());
  for (std::size_t at = 0; at < inside.size();) {
    const char32_t first = next_character(inside, at);
    char32_t last = first;
    if (at + 1 < inside.size() && inside[at] == '-') last = next_character(inside, ++at);
    ranges_.push_back({first, last});
  }
  return {.kind = inverted ? Kind::kOtherThanSet : Kind::kSet,
          .first_range = first_range,
          .end_range = static_cast<std::uint32_t>(ranges_.size())};
}

bool Glob::takes(const Token& token, char32_t character) const {
  if (token.kind == Kind::kAnyCharacter) return true;
  if (token.kind == Kind::kCharacter) return token.character == character;
  const bool in_set =
      std::any_of(ranges_.begin() + token.first_range, ranges_.begin() + token.end_range,
                  [&](const Range& range) { return range.first <= character && character <= range.last; });
  return in_set == (token.kind == Kind::kSet);
}

bool Glob::matches(std::string_view text) const {
  if (!text.starts_with(prefix_)) return false;
  text.remove_prefix(prefix_.size());
  if (!text.ends_with(suffix_)) return false;
  text.remove_suffix(suffix_.size());
  return matches_middle(text);
}

bool Glob::matches_everything() const {
  return prefix_.empty() && suffix_.empty() && middle_.size() == 1 && middle_.front().kind == Kind::kStar;
}

// Where a character does not fit, the last star takes one more and all after it is tried again. Earlier stars
// need not be: if the text between two stars fits at all, its first place is as good as any later one.
bool Glob::matches_middle(std::string_view text) const {
  const std::size_t end = middle_.size();
  std::size_t token = 0;
  std::size_t after_star = kNone;
  std::size_t star_stops = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (token < end && middle_[token].kind == Kind::kStar) {
      if (++token == end) return true;
      after_star = token;
      star_stops = at;
      continue;
    }
    std::size_t next = at;
    if (token < end && takes(middle_[token], next_character(text, next))) {
      ++token;
      at = next;
    } else if (after_star != kNone) {
      next_character(text, star_stops);
      at = star_stops;
      token = after_star;
    } else {
      return false;
    }
  }
  return token == end || (token + 1 == end && middle_[token].kind == Kind::kStar);
}

}  // namespace llmo::filter
