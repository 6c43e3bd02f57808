#include "exporters/functions/inlined_calls.h"

#include <dwarf.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace llmo::functions {
namespace {

using symbolizer::FunctionName;

// DIEs are told apart by where they lie: offsets are not unique where .dwo files take part.
using DieKey = const void*;

// gcc puts template arguments into a name, and its symbols are missing just where a function is local. Of
// operators only that of a call is cut: `operator<` may end in what looks the same.
std::string without_template_arguments(std::string name) {
  constexpr std::string_view kCall = "operator()";
  if (name.starts_with(kCall)) name.resize(kCall.size());
  if (!name.starts_with("operator")) name.resize(std::min(name.find('<'), name.size()));
  return name;
}

std::string part_name(Dwarf_Die& die) {
  std::string name = without_template_arguments(text_of(die, DW_AT_name));
  if (!name.empty()) return name;
  return dwarf_tag(&die) == DW_TAG_namespace ? "(anonymous namespace)" : "{unnamed}";
}

bool is_scope(Dwarf_Die& die) {
  constexpr std::array<int, 5> kScopes = {DW_TAG_namespace, DW_TAG_class_type, DW_TAG_structure_type,
                                          DW_TAG_union_type, DW_TAG_subprogram};
  return std::find(kScopes.begin(), kScopes.end(), dwarf_tag(&die)) != kScopes.end();
}

// `acme::Planner` around the last of `path`; empty at the top.
std::string scope_of(std::vector<Dwarf_Die>& path) {
  std::string scope;
  for (std::size_t index = 0; index + 1 < path.size(); ++index) {
    if (!is_scope(path[index])) continue;
    if (!scope.empty()) scope += "::";
    scope += part_name(path[index]);
  }
  return scope;
}

// The symbol that a DIE names, whichever way the compiler writes it.
std::string symbol_of(Dwarf_Die& die) {
  std::string symbol = text_of(die, DW_AT_linkage_name);
  return symbol.empty() ? text_of(die, DW_AT_MIPS_linkage_name) : symbol;
}

FunctionName name_in_scope(const std::string& scope, const std::string& own) {
  return {scope.empty() ? own : scope + "::" + own, own};
}

// First all that could have been inlined and are asked about.
class Candidates {
 public:
  explicit Candidates(const WantsFunction& wants) : wants_(wants) {}

  void read(const Dwarf_Die& unit) {
    DieWalk walk(unit);
    for (bool descend = true; walk.next(descend);) {
      const int tag = dwarf_tag(&walk.current());
      if (tag == DW_TAG_subprogram) note(walk);
      descend = tag != DW_TAG_inlined_subroutine;
    }
  }

  // When all units are read: a function may be declared behind its definition.
  void name_local_ones() {
    for (Unnamed& unnamed : unnamed_) {
      const auto declared =
          unnamed.declaration == nullptr ? scopes_.end() : scopes_.find(unnamed.declaration);
      const std::string& scope = declared == scopes_.end() ? unnamed.scope : declared->second;
      ask(unnamed.die, name_in_scope(scope, part_name(unnamed.die)), {});
    }
    unnamed_.clear();
  }

  std::vector<InlinedFunction> functions;
  std::unordered_map<DieKey, std::size_t> numbers;  // DIE → place in `functions`

 private:
  struct Unnamed {
    Dwarf_Die die;
    DieKey declaration;
    std::string scope;
  };

  void note(DieWalk& walk) {
    Dwarf_Die& die = walk.current();
    const bool inlined = dwarf_hasattr(&die, DW_AT_inline) != 0;
    const bool declared = dwarf_hasattr(&die, DW_AT_declaration) != 0;
    if (!inlined && !declared) return;
    std::string symbol = symbol_of(die);
    if (declared && symbol.empty()) scopes_.emplace(die.addr, scope_of(walk.path()));
    if (!inlined) return;
    if (!symbol.empty()) {
      FunctionName name = symbolizer::function_name(symbol);
      return ask(die, std::move(name), std::move(symbol));
    }
    auto declaration = referred_by(die, DW_AT_specification);
    unnamed_.push_back({die, declaration ? declaration->addr : nullptr, scope_of(walk.path())});
  }

