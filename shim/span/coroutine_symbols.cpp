#include "shim/span/coroutine_symbols.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace llmo::span {

using symbolizer::Symbol;
using symbolizer::SymbolTable;

namespace {

using Part = CoroutinePartName::Part;

// What link time optimisation adds to local names.
std::string_view without_lto_suffix(std::string_view name) { return name.substr(0, name.find(".lto_priv.")); }

bool take_suffix(std::string_view& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

// The coroutine's mangled name at the end of `name`, which gcc puts there as the identifier of the frame's
// type: preceded by its length.
std::string_view identifier_at_end(std::string_view name) {
  for (std::size_t start = name.find("_Z", 1); start != std::string_view::npos;
       start = name.find("_Z", start + 1)) {
    const std::string length = std::to_string(name.size() - start);
    if (name.substr(0, start).ends_with(length)) return name.substr(start);
  }
  return {};
}

CoroutinePartName gcc_part(std::string_view name, Part part) {
  std::string_view ramp = identifier_at_end(name);
  take_suffix(ramp, ".Frame");
  return {ramp, part, true};
}

// The functions of one name, by address.
struct Group {
  std::vector<const Symbol*> ramps;
  std::vector<Symbol> resumes;
  std::vector<Symbol> destroys;
  std::vector<Symbol> cleanups;
  bool by_gcc = false;

  std::vector<Symbol>& functions_of(Part part) {
    if (part == Part::kResume) return resumes;
    return part == Part::kDestroy ? destroys : cleanups;
  }
  CoroutineParts parts(std::size_t number) const {
    const Symbol& resume = resumes[number];
    CoroutineParts found{.ramp = 0,
                         .ramp_end = 0,
                         .resume = resume.address,
                         .resume_end = resume.address + resume.size,
                         .destroy = destroys[number].address,
                         .cleanup = 0,
                         .by_gcc = by_gcc};
    if (cleanups.size() == resumes.size()) found.cleanup = cleanups[number].address;
    if (ramps.size() != resumes.size()) return found;
    found.ramp = ramps[number]->address;
    found.ramp_end = found.ramp + ramps[number]->size;
    return found;
  }
};

using Groups = std::unordered_map<std::string_view, Group>;

Groups collect_parts(const SymbolTable& functions) {
  Groups groups;
  for (std::size_t index = 0; index < functions.size(); ++index) {
    const Symbol symbol = functions.at(index);
    const CoroutinePartName part = coroutine_part_name(symbol.name);
    if (part.ramp.empty()) continue;
    Group& group = groups[part.ramp];
    group.by_gcc = part.by_gcc;
    group.functions_of(part.part).push_back(symbol);
  }
  return groups;
}

}  // namespace

// A member function without parameters, often const; `E` ends the nested name (Itanium C++ ABI 5.1.3).
bool is_final_suspend(std::string_view mangled) {
  return mangled.starts_with("_ZN") && mangled.ends_with("13final_suspendEv");
}

CoroutinePartName coroutine_part_name(std::string_view mangled) {
  std::string_view name = without_lto_suffix(mangled);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  if (take_suffix(name, ".Frame.actor")) return gcc_part(mangled.substr(0, dot), Part::kResume);
  if (take_suffix(name, ".Frame.destroy")) return gcc_part(mangled.substr(0, dot), Part::kDestroy);
  if (take_suffix(name, ".resume")) return {name, Part::kResume, false};
  if (take_suffix(name, ".destroy")) return {name, Part::kDestroy, false};
  if (take_suffix(name, ".cleanup")) return {name, Part::kCleanup, false};
  return {};
}

CoroutineSymbols::CoroutineSymbols(const SymbolTable& functions) {
  Groups groups = collect_parts(functions);
  if (groups.empty()) return;
  std::vector<Symbol> ramps;
  for (std::size_t index = 0; index < functions.size(); ++index) {
    const Symbol symbol = functions.at(index);
    if (groups.contains(without_lto_suffix(symbol.name))) ramps.push_back(symbol);
  }
  for (const Symbol& ramp : ramps) groups[without_lto_suffix(ramp.name)].ramps.push_back(&ramp);
  for (const auto& [name, group] : groups) {
    if (group.resumes.size() != group.destroys.size()) continue;
    for (std::size_t number = 0; number < group.resumes.size(); ++number) add(group.parts(number));
  }
  std::sort(index_.begin(), index_.end());
}

void CoroutineSymbols::add(const CoroutineParts& parts) {
  const auto place = static_cast<std::uint32_t>(coroutines_.size());
  coroutines_.push_back(parts);
  for (const std::uint64_t address : {parts.ramp, parts.resume, parts.destroy, parts.cleanup}) {
    if (address != 0) index_.emplace_back(address, place);
  }
}

const CoroutineParts* CoroutineSymbols::find(std::uint64_t address) const {
  const auto found = std::lower_bound(index_.begin(), index_.end(), std::pair{address, std::uint32_t{0}});
  const bool is_there = found != index_.end() && found->first == address;
  return is_there ? &coroutines_[found->second] : nullptr;
}

}  // namespace llmo::span
