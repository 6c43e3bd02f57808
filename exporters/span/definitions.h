// The modules, functions and notes that a process has described in its journal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace llmo {

struct ModuleDefinition {
  std::string path;
  std::string build_id;  // raw bytes; empty where the file has none
  std::uint64_t load_bias = 0;
};

struct FunctionDefinition {
  std::string name;  // qualified, without parameters
  std::uint32_t module = 0;
  std::uint64_t address = 0;  // in the ELF file
};

struct Definitions {
  std::unordered_map<std::uint32_t, ModuleDefinition> modules;
  std::unordered_map<std::uint32_t, FunctionDefinition> functions;
  std::vector<std::string> notes;
  // Called for an id that is not here; adds what has been described meanwhile. May be empty.
  std::function<void()> look_again;

  const FunctionDefinition* function(std::uint32_t id) const { return find(functions, id); }
  const ModuleDefinition* module(std::uint32_t id) const { return find(modules, id); }

 private:
  template <typename Map>
  const typename Map::mapped_type* find(const Map& map, std::uint32_t id) const {
    auto found = map.find(id);
    if (found == map.end() && look_again) {
      look_again();
      found = map.find(id);
    }
    return found == map.end() ? nullptr : &found->second;
  }
};

}  // namespace llmo