  void ask(Dwarf_Die& die, FunctionName name, std::string symbol) {
    if (name.own.empty() || !wants_(name)) return;
    numbers.emplace(die.addr, functions.size());
    InlinedFunction function;
    function.name = std::move(name);
    function.symbol = std::move(symbol);
    function.file = file_of(die, DW_AT_decl_file);
    function.line = static_cast<std::uint32_t>(number_of(die, DW_AT_decl_line).value_or(0));
    functions.push_back(std::move(function));
  }

  const WantsFunction& wants_;
  std::unordered_map<DieKey, std::string> scopes_;
  std::vector<Unnamed> unnamed_;
};

// Then where they are.
class Copies {
 public:
  explicit Copies(Candidates& candidates) : candidates_(candidates) {}

  void read(const Dwarf_Die& unit) {
    DieWalk walk(unit);
    while (walk.next(true)) {
      const int tag = dwarf_tag(&walk.current());
      if (tag == DW_TAG_subprogram) note_code(walk.current());
      if (tag == DW_TAG_inlined_subroutine) note_copy(walk);
    }
  }

 private:
  InlinedFunction* origin_of(Dwarf_Die& die) {
    const auto origin = referred_by(die, DW_AT_abstract_origin);
    if (!origin) return nullptr;
    const auto known = candidates_.numbers.find(origin->addr);
    return known == candidates_.numbers.end() ? nullptr : &candidates_.functions[known->second];
  }

  void note_code(Dwarf_Die& die) {
    InlinedFunction* const function = origin_of(die);
    if (function != nullptr && function->address == 0) function->address = code_start(die);
  }

  // A copy inside the description of another function that was inlined has no code: it is not there.
  void note_copy(DieWalk& walk) {
    InlinedFunction* const function = origin_of(walk.current());
    const std::uint64_t start = function == nullptr ? 0 : code_start(walk.current());
    if (start == 0) return;
    if (function->bodies.empty()) function->copy = start;
    std::uint64_t body = 0;
    InlinePlace place;
    for (std::size_t index = walk.path().size() - 1; index-- > 0 && body == 0;) {
      Dwarf_Die& around = walk.path()[index];
      const int tag = dwarf_tag(&around);
      if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine) continue;
      if (place.caller.empty()) place.caller = caller_name(around);
      if (tag == DW_TAG_subprogram) body = code_start(around);
    }
    function->bodies.push_back(body);
    if (function->places.size() >= InlinedFunction::kMaxPlaces) return;
    place.file = file_of(walk.current(), DW_AT_call_file);
    place.line = static_cast<std::uint32_t>(number_of(walk.current(), DW_AT_call_line).value_or(0));
    function->places.push_back(std::move(place));
  }

  static std::string caller_name(Dwarf_Die& die) {
    const std::string symbol = symbol_of(die);
    return symbol.empty() ? part_name(die) : symbolizer::function_name(symbol).qualified;
  }

  Candidates& candidates_;
};

}  // namespace

std::vector<InlinedFunction> find_inlined(const std::vector<Dwarf_Die>& units, const WantsFunction& wants) {
  Candidates candidates(wants);
  for (const Dwarf_Die& unit : units) candidates.read(unit);
  candidates.name_local_ones();
  if (candidates.functions.empty()) return {};

  Copies copies(candidates);
  for (const Dwarf_Die& unit : units) copies.read(unit);
  std::vector<InlinedFunction> found;
  for (InlinedFunction& function : candidates.functions) {
    if (!function.bodies.empty()) found.push_back(std::move(function));
  }
  return found;
}

}  // namespace llmo::functions
