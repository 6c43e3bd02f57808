#include "exporters/span/exception_type.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

#include "exporters/span/utf8.h"
#include "symbolizer/function_name.h"

namespace llmo {
namespace {

constexpr std::size_t kMaxMangled = 1024;
// Each back reference may double what has been written before: so many of them are still a short text.
constexpr std::size_t kMaxReferences = 12;

// References end in `_` (`S_`, `S1_`, `T0_`), as some parts of names do: too many are counted, never too few.
bool is_cheap(std::string_view mangled) {
  std::size_t marks = 0;
  for (const char c : mangled) marks += c == '_' ? 1 : 0;
  return mangled.size() <= kMaxMangled && marks <= kMaxReferences;
}

std::string demangled_whole(std::string_view mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(std::string(mangled).c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text != nullptr ? std::string(text.get()) : std::string();
}

// Read as the type that a conversion operator converts to, which takes linear time.
std::string demangled_in_short(std::string_view mangled) {
  constexpr std::string_view kOperator = "operator ";
  const std::string name = symbolizer::function_name("_Zcv" + std::string(mangled) + "v").qualified;
  return name.starts_with(kOperator) ? name.substr(kOperator.size()) : std::string();
}

}  // namespace

std::string exception_type_name(std::string_view mangled) {
  // A leading `*` says that the type is compared by address only.
  if (mangled.starts_with('*')) mangled.remove_prefix(1);
  std::string name = is_cheap(mangled) ? demangled_whole(mangled) : demangled_in_short(mangled);
  return valid_utf8(name.empty() ? mangled : std::string_view(name));
}

}  // namespace llmo
