// Names: <encoding>, <name> and below (Itanium C++ ABI 5.1.2 to 5.1.4 and 5.1.8).
#include <algorithm>
#include <utility>

#include "symbolizer/itanium_reader.h"

namespace llmo::symbolizer {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// gcc writes _GLOBAL__N_1; older ones a dot or a dollar for the second underscore.
bool is_anonymous_namespace(std::string_view name) {
  return name.size() >= 10 && name.substr(0, 8) == "_GLOBAL_" &&
         (name[8] == '_' || name[8] == '.' || name[8] == '$') && name[9] == 'N';
}

struct StandardName {
  char code;
  std::string_view in_type;
  std::string_view in_prefix;  // the class itself: what its constructor is named after
};
constexpr StandardName kStandardNames[] = {
    {'a', "allocator", "allocator"},   {'b', "basic_string", "basic_string"},
    {'s', "string", "basic_string"},   {'i', "istream", "basic_istream"},
    {'o', "ostream", "basic_ostream"}, {'d', "iostream", "basic_iostream"},
};

}  // namespace

bool read_itanium_name(std::string_view mangled, FunctionName& name) {
  if (mangled.substr(0, 2) != "_Z" || mangled.size() > UINT32_MAX) return false;
  name.qualified.clear();
  ItaniumReader reader(mangled.substr(2), name.qualified);
  if (!reader.function() || name.qualified.empty()) return false;
  name.own = name.qualified.substr(reader.own_start());
  return true;
}

ItaniumReader::ItaniumReader(std::string_view text, std::string& out)
    : text_(text), out_(out), end_(text.size()), budget_(8 * text.size() + 4096) {}

bool ItaniumReader::take(char c) {
  if (peek() != c) return false;
  ++position_;
  return true;
}

bool ItaniumReader::take(std::string_view word) {
  if (text_.substr(position_, std::min(word.size(), end_ - position_)) != word) return false;
  position_ += word.size();
  return true;
}

bool ItaniumReader::decimal(std::uint64_t& value) {
  value = 0;
  if (!is_digit(peek())) return false;
  for (; is_digit(peek()); ++position_) {
    value = value * 10 + static_cast<std::uint64_t>(peek() - '0');
    if (value > UINT32_MAX) return false;
  }
  return true;
}

// <seq-id>: digits, then capitals.
bool ItaniumReader::base36(std::uint64_t& value) {
  value = 0;
  const std::size_t begin = position_;
  for (;; ++position_) {
    const char c = peek();
    if (!is_digit(c) && (c < 'A' || c > 'Z')) break;
    value = value * 36 + static_cast<std::uint64_t>(is_digit(c) ? c - '0' : c - 'A' + 10);
    if (value > UINT32_MAX) return false;
  }
  return position_ != begin;
}

// <number>, which may be negative and of any length.
void ItaniumReader::number() {
  take('n');
  while (is_digit(peek())) ++position_;
}

// [<number>] _ , which counts from 1: absent, 0, 1 ….
bool ItaniumReader::ordinal(std::uint64_t& value) {
  value = 1;
  if (take('_')) return true;
  if (!decimal(value)) return false;
  value += 2;
  return take('_');
}

// Back references can ask for the same long name again and again: what is written counts too.
void ItaniumReader::spend(std::size_t steps) { budget_ -= std::min<std::uint64_t>(budget_, steps); }

void ItaniumReader::emit(std::string_view text) {
  if (!writing() || budget_ == 0) return;
  spend(text.size());
  out_.append(text);
}

void ItaniumReader::component(std::string_view text) {
  if (!writing()) return;
  if (out_.size() > scope_start_) emit("::");
  own_start_ = out_.size();
  emit(text);
}

void ItaniumReader::remember(std::size_t begin, bool is_prefix) {
  if (reading_again_) return;
  if (place_count_ < kMaxPlaces) {
    places_[place_count_] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(position_),
                             is_prefix};
  }
  ++place_count_;
}

bool ItaniumReader::function() {
  if (take("GTt") || take("GTn")) return name();  // transactional clones
  if (peek() == 'T' && !special_prefix()) return false;
  return name();
}

