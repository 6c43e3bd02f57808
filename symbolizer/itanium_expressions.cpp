// Expressions, which stand in template arguments and array bounds (Itanium C++ ABI 5.1.6.1). All are passed
// over.
#include <algorithm>

#include "symbolizer/itanium_reader.h"

namespace llmo::symbolizer {

namespace {

constexpr OperatorCode kOperators[] = {
    {"aN", "&=", 2},       {"aS", "=", 2},  {"aa", "&&", 2},     {"ad", "&", 1},   {"an", "&", 2},
    {"aw", "co_await", 1}, {"cl", "()", 0}, {"cm", ",", 2},      {"co", "~", 1},   {"dV", "/=", 2},
    {"da", "delete[]", 1}, {"de", "*", 1},  {"dl", "delete", 1}, {"dv", "/", 2},   {"eO", "^=", 2},
    {"eo", "^", 2},        {"eq", "==", 2}, {"ge", ">=", 2},     {"gt", ">", 2},   {"ix", "[]", 2},
    {"lS", "<<=", 2},      {"le", "<=", 2}, {"ls", "<<", 2},     {"lt", "<", 2},   {"mI", "-=", 2},
    {"mL", "*=", 2},       {"mi", "-", 2},  {"ml", "*", 2},      {"mm", "--", 0},  {"na", "new[]", 0},
    {"ne", "!=", 2},       {"ng", "-", 1},  {"nt", "!", 1},      {"nw", "new", 0}, {"oR", "|=", 2},
    {"oo", "||", 2},       {"or", "|", 2},  {"pL", "+=", 2},     {"pl", "+", 2},   {"pm", "->*", 2},
    {"pp", "++", 0},       {"ps", "+", 1},  {"pt", "->", 0},     {"qu", "?", 3},   {"rM", "%=", 2},
    {"rS", ">>=", 2},      {"rm", "%", 2},  {"rs", ">>", 2},     {"ss", "<=>", 2},
};

// Expressions with a form of their own: t type, e expression, n unresolved name, s source name, L expressions
// up to E, A template arguments up to E, _ an underscore that may be there.
struct Shape {
  std::string_view code;
  std::string_view operands;
};
constexpr Shape kShapes[] = {
    {"dc", "te"}, {"sc", "te"}, {"cc", "te"},  {"rc", "te"}, {"ti", "t"},  {"te", "e"},  {"st", "t"},
    {"sz", "e"},  {"at", "t"},  {"az", "e"},   {"nx", "e"},  {"dt", "en"}, {"pt", "en"}, {"ds", "ee"},
    {"tw", "e"},  {"tr", ""},   {"sp", "e"},   {"cl", "L"},  {"cp", "L"},  {"il", "L"},  {"tl", "tL"},
    {"di", "se"}, {"dx", "ee"}, {"dX", "eee"}, {"sZ", "e"},  {"sP", "A"},  {"pp", "_e"}, {"mm", "_e"},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

const OperatorCode* find_operator(std::string_view code) {
  const auto* const found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                         [code](const OperatorCode& entry) { return entry.code == code; });
  return found == std::end(kOperators) ? nullptr : found;
}

bool ItaniumReader::expression() {
  const Level level(*this);
  if (level.too_much()) return false;
  take("gs");  // ::
  const char c = peek();
  if (c == 'L') return primary();
  if (c == 'T') return template_param();
  if (is_digit(c)) return unresolved_name();
  if (c == 'f')
    return peek(1) == 'p' || (peek(1) == 'L' && is_digit(peek(2))) ? function_parameter() : fold();
  if (c == 'u') {  // a compiler's own
    ++position_;
    if (!source_name()) return false;
    while (!take('E')) {
      if (!template_arg()) return false;
    }
    return true;
  }
  return end_ - position_ >= 2 && expression_by_code(text_.substr(position_, 2));
}

bool ItaniumReader::expression_by_code(std::string_view code) {
  if (code == "sr" || code == "on" || code == "dn") return unresolved_name();
  position_ += 2;
  if (code == "cv") return type() && (take('_') ? expressions_until('E') : expression());
  if (code == "nw" || code == "na") return new_expression();
  if (code == "rq" || code == "rQ") return requires_expression();
  for (const Shape& shape : kShapes) {
    if (shape.code == code) return shaped(shape.operands);
  }
  const OperatorCode* const found = find_operator(code);
  if (found == nullptr) return false;
  return shaped(std::string_view("eee").substr(0, static_cast<std::size_t>(found->operands)));
}

bool ItaniumReader::shaped(std::string_view shape) {
  for (const char operand : shape) {
    bool done = true;
    switch (operand) {
      case 't':
        done = type();
        break;
      case 'e':
        done = expression();
        break;
      case 'n':
        done = unresolved_name();
        break;
      case 's':
        done = source_name();
        break;
      case 'L':
        done = expressions_until('E');
        break;
      case '_':
        take('_');
        break;
      default:
        while (!take('E')) {
          if (!template_arg()) return false;
        }
        break;
    }
    if (!done) return false;
  }
  return true;
}

bool ItaniumReader::expressions_until(char end) {
  while (!take(end)) {
    if (!expression()) return false;
  }
  return true;
}

// L <type> <value> E, L _Z <encoding> E.
bool ItaniumReader::primary() {
  const Level level(*this);
  if (level.too_much() || !take('L')) return false;
  if (take("_Z") || take('Z')) return encoding() && take('E');
  if (!type()) return false;
  while (!at_end() && peek() != 'E') ++position_;  // digits and lower-case letters only
  return take('E');
}

bool ItaniumReader::function_parameter() {
  position_ += 2;
  if (take('T')) return true;  // this
  if (is_digit(peek()) && text_[position_ - 1] == 'L') {
    number();
    if (!take('p')) return false;
  }
  while (take('r') || take('V') || take('K')) {
  }
  number();
  return take('_');
}

bool ItaniumReader::fold() {
  const char kind = peek(1);
  if (kind != 'l' && kind != 'r' && kind != 'L' && kind != 'R') return false;
  if (end_ - position_ < 4 || find_operator(text_.substr(position_ + 2, 2)) == nullptr) return false;
  position_ += 4;
  return expression() && (kind == 'l' || kind == 'r' || expression());
}

bool ItaniumReader::new_expression() {
  if (!expressions_until('_') || !type()) return false;
  if (take("pi")) return expressions_until('E');
  return take('E') || expression();
}

// A name that depends on a template parameter: sr <type> <name>, on <operator>, dn <type>, or a plain name.
bool ItaniumReader::unresolved_name() {
  const Level level(*this);
  if (level.too_much()) return false;
  take("gs");
  if (take("sr")) return type() && unresolved_name();
  if (take("dn")) return is_digit(peek()) ? unresolved_name() : type();
  const bool named = take("on") ? operator_name() : unqualified_name();
  return named && (peek() != 'I' || template_args());
}

bool ItaniumReader::requires_expression() {
  if (text_[position_ - 1] == 'Q') {
    while (!take('_')) {
      if (!type()) return false;
    }
  }
  while (!take('E')) {
    if (take('T')) {
      if (!type()) return false;
    } else if (take('Q')) {
      if (!expression()) return false;
    } else {
      if (!take('X') || !expression()) return false;
      take('N');
      if (take('R') && !(name() && (peek() != 'I' || template_args()))) return false;
    }
  }
  return true;
}

}  // namespace llmo::symbolizer
