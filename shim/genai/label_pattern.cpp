#include "shim/genai/label_pattern.h"

namespace llmo::genai {
namespace {

// Walks over the labels of a name.
class Labels {
 public:
  Labels(std::string_view text, char separator) : rest_(text), separator_(separator) { advance(); }

  bool at_end() const { return label_.empty(); }
  std::string_view label() const { return label_; }
  void advance() {
    while (rest_.starts_with(separator_)) rest_.remove_prefix(1);
    label_ = rest_.substr(0, rest_.find(separator_));
    rest_.remove_prefix(label_.size());
  }

 private:
  std::string_view rest_;
  std::string_view label_;
  char separator_;
};

bool label_fits(std::string_view pattern, std::string_view label, LabelCaptures* captures) {
  if (!pattern.starts_with('{')) return pattern == "*" || pattern == label;
  const std::size_t brace = pattern.find('}');
  const std::string_view ending = pattern.substr(brace + 1);
  if (label.size() <= ending.size() || !label.ends_with(ending)) return false;
  captures->set(pattern.substr(1, brace - 1), label.substr(0, label.size() - ending.size()));
  return true;
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

bool labels_match(std::string_view pattern, std::string_view text, char separator, LabelCaptures* captures) {
  Labels wanted{pattern, separator};
  Labels given{text, separator};
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
