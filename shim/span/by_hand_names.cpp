#include "shim/span/by_hand_names.h"

#include <cstddef>

namespace llmo::span::by_hand {

namespace {

constexpr std::string_view kOperator = "operator";
constexpr std::string_view kLambda = "{lambda}::operator()";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Reads a function's signature from left to right and keeps the last name in it that parameters follow.
class Signature {
 public:
  explicit Signature(std::string_view text) : rest_(text) {}

  std::string name() {
    while (!rest_.empty() && step()) {
    }
    return std::move(name_);
  }

 private:
  // False at the end of the name.
  bool step() {
    if (take("(anonymous namespace)") || take("{anonymous}")) return add("(anonymous namespace)");
    if (take("(anonymous class)::operator()") || take("(lambda)::operator()")) return add(kLambda);
    if (rest_.starts_with("<lambda(")) return skip_brackets() && add(kLambda) && rest_.starts_with("::");
    if (is_operator()) return take_operator();
    switch (rest_.front()) {
      case '<':
        return skip_brackets();
      case '(':
        return skip_brackets() && rest_.starts_with("::");
      case ' ':
      case '*':
      case '&':
        name_.clear();  // that was the return type, or a word before it
        break;
      case '[':
        return false;
      default:
        name_.push_back(rest_.front());
    }
    rest_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool add(std::string_view word) {
    name_.append(word);
    return true;
  }

  // The word, not a part of one.
  bool is_operator() const {
    if (!rest_.starts_with(kOperator) || (!name_.empty() && is_word(name_.back()))) return false;
    return rest_.size() == kOperator.size() || !is_word(rest_[kOperator.size()]);
  }

  // `operator()(int)`, `operator<(…)`, `operator std::string() const`: all up to its parameters.
  bool take_operator() {
    const std::size_t from = rest_.starts_with("operator()") ? kOperator.size() + 2 : kOperator.size();
    const std::size_t end = rest_.find('(', from);
    name_.append(rest_.substr(0, end));
    while (name_.ends_with(' ')) name_.pop_back();
    return false;
  }

  // Skips from one bracket to the one that closes it; false where none does.
  bool skip_brackets() {
    int depth = 0;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (c == '(' || c == '<' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == '>' || c == ']' || c == '}') --depth;
      if (depth > 0) continue;
      rest_.remove_prefix(at + 1);
      return true;
    }
    rest_ = {};
    return false;
  }

  std::string_view rest_;
  std::string name_;
};

}  // namespace

std::string function_name_of(std::string_view pretty) {
  std::string name = Signature(pretty).name();
  return name.empty() ? std::string(pretty) : name;
}

std::string span_name(std::string_view name) {
  return std::string("workflow.").append(name.empty() ? std::string_view("block") : name);
}

// Symbols count the lambdas of a function, which its own text does not.
bool is_same_function(std::string_view qualified, std::string_view name) {
  if (name.empty()) return false;
  if (name.ends_with(kLambda)) return qualified.ends_with("::operator()");
  if (!qualified.ends_with(name)) return false;
  const std::string_view before = qualified.substr(0, qualified.size() - name.size());
  return before.empty() || before.ends_with("::");
}

}  // namespace llmo::span::by_hand
