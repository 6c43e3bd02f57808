// One exclusion rule: see module_rule.h.
#include "shim/filter/module_rule.h"

#include <algorithm>

#include "shim/config/text.h"

namespace llmo::filter {
namespace {

using config::is_letter_or_digit;

constexpr std::size_t kNone = std::string_view::npos;

std::string_view without_outer_colons(std::string_view text) {
  if (text.starts_with("::")) text.remove_prefix(2);
  if (text.ends_with("::")) text.remove_suffix(2);
  return text;
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Bytes above ASCII belong to letters: `test` is no word of `testäh`.
bool goes_on(char inside, char outside) {
  const auto in_word = [](char c) { return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80; };
  return in_word(inside) && in_word(outside);
}

bool is_whole_word_at(std::string_view text, std::size_t at, std::string_view word) {
  const std::size_t end = at + word.size();
  return (at == 0 || !goes_on(word.front(), text[at - 1])) &&
         (end == text.size() || !goes_on(word.back(), text[end]));
}

bool contains_word(std::string_view text, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = text.find(word); at != kNone; at = text.find(word, at + 1)) {
    if (is_whole_word_at(text, at, word)) return true;
  }
  return false;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return !word.empty() && text.starts_with(word) && is_whole_word_at(text, 0, word);
}

// Where the part of a qualified name that starts at `start` ends: at the next `::` outside of brackets, which
// hold other names (`{lambda(test::X)#1}`). Brackets that are not closed run to the end.
std::size_t part_end(std::string_view scope, std::size_t start) {
  int depth = 0;
  for (std::size_t at = start; at < scope.size(); ++at) {
    const char c = scope[at];
    if (c == '(' || c == '{') ++depth;
    if ((c == ')' || c == '}') && depth > 0) --depth;
    if (c == ':' && depth == 0 && scope.substr(at).starts_with("::")) return at;
  }
  return scope.size();
}

bool is_unnamed(std::string_view part) {
  return part.empty() || part.front() == '(' || part.front() == '{' || part.front() == '\'';
}

}  // namespace

std::string_view short_object_name(std::string_view path) {
  const std::string_view file = last_part(path);
  for (std::size_t at = file.find(".so"); at != kNone; at = file.find(".so", at + 1)) {
    const std::size_t end = at + 3;
    if (end != file.size() && file[end] != '.') continue;
    std::string_view name = file.substr(0, at);
    // A program may well be called libtool: only a library's `lib` is no part of its name.
    if (name.starts_with("lib") && name.size() > 3) name.remove_prefix(3);
    return name;
  }
  return file;
}

ModuleRule::ModuleRule(std::string_view text)
    : text_{text},
      word_{without_outer_colons(text)},
      glob_{word_},
      is_glob_{text.find_first_of("*?[") != kNone},
      has_scope_{word_.find("::") != std::string::npos},
      has_path_{word_.find('/') != std::string::npos} {}

bool ModuleRule::holds_against(std::string_view name) const {
  return is_glob_ ? glob_.matches(name) : contains_word(name, word_);
}

bool ModuleRule::matches_object(std::string_view path) const {
  if (has_path_ && holds_against(path)) return true;
  if (holds_against(short_object_name(path))) return true;
  // A plain rule begins where the file name does (`libacme`, `libacme.so`): else `so` would take every
  // library.
  const std::string_view file = last_part(path);
  return is_glob_ ? glob_.matches(file) : starts_with_word(file, word_);
}

bool ModuleRule::matches_source(std::string_view path) const {
  return holds_against(path) || (is_glob_ && glob_.matches(last_part(path)));
}

bool ModuleRule::matches_scope(std::string_view scope) const {
  for (std::size_t start = 0; start < scope.size();) {
    const std::size_t end = part_end(scope, start);
    const std::string_view part = scope.substr(start, end - start);
    if (has_scope_ ? holds_against(scope.substr(0, end)) : !is_unnamed(part) && holds_against(part))
      return true;
    start = std::min(end + 2, scope.size());
  }
  return false;
}

}  // namespace llmo::filter
