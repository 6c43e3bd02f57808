// Reads the name out of a C++ symbol, mangled as the Itanium C++ ABI says (chapter 5, "External Names").
//
// A mangled symbol is the function's name, then its types. Only the name is written out, and of it not the
// template arguments; what has to be passed over to find the end of something is parsed and dropped. So no
// text is ever expanded: time and memory are linear in the symbol's length.
//
// The one type that belongs to a name is that of a conversion operator (`operator acme::Plan`). It may refer
// back, by number, to components seen before (5.1.10, compression); those are kept as places in the symbol
// and read again when they are asked for, within a budget.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "symbolizer/function_name.h"

namespace llmo::symbolizer {

// False where `mangled` is not a mangled function: then `name` is of no use.
bool read_itanium_name(std::string_view mangled, FunctionName& name);

// The parser. Every function consumes one production of the grammar and returns false where there is none.
class ItaniumReader {
 public:
  // `text` without the leading `_Z`.
  ItaniumReader(std::string_view text, std::string& out);

  // <encoding>, as far as the name goes.
  bool function();

  // Where in the output its last component starts.
  std::size_t own_start() const { return own_start_; }

 private:
  // Hostile nesting must not use up the host's stack; the deepest symbol of libclang has 60 levels.
  static constexpr int kMaxDepth = 192;
  // Back references beyond these are not resolved.
  static constexpr std::size_t kMaxPlaces = 64;

  // A component that may be referred to: where it stands, and whether it is the front of a nested name.
  struct Place {
    std::uint32_t begin;
    std::uint32_t end;
    bool is_prefix;
  };

  class Level;  // counts depth and budget
  class Quiet;  // output off

  // Names: itanium_names.cpp.
  bool special_prefix();
  bool call_offset();
  bool encoding();
  bool name();
  bool nested_name();
  bool prefix_components(std::size_t begin, bool prefix_only);
  bool local_name();
  bool unqualified_name();
  bool unqualified_base();
  bool source_name();
  bool abi_tags();
  bool constructor();
  bool destructor_or_binding();
  bool unnamed_type();
  bool operator_name();
  bool conversion_operator();
  bool discriminator();
  bool substitution(bool in_prefix);
  bool read_again(const Place& place);
  void component(std::string_view text);
  std::string last_component() const;

  // Types and template arguments: itanium_types.cpp.
  bool type();
  bool type_body(std::size_t begin);
  bool builtin_type();
  bool qualified_type();
  bool pointer_type(std::string_view mark);
  bool member_pointer_type();
  void emit_pointer(std::string_view mark);
  bool d_type();
  bool t_type();
  bool s_type(std::size_t begin);
  bool function_type();
  bool array_type();
  bool vector_type();
  bool types_until_end();
  bool template_param();
  bool template_param_text(std::uint64_t index);
  bool template_param_declaration();
  bool template_args();
  bool template_arg();
  bool type_in_name(std::size_t begin);

  // Expressions, which occur in template arguments: itanium_expressions.cpp.
  bool expression();
  bool expression_by_code(std::string_view code);
  bool shaped(std::string_view shape);
  bool expressions_until(char end);
  bool primary();
  bool function_parameter();
  bool fold();
  bool new_expression();
  bool unresolved_name();
  bool requires_expression();

  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < end_ ? text_[position_ + ahead] : '\0';
  }
  bool at_end() const { return position_ >= end_; }
  bool take(char c);
  bool take(std::string_view word);
  bool decimal(std::uint64_t& value);
  bool base36(std::uint64_t& value);
  void number();
  bool ordinal(std::uint64_t& value);

  bool writing() const { return quiet_ == 0; }
  void emit(std::string_view text);
  void spend(std::size_t steps);
  void remember(std::size_t begin, bool is_prefix = false);

  std::string_view text_;
  std::string& out_;
  std::size_t position_ = 0;
  std::size_t end_;
  std::uint64_t budget_;
  int depth_ = 0;
  int quiet_ = 0;
  bool reading_again_ = false;
  bool in_conversion_ = false;  // in the type of a conversion operator

  std::size_t scope_start_ = 0;  // output from here on is one qualified name
  std::size_t own_start_ = 0;
  std::size_t template_args_ = 0;  // where those of the function, or its class, start; 0: none

  std::array<Place, kMaxPlaces> places_;
  std::size_t place_count_ = 0;
};

class ItaniumReader::Level {
 public:
  explicit Level(ItaniumReader& reader) : reader_(reader) {
    ++reader_.depth_;
    reader_.spend(1);
  }
  ~Level() { --reader_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  bool too_much() const { return reader_.depth_ > kMaxDepth || reader_.budget_ == 0; }

 private:
  ItaniumReader& reader_;
};

class ItaniumReader::Quiet {
 public:
  explicit Quiet(ItaniumReader& reader) : reader_(reader) { ++reader_.quiet_; }
  ~Quiet() { --reader_.quiet_; }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  ItaniumReader& reader_;
};

// An operator's two letters, what is written after `operator`, and how many operands it has in an expression
// (0: the expression has a form of its own).
struct OperatorCode {
  std::string_view code;
  std::string_view text;
  int operands;
};
const OperatorCode* find_operator(std::string_view code);

}  // namespace llmo::symbolizer
