// Globs: what each form takes, and that no pattern can hang or break the matcher.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "shim/filter/glob.h"

namespace {

using llmo::filter::Glob;

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

template <std::size_t count>
void check_all(const Case (&cases)[count]) {
  for (const Case& c : cases) {
    CAPTURE(c.pattern, c.text);
    CHECK(Glob{c.pattern}.matches(c.text) == c.matches);
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("a pattern without special characters matches itself and nothing else", "[filter][glob]") {
  check_all({{"plan", "plan", true},
             {"plan", "plans", false},
             {"plan", "a plan", false},
             {"plan", "Plan", false},
             {"plan", "", false},
             {"", "", true},
             {"", "a", false},
             {"operator+", "operator+", true},
             {"a.c", "abc", false}});
}

TEST_CASE("a star takes anything, nothing included, slashes and colons too", "[filter][glob]") {
  check_all({{"*", "", true},
             {"*", "anything", true},
             {"**", "", true},
             {"***", "x", true},
             {"*_agent", "plan_agent", true},
             {"*_agent", "_agent", true},
             {"*_agent", "agent", false},
             {"*_agent", "plan_agent_2", false},
             {"plan_*", "plan_", true},
             {"plan_*", "plan", false},
             {"*plan*", "my_planner", true},
             {"a*b*c", "abc", true},
             {"a*b*c", "aXbYbZc", true},
             {"a*b*c", "acb", false},
             {"aa*aa", "aaa", false},
             {"aa*aa", "aaaa", true},
             {"*/third_party/*", "/src/third_party/x/y.c", true},
             {"acme::*_agent", "acme::deep::Planner::plan_agent", true},
             {"*ab*ab", "abab", true},
             {"*abc", "ababc", true},
             {"*a*?", "ba", false},
             {"*a*?", "bac", true}});
}

TEST_CASE("a question mark takes exactly one character", "[filter][glob]") {
  check_all({{"?", "", false},
             {"?", "a", true},
             {"?", "ab", false},
             {"step_?", "step_1", true},
             {"step_?", "step_", false},
             {"??*", "a", false},
             {"??*", "abc", true},
             {"*?", "", false},
             {"*?b", "ab", true},
             {"*?b", "b", false}});
}

TEST_CASE("a set takes one of its characters, or one of the others", "[filter][glob]") {
  check_all({{"[abc]", "b", true},
             {"[abc]", "d", false},
             {"[abc]", "", false},
             {"[a-c]x", "bx", true},
             {"[a-c]x", "dx", false},
             {"[a-cx-z]", "y", true},
             {"[!a-c]", "d", true},
             {"[!a-c]", "b", false},
             {"[^a-c]", "d", true},
             {"[^a-c]", "a", false},
             {"[!a]", "", false},
             {"[c-a]", "b", false},
             {"[c-a]", "c", false},
             {"[-a]", "-", true},
             {"[a-]", "-", true},
             {"[a-]", "b", false},
             {"[]]", "]", true},
             {"[]a]", "a", true},
             {"[!]]", "]", false},
             {"[!]]", "a", true},
             {"[*]", "*", true},
             {"[*]", "a", false},
             {"[?]", "?", true},
             {"[[]", "[", true},
             {"operator[*]", "operator*", true},
             {"operator[*]", "operator+", false},
             {"*_v[0-9]", "plan_v2", true},
             {"*_v[0-9]", "plan_vx", false},
             {"*[0-9]*[0-9]", "a1b2", true},
             {"*[0-9]*[0-9]", "a1b", false}});
}

TEST_CASE("a bracket that is never closed is an ordinary character", "[filter][glob]") {
  check_all({{"operator[]", "operator[]", true},
             {"operator[]", "operator", false},
             {"*[]", "operator[]", true},
             {"[", "[", true},
             {"[", "a", false},
             {"[!", "[!", true},
             {"[!]", "[!]", true},
             {"[!]", "x", false},
             {"a[b", "a[b", true},
             {"a[b*", "a[bcd", true},
             {"[a][b", "a[b", true},
             {"[a]]", "a]", true},
             {"]", "]", true},
             {"]*", "]x", true}});
}

TEST_CASE("a character is a whole UTF-8 sequence, and bytes that are none are characters too",
          "[filter][glob]") {
  check_all({{"gr?n_agent", "grün_agent", true},
             {"gr?n", "gr\xC3\x28n", false},  // a stray byte and an ordinary one: two characters
             {"gr??n", "gr\xC3\x28n", true},
             {"[äö]x", "öx", true},
             {"[äö]x", "üx", false},
             {"[!ä]x", "öx", true},
             {"[α-ω]", "λ", true},
             {"?", "\xF0\x9F\x98\x80", true},
             {"?", "\xF0\x9F\x98", false},
             {"*", "\xFF\xFE\x80", true},
             {"*\xFF*", "a\xFF", true},
             {"[\xFF]", "\xFF", true},
             {"[\xFF]", "\xFE", false},
             {"?\xFF", "\xFF\xFF", true}});
}

TEST_CASE("a zero byte is a character like others", "[filter][glob]") {
  const std::string_view text{"a\0b", 3};
  CHECK(Glob{"a?b"}.matches(text));
  CHECK(Glob{text}.matches(text));
  CHECK_FALSE(Glob{"a"}.matches(text));
}

TEST_CASE("a pattern made to explode is matched in bounded time", "[filter][glob]") {
  const std::string many_a(20'000, 'a');
  CHECK_FALSE(Glob{repeated("a*", 5'000) + "b"}.matches(many_a));
  CHECK_FALSE(Glob{repeated("a*", 5'000) + "b*"}.matches(many_a));
  CHECK(Glob{repeated("a*", 5'000)}.matches(many_a));
  CHECK_FALSE(Glob{repeated("?*", 5'000) + "b*"}.matches(many_a));
  CHECK_FALSE(Glob{"*" + std::string(500, 'a') + "[b]*"}.matches(many_a));
}

TEST_CASE("a pattern of a megabyte is compiled and matched", "[filter][glob]") {
  const std::size_t million = 1'000'000;
  CHECK(Glob{std::string(million, '*')}.matches("x"));
  CHECK_FALSE(Glob{std::string(million, '?')}.matches("x"));
  CHECK(Glob{std::string(million, '[')}.matches(std::string(million, '[')));
  CHECK_FALSE(Glob{std::string(million, '[')}.matches("x"));
  CHECK_FALSE(Glob{repeated("[a]", million / 3)}.matches("a"));
  CHECK_FALSE(Glob{"[" + std::string(million, 'b') + "]"}.matches("a"));
  CHECK_FALSE(Glob{std::string(million, '\xFF')}.matches("x"));
}

TEST_CASE("only stars match everything", "[filter][glob]") {
  CHECK(Glob{"*"}.matches_everything());
  CHECK(Glob{"****"}.matches_everything());
  for (const char* pattern : {"", "a", "a*", "*a", "?", "*?", "[*]", "*[!a]*"}) {
    CAPTURE(pattern);
    CHECK_FALSE(Glob{pattern}.matches_everything());
  }
}

// The plainest matcher there is, to compare with: bytes, `*`, `?` and letters only.
namespace {
bool plainly_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return plainly_matches(pattern.substr(1), text) ||
           (!text.empty() && plainly_matches(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         plainly_matches(pattern.substr(1), text.substr(1));
}

std::string nth_word(std::string_view alphabet, unsigned number) {
  std::string word;
  for (; number != 0; number /= static_cast<unsigned>(alphabet.size() + 1)) {
    const unsigned digit = number % static_cast<unsigned>(alphabet.size() + 1);
    if (digit != 0) word += alphabet[digit - 1];
  }
  return word;
}
}  // namespace

TEST_CASE("short patterns agree with the plainest matcher on all short texts", "[filter][glob]") {
  std::size_t differences = 0;
  for (unsigned p = 0; p < 3'125; ++p) {
    const std::string pattern = nth_word("*?ab", p);
    const Glob glob{pattern};
    for (unsigned t = 0; t < 243; ++t) {
      const std::string text = nth_word("ab", t);
      if (glob.matches(text) != plainly_matches(pattern, text)) ++differences;
    }
  }
  CHECK(differences == 0);
}
