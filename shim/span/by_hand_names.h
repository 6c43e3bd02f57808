// What blocks are called, out of what the compiler says of the function that they stand in.
//
//   void acme::Planner::plan(T) [with T = int]     acme::Planner::plan        __PRETTY_FUNCTION__ of gcc
//   auto run()::(anonymous class)::operator()()    run::{lambda}::operator()  the same of clang
//   rank                                           rank                       __func__
#pragma once

#include <string>
#include <string_view>

namespace llmo::span::by_hand {

// The qualified name without return type, parameters and template arguments. A text that cannot be read so
// comes back as it is, or in part; never fails but for memory.
std::string function_name_of(std::string_view pretty);

// `workflow.<name>`; one without a name is a `block`.
std::string span_name(std::string_view name);

// True where a function defined as `qualified` (by its symbol) may be the one that calls itself `name`.
bool is_same_function(std::string_view qualified, std::string_view name);

}  // namespace llmo::span::by_hand
