#include "shim/genai/label_pattern.h"

#include <utility>

namespace llmo::genai {
namespace {

// Walks over the labels of a name, or of one and then another.
class Labels {
 public:
  Labels(const LabelPattern& text, char separator)
      : rest_(text.first), next_(text.then), separator_(separator) {
    advance();
  }

  bool at_end() const { return label_.empty(); }
  std::string_view label() const { return label_; }
  void advance() {
    skip_separators();
    if (rest_.empty() && !next_.empty()) {
      rest_ = std::exchange(next_, {});
      skip_separators();
    }
    label_ = rest_.substr(0, rest_.find(separator_));
    rest_.remove_prefix(label_.size());
  }

 private:
  void skip_separators() {
    while (rest_.starts_with(separator_)) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  std::string_view next_;
  std::string_view label_;
  char separator_;
};

// True where something stands before the ending.
bool has_ending(std::string_view label, std::string_view ending) {
  return label.size() > ending.size() && label.ends_with(ending);
}

bool capture_fits(std::string_view pattern, std::string_view label, LabelCaptures* captures) {
  const std::size_t brace = pattern.find('}');
  if (brace == std::string_view::npos) return pattern == label;
  const std::string_view ending = pattern.substr(brace + 1);
  const std::string_view name = pattern.substr(1, brace - 1);
  const std::size_t equals = name.find('=');
  const std::string_view beginning =
      equals == std::string_view::npos ? std::string_view{} : name.substr(equals + 1);
  if (!has_ending(label, ending)) return false;
  const std::string_view captured = label.substr(0, label.size() - ending.size());
  if (!captured.starts_with(beginning)) return false;
  captures->set(name.substr(0, equals), captured);
  return true;
}

bool label_fits(std::string_view pattern, std::string_view label, LabelCaptures* captures) {
  switch (pattern.front()) {
    case '{':
      return capture_fits(pattern, label, captures);
    case '*':
      return has_ending(label, pattern.substr(1));
    default:
      return pattern == label;
  }
}

}  // namespace

void LabelCaptures::set(std::string_view name, std::string_view label) {
  std::size_t at = 0;
  while (at < count && captures[at].name != name) ++at;
  if (at == kMax) return;
  captures[at] = {name, label};
  if (at == count) ++count;
}

std::string_view LabelCaptures::get(std::string_view name) const {
  for (std::size_t at = 0; at < count; ++at) {
    if (captures[at].name == name) return captures[at].label;
  }
  return {};
}

bool labels_match(const LabelPattern& pattern, std::string_view text, char separator,
                  LabelCaptures* captures) {
  Labels wanted{pattern, separator};
  Labels given{{text}, separator};
  // Where to go on when what follows a `**` does not fit: with one more label taken by it.
  Labels after_stars = wanted;
  Labels retry = given;
  bool has_stars = false;
  while (!wanted.at_end() || !given.at_end()) {
    if (wanted.label() == "**") {
      wanted.advance();
      after_stars = wanted;
      retry = given;
      has_stars = true;
    } else if (!wanted.at_end() && !given.at_end() && label_fits(wanted.label(), given.label(), captures)) {
      wanted.advance();
      given.advance();
    } else if (has_stars && !retry.at_end()) {
      retry.advance();
      given = retry;
      wanted = after_stars;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace llmo::genai
