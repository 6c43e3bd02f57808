// Code as the tests of the exporter need it: functions at addresses that nobody has compiled.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "exporters/span/code_lookup.h"

namespace llmo::test {

// Every function is declared in line 42 of a file that bears its module's name; address 0 is not known.
class FakeCode : public CodeLookup {
 public:
  std::optional<SourcePosition> declared_at(const ModuleDefinition& module, std::uint64_t address) override {
    ++lookups;
    if (address == 0) return std::nullopt;
    return SourcePosition{"/src/" + module.path + ".cpp", 42};
  }
  std::vector<CodeFrame> frames_at(const ModuleDefinition& module, std::uint64_t address) override {
    ++lookups;
    const auto found = frames.find({module.path, address});
    return found == frames.end() ? std::vector<CodeFrame>() : found->second;
  }
  std::string source_of(const ModuleDefinition&, std::uint64_t address) override { return sources[address]; }

  // A frame at one address; several of one address are inlined into one another, innermost first.
  void add(const std::string& module, std::uint64_t address, const std::string& function,
           SourcePosition position = {}) {
    const std::size_t scope = function.rfind("::");
    const std::string own = scope == std::string::npos ? function : function.substr(scope + 2);
    frames[{module, address}].push_back({function, own, std::move(position), address});
  }

  int lookups = 0;
  std::map<std::pair<std::string, std::uint64_t>, std::vector<CodeFrame>> frames;
  std::map<std::uint64_t, std::string> sources;
};

}  // namespace llmo::test
