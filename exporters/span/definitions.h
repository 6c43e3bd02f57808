// The modules, functions and notes that a process has described in its journal.
#pragma once

#include <cstdint>
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

  const FunctionDefinition* function(std::uint32_t id) const {
    const auto found = functions.find(id);
    return found == functions.end() ? nullptr : &found->second;
  }
  const ModuleDefinition* module(std::uint32_t id) const {
    const auto found = modules.find(id);
    return found == modules.end() ? nullptr : &found->second;
  }
};

}  // namespace llmo
