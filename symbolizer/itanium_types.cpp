// Types and template arguments (Itanium C++ ABI 5.1.5 and 5.1.6). Mostly passed over; written only as the
// type of a conversion operator, then in a plain form: `acme::Plan const*`, functions as `void (...)`.
#include <utility>

#include "symbolizer/itanium_reader.h"

namespace llmo::symbolizer {

namespace {

struct Builtin {
  char code;
  std::string_view text;
};
constexpr Builtin kBuiltins[] = {
    {'v', "void"},        {'w', "wchar_t"},
    {'b', "bool"},        {'c', "char"},
    {'a', "signed char"}, {'h', "unsigned char"},
    {'s', "short"},       {'t', "unsigned short"},
    {'i', "int"},         {'j', "unsigned int"},
    {'l', "long"},        {'m', "unsigned long"},
    {'x', "long long"},   {'y', "unsigned long long"},
    {'n', "__int128"},    {'o', "unsigned __int128"},
    {'f', "float"},       {'d', "double"},
    {'e', "long double"}, {'g', "__float128"},
    {'z', "..."},
};
constexpr Builtin kDBuiltins[] = {
    {'d', "decimal64"},      {'e', "decimal128"},        {'f', "decimal32"}, {'h', "half"},
    {'i', "char32_t"},       {'s', "char16_t"},          {'u', "char8_t"},   {'a', "auto"},
    {'c', "decltype(auto)"}, {'n', "decltype(nullptr)"},
};

}  // namespace

bool ItaniumReader::type() {
  const Level level(*this);
  return !level.too_much() && type_body(position_);
}

bool ItaniumReader::type_body(std::size_t begin) {
  if (builtin_type()) return true;
  bool done = false;
  switch (peek()) {
    case 'r':
    case 'V':
    case 'K':
      done = qualified_type();
      break;
    case 'P':
      done = pointer_type("*");
      break;
    case 'R':
      done = pointer_type("&");
      break;
    case 'O':
      done = pointer_type("&&");
      break;
    case 'C':
    case 'G':
      done = pointer_type("");
      break;
    case 'U':
      ++position_;
      done = source_name() && (peek() != 'I' || template_args()) && type();
      break;
    case 'F':
      done = function_type();
      break;
    case 'A':
      done = array_type();
      break;
    case 'M':
      done = member_pointer_type();
      break;
    case 'D':
      return d_type();
    case 'T':
      done = t_type();
      break;
    case 'S':
      return s_type(begin);
    case 'u':
      ++position_;
      done = source_name() && (peek() != 'I' || template_args());
      break;
    default:
      done = name();
      break;
  }
  if (done) remember(begin);
  return done;
}

bool ItaniumReader::builtin_type() {
  for (const Builtin& builtin : kBuiltins) {
    if (!take(builtin.code)) continue;
    emit(builtin.text);
    return true;
  }
  return false;
}

bool ItaniumReader::qualified_type() {
  take('r');
  const bool is_volatile = take('V');
  const bool is_const = take('K');
  if (!type()) return false;
  if (is_volatile) emit(" volatile");
  if (is_const) emit(" const");
  return true;
}

bool ItaniumReader::pointer_type(std::string_view mark) {
  ++position_;
  if (!type()) return false;
  emit_pointer(mark);
  return true;
}

// The class is left out: `int ::*`.
bool ItaniumReader::member_pointer_type() {
  ++position_;
  {
    const Quiet quiet(*this);
    if (!type()) return false;
  }
  if (!type()) return false;
  emit_pointer("::*");
  return true;
}

// A function's mark stands inside: `void (*)(...)`, `void (**)(...)`.
void ItaniumReader::emit_pointer(std::string_view mark) {
  constexpr std::string_view kFunction = " (...)";
  constexpr std::string_view kPointer = ")(...)";
  if (!writing()) return;
  if (out_.ends_with(kFunction)) {
    out_.resize(out_.size() - kFunction.size());
    emit(" (");
    emit(mark);
    emit(kPointer);
  } else if (out_.ends_with(kPointer)) {
    out_.resize(out_.size() - kPointer.size());
    emit(mark);
    emit(kPointer);
  } else {
    emit(mark);
  }
}

bool ItaniumReader::d_type() {
  const std::size_t begin = position_;
  ++position_;
  for (const Builtin& builtin : kDBuiltins) {
    if (!take(builtin.code)) continue;
    emit(builtin.text);
    return true;
  }
  const char c = peek();
  ++position_;
  bool done = false;
  switch (c) {
    case 'F':  // _FloatN, _FloatNx, std::bfloat16_t
      number();
      emit("_Float");
      return take('_') || take('x') || take('b');
    case 'B':
    case 'U':  // _BitInt(N)
      emit("_BitInt");
      if (peek() >= '0' && peek() <= '9') {
        number();
        return take('_');
      }
      return expression() && take('_');
    case 'k':
    case 'K':
      emit("auto");
      return name();
    case 'p':
      done = type();
      break;
    case 't':
    case 'T': {
      emit("decltype");
      const Quiet quiet(*this);
      done = expression() && take('E');
      break;
    }
    case 'v':
      done = vector_type();
      break;
    case 'o':
    case 'x':
      return type();  // noexcept or transaction-safe function type
    case 'O':
      return expression() && take('E') && type();
    case 'w':
      while (!take('E')) {
        if (!type()) return false;
      }
      return type();
    default:
      return false;
  }
  if (done) remember(begin);
  return done;
}

bool ItaniumReader::vector_type() {
  {
    const Quiet quiet(*this);
    if (take('_') ? !expression() : (number(), false)) return false;
  }
  return take('_') && type();
}

bool ItaniumReader::t_type() {
  if (peek(1) == 's' || peek(1) == 'u' || peek(1) == 'e') {  // struct, union, enum
    position_ += 2;
    return name();
  }
  const std::size_t begin = position_;
  if (!template_param()) return false;
  if (peek() != 'I') return true;
  // `cv T_ I…E`: the arguments are those of the conversion operator, unless others follow.
  const std::size_t after = position_;
  const std::size_t place_count = place_count_;
  const bool in_conversion = in_conversion_;
  remember(begin);
  if (!template_args()) return false;
  if (!in_conversion || peek() == 'I') return true;
  position_ = after;
  place_count_ = place_count;
  return true;
}

bool ItaniumReader::s_type(std::size_t begin) {
  if (peek(1) == 't') {
    if (!name()) return false;
    remember(begin);
    return true;
  }
  if (!substitution(false)) return false;
  if (peek() != 'I') return true;
  if (!template_args()) return false;
  remember(begin);
  return true;
}

bool ItaniumReader::function_type() {
  ++position_;
  take('Y');
  if (!type()) return false;
  emit(" (...)");
  const Quiet quiet(*this);
  return types_until_end();
}

// Also what stands between Ul and E in a lambda's name.
bool ItaniumReader::types_until_end() {
  while (!take('E')) {
    if ((peek() == 'R' || peek() == 'O') && peek(1) == 'E') {  // & or && after the parameters
      ++position_;
    } else if (peek() == 'T' && peek(1) >= 'k' && peek(1) <= 'y' && peek(1) != 's' && peek(1) != 'u') {
      if (!template_param_declaration()) return false;
    } else if (take('Q')) {
      if (!expression()) return false;
    } else if (!type()) {
      return false;
    }
  }
  return true;
}

bool ItaniumReader::array_type() {
  ++position_;
  if (peek() >= '0' && peek() <= '9') {
    number();
  } else if (peek() != '_') {
    const Quiet quiet(*this);
    if (!expression()) return false;
  }
  if (!take('_') || !type()) return false;
  emit("[]");
  return true;
}

// T_, T0_ …; TL<level>__ … for parameters of an outer level.
bool ItaniumReader::template_param() {
  std::uint64_t index = 0;
  if (!take('T')) return false;
  const bool has_level = take('L');
  if (has_level && (!decimal(index) || !take('_'))) return false;
  if (!ordinal(index)) return false;
  if (!writing()) return true;
  return has_level || template_args_ == 0 ? (emit("auto"), true) : template_param_text(index - 1);
}

// Writes the type that the argument number `index` of template_args_ is.
bool ItaniumReader::template_param_text(std::uint64_t index) {
  const Level level(*this);
  const std::size_t position = position_;
  const std::size_t end = end_;
  const std::size_t args = template_args_;
  end_ = text_.size();
  position_ = args + 1;
  template_args_ = 0;  // an argument's own parameters are not to be found here
  spend(1 + index);
  bool done = !level.too_much();
  {
    const Quiet quiet(*this);
    for (; done && index > 0; --index) done = peek() != 'E' && template_arg();
  }
  if (done && take('J')) {
    emit("auto");  // a pack
  } else if (done) {
    done = type();
  }
  position_ = position;
  end_ = end;
  template_args_ = args;
  return done;
}

bool ItaniumReader::template_param_declaration() {
  const Level level(*this);
  if (level.too_much() || !take('T')) return false;
  if (take('y')) return true;
  if (take('k')) return name();
  if (take('n')) return type();
  if (take('p')) return template_param_declaration();
  if (!take('t')) return false;
  while (!take('E')) {
    if (take('Q') ? !expression() : !template_param_declaration()) return false;
  }
  return true;
}

bool ItaniumReader::template_args() {
  const Level level(*this);
  const Quiet quiet(*this);
  if (level.too_much() || !take('I')) return false;
  const bool in_conversion = std::exchange(in_conversion_, false);
  while (!take('E')) {
    if (!template_arg()) return false;
  }
  in_conversion_ = in_conversion;
  return true;
}

bool ItaniumReader::template_arg() {
  const Level level(*this);
  if (level.too_much()) return false;
  switch (peek()) {
    case 'L':
      return primary();
    case 'X':
      ++position_;
      return expression() && take('E');
    case 'Q':
      ++position_;
      return expression();
    case 'J':
    case 'I':  // an old form of a pack
      ++position_;
      while (!take('E')) {
        if (!template_arg()) return false;
      }
      return true;
    case 'T':
      if (peek(1) == 'y' || peek(1) == 'n' || peek(1) == 't' || peek(1) == 'p' || peek(1) == 'k') {
        return template_param_declaration() && template_arg();
      }
      return type();
    default:
      return type();
  }
}

// Writes the type at `begin` into a name, of which it is one component however many `::` it has.
bool ItaniumReader::type_in_name(std::size_t begin) {
  const std::size_t scope_start = scope_start_;
  const std::size_t own_start = own_start_;
  const bool reading_again = std::exchange(reading_again_, true);
  const bool in_conversion = std::exchange(in_conversion_, true);
  scope_start_ = out_.size();
  position_ = begin;
  const bool done = type();
  reading_again_ = reading_again;
  in_conversion_ = in_conversion;
  scope_start_ = scope_start;
  own_start_ = own_start;
  return done;
}

}  // namespace llmo::symbolizer