// Thunks carry the name of the function they lead to; the other special names are of data or of helpers that
// the compiler made, and keep their symbols.
bool ItaniumReader::special_prefix() {
  if (!take('T')) return false;
  if (take('c')) return call_offset() && call_offset();
  return call_offset();
}

bool ItaniumReader::call_offset() {
  const bool is_virtual = take('v');
  if (!is_virtual && !take('h')) return false;
  number();
  if (is_virtual && !take('_')) return false;
  if (is_virtual) number();
  return take('_');
}

bool ItaniumReader::encoding() {
  const Level level(*this);
  if (level.too_much() || !name()) return false;
  const Quiet quiet(*this);
  while (!at_end() && peek() != 'E') {
    if (peek() == 'Q') return take('Q') && expression();
    if (!type()) return false;
  }
  return true;
}

bool ItaniumReader::name() {
  const Level level(*this);
  if (level.too_much()) return false;
  if (peek() == 'N') return nested_name();
  if (peek() == 'Z') return local_name();
  const std::size_t begin = position_;
  if (take("St")) component("std");
  if (!unqualified_name()) return false;
  if (peek() != 'I') return true;
  remember(begin);
  if (writing() && !reading_again_) template_args_ = position_;
  return template_args();
}

bool ItaniumReader::nested_name() {
  if (!take('N')) return false;
  take('H');  // explicit object parameter
  while (take('r') || take('V') || take('K')) {
  }
  if (!take('R')) take('O');
  return prefix_components(position_, false) && take('E');
}

// The parts of a nested name up to its E. With `prefix_only` they are read again, up to the end of a place.
bool ItaniumReader::prefix_components(std::size_t begin, bool prefix_only) {
  bool refers_back = true;  // nothing new to remember: no component yet, `std`, or a back reference
  while (!at_end() && peek() != 'E') {
    const Level level(*this);
    if (level.too_much()) return false;
    if (!refers_back) remember(begin, true);
    refers_back = false;
    if (peek() == 'I') {
      if (position_ == begin) return false;
      if (writing() && !reading_again_) template_args_ = position_;
      if (!template_args()) return false;
    } else if (take("St")) {
      component("std");
      refers_back = true;
    } else if (peek() == 'S') {
      if (!substitution(true)) return false;
      refers_back = true;
    } else if (peek() == 'T') {
      if (!template_param()) return false;
    } else if (peek() == 'D' && (peek(1) == 't' || peek(1) == 'T')) {
      if (!d_type()) return false;
    } else if (take('M')) {
      refers_back = true;  // a lambda in a member's initializer: the member was the last part
    } else if (!unqualified_name()) {
      return false;
    }
  }
  return position_ != begin || prefix_only;
}

bool ItaniumReader::local_name() {
  if (!take('Z') || !encoding() || !take('E')) return false;
  if (take('s')) return discriminator();
  if (take('d')) {  // in a default argument, counted from the last parameter
    number();
    return take('_') && name();
  }
  return name() && discriminator();
}

bool ItaniumReader::discriminator() {
  if (peek() != '_') return true;
  if (peek(1) == '_') {
    position_ += 2;
    number();
    return take('_');
  }
  if (is_digit(peek(1))) position_ += 2;
  return true;
}

bool ItaniumReader::unqualified_name() {
  while (take('W')) {  // C++20 module
    const Quiet quiet(*this);
    take('P');
    if (!source_name()) return false;
  }
  take('F');  // friend defined in a class
  take('L');  // internal linkage
  return unqualified_base() && abi_tags();
}

bool ItaniumReader::unqualified_base() {
  const char c = peek();
  if (is_digit(c)) return source_name();
  if (c == 'C') return constructor();
  if (c == 'D') return destructor_or_binding();
  if (c == 'U') return unnamed_type();
  return is_lower(c) && operator_name();
}

bool ItaniumReader::source_name() {
  std::uint64_t size = 0;
  if (!decimal(size) || size == 0 || size > end_ - position_) return false;
  const std::string_view text = text_.substr(position_, size);
  position_ += size;
  component(is_anonymous_namespace(text) ? "(anonymous namespace)" : text);
  return true;
}

