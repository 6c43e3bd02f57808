// The name of a function as people write it, out of its symbol.
//
//   _ZN4acme7Planner10plan_agentIiEENS_4PlanERKSs.constprop.0  →  acme::Planner::plan_agent
//   _ZZN2ns9run_agentEiENKUliE_clEi                            →  ns::run_agent::{lambda#1}::operator()
//   query_handler.part.0                                       →  query_handler
//
// Parameters, template arguments, return type, qualifiers, ABI tags and what compilers append are left out.
//
// abi::__cxa_demangle() is not used: it refuses symbols of more than 1 024 characters, which templates exceed
// easily, it takes exponential time on a hostile one, and its text would have to be parsed again to find
// where a return type ends. The mangled form says exactly what is a name, so that is what is read:
// itanium_reader.h.
#pragma once

#include <string>
#include <string_view>

namespace llmo::symbolizer {

struct FunctionName {
  std::string qualified;  // `acme::Planner::plan_agent`; unnamed namespaces are `(anonymous namespace)`
  std::string own;        // the last part of it: `plan_agent`, `operator()`, `~Planner`

  friend bool operator==(const FunctionName&, const FunctionName&) = default;
};

// `mangled` is a symbol of an object file, mangled or plain; what is neither comes back as it is. Takes time
// in proportion to its length, whatever it holds; never throws but for memory. Threads: any. Signals: not
// safe, it allocates.
FunctionName function_name(std::string_view mangled);

}  // namespace llmo::symbolizer
