// A glob: text in which `*` stands for anything, also nothing, `?` for one character and `[…]` for one of a
// set.
//
//   [abc]  [a-z]  [!abc]  [^abc]   a set, a range, any other character; `]` first in a set and `-` at
//                                  either end stand for themselves, so `[*]` is a plain star
//
// Case counts, and no character is special to `*` (it takes `/` and `::` too). A character is a UTF-8
// sequence; a byte that is none stands for itself. A `[` that is never closed is an ordinary character, so
// `operator[]` means what it says. There is no escape character.
//
// Compiled once, matched often:  prefix | middle | suffix. The literal text at both ends is compared first,
// which decides nearly every match; the middle goes back to its last star at most, so that the time is
// bounded by the product of the two lengths whatever the pattern, and the stack is not used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llmo::filter {

class Glob {
 public:
  explicit Glob(std::string_view pattern);

  // Threads: any number at once. Signals: safe, it neither allocates nor locks.
  bool matches(std::string_view text) const;

  // True for `*` and what is the same.
  bool matches_everything() const;

 private:
  struct Range {
    char32_t first;
    char32_t last;
  };

  // What one step of the pattern takes.
  enum class Kind : std::uint8_t { kStar, kAnyCharacter, kCharacter, kSet, kOtherThanSet };
  struct Token {
    Kind kind;
    char32_t character = 0;         // kCharacter
    std::uint32_t first_range = 0;  // kSet, kOtherThanSet: their ranges in ranges_
    std::uint32_t end_range = 0;
  };

  void compile(std::string_view middle);
  Token compile_set(std::string_view inside);
  bool takes(const Token& token, char32_t character) const;
  bool matches_middle(std::string_view text) const;

  std::string prefix_;
  std::vector<Token> middle_;
  std::string suffix_;
  std::vector<Range> ranges_;
};

}  // namespace llmo::filter