bool ItaniumReader::abi_tags() {
  while (take('B')) {
    const Quiet quiet(*this);
    if (!source_name()) return false;
  }
  return true;
}

// What has been written ends with it, as template arguments are not written.
std::string ItaniumReader::last_component() const {
  return writing() ? out_.substr(own_start_) : std::string();
}

bool ItaniumReader::constructor() {
  if (!take('C')) return false;
  const bool inherited = take('I');
  if (peek() < '1' || peek() > '5') return false;
  ++position_;
  if (inherited) {
    const Quiet quiet(*this);
    if (!type()) return false;
  }
  component(last_component());
  return true;
}

bool ItaniumReader::destructor_or_binding() {
  if (!take('D')) return false;
  if (take('C')) {
    const Quiet quiet(*this);
    while (!take('E')) {
      if (!source_name()) return false;
    }
    return true;
  }
  if (peek() < '0' || peek() > '5') return false;
  ++position_;
  component("~" + last_component());
  return true;
}

bool ItaniumReader::unnamed_type() {
  std::uint64_t count = 0;
  const bool is_lambda = take("Ul");
  if (!is_lambda && !take("Ut")) return false;
  if (is_lambda) {
    const Quiet quiet(*this);
    if (!types_until_end()) return false;
  }
  if (!ordinal(count)) return false;
  if (writing()) component((is_lambda ? "{lambda#" : "{unnamed type#") + std::to_string(count) + "}");
  return true;
}

bool ItaniumReader::operator_name() {
  if (take("li")) {  // operator""_x
    std::uint64_t size = 0;
    if (!decimal(size) || size > end_ - position_) return false;
    component("operator\"\"");
    emit(text_.substr(position_, size));
    position_ += size;
    return true;
  }
  if (peek() == 'v' && is_digit(peek(1))) {  // a compiler's own operator
    position_ += 2;
    return source_name();
  }
  if (peek() == 'c' && peek(1) == 'v') return conversion_operator();
  const OperatorCode* const found =
      find_operator(text_.substr(position_, std::min<std::size_t>(2, end_ - position_)));
  if (found == nullptr) return false;
  position_ += 2;
  component("operator");
  if (is_lower(found->text.front())) emit(" ");
  emit(found->text);
  return true;
}

// `cv <type>`. A template's parameter in it is one of the arguments that follow, if any do, else of the
// class's; so the type is passed over first and written when it is known what follows.
bool ItaniumReader::conversion_operator() {
  position_ += 2;
  const std::size_t begin = position_;
  {
    const Quiet quiet(*this);
    const bool in_conversion = std::exchange(in_conversion_, true);
    if (!type()) return false;
    in_conversion_ = in_conversion;
  }
  component("operator ");
  if (!writing()) return true;
  const std::size_t after = position_;
  const std::size_t class_args = template_args_;
  if (peek() == 'I') template_args_ = position_;
  const bool written = type_in_name(begin);
  template_args_ = class_args;
  position_ = after;
  return written;
}

bool ItaniumReader::substitution(bool in_prefix) {
  if (!take('S')) return false;
  for (const StandardName& standard : kStandardNames) {
    if (!take(standard.code)) continue;
    component("std");
    component(in_prefix ? standard.in_prefix : standard.in_type);
    return true;
  }
  std::uint64_t index = 0;
  if (!take('_')) {
    if (!base36(index) || !take('_')) return false;
    ++index;
  }
  if (index >= place_count_ || index >= kMaxPlaces) {
    emit("?");
    return !writing() || index >= kMaxPlaces;
  }
  return !writing() || read_again(places_[index]);
}

bool ItaniumReader::read_again(const Place& place) {
  const Level level(*this);
  spend(place.end - place.begin);
  if (level.too_much()) return false;
  const std::size_t position = position_;
  const std::size_t end = end_;
  const bool reading_again = reading_again_;
  position_ = place.begin;
  end_ = place.end;
  reading_again_ = true;
  const bool done = place.is_prefix ? prefix_components(position_, true) : type();
  position_ = position;
  end_ = end;
  reading_again_ = reading_again;
  return done;
}

}  // namespace llmo::symbolizer
