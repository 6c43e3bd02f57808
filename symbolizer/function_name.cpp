#include "symbolizer/function_name.h"

#include <algorithm>
#include <array>

#include "symbolizer/itanium_reader.h"

namespace llmo::symbolizer {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What compilers append to the symbol of a part or a copy of a function: gcc's outlined, cloned and coroutine
// parts, clang's coroutine parts and ThinLTO promotions. Each may be followed by a number.
bool is_compiler_suffix(std::string_view word) {
  constexpr std::array<std::string_view, 16> kSuffixes = {
      "cold",   "part",    "isra",     "constprop", "lto_priv", "clone",      "actor", "destroy",
      "resume", "cleanup", "unlikely", "llvm",      "__uniq",   "localalias", "ctor",  "dtor"};
  return std::find(kSuffixes.begin(), kSuffixes.end(), word) != kSuffixes.end() || all_digits(word);
}

// Only known suffixes go: in other languages (Go: `main.run_agent`) a dot is part of the name.
std::string_view without_suffixes(std::string_view name) {
  const std::size_t clone = name.find(" [clone ");
  if (clone != std::string_view::npos && clone != 0) name = name.substr(0, clone);
  for (;;) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || !is_compiler_suffix(name.substr(dot + 1))) return name;
    name = name.substr(0, dot);
  }
}

}  // namespace

FunctionName function_name(std::string_view mangled) {
  FunctionName name;
  if (read_itanium_name(mangled, name)) return name;
  name.qualified = without_suffixes(mangled);
  name.own = name.qualified;
  return name;
}

}  // namespace llmo::symbolizer
