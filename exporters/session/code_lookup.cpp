#include "exporters/session/code_lookup.h"

#include <algorithm>
#include <list>
#include <utility>

#include "symbolizer/lines/source_lines.h"
#include "symbolizer/module_symbols.h"

namespace llmo::session {
namespace {

using symbolizer::BuildIdView;
using symbolizer::ModuleSymbols;
using symbolizer::SourceLocation;

constexpr std::size_t kMaxModules = 64;

BuildIdView build_id_of(const ModuleDefinition& module) {
  return {reinterpret_cast<const std::uint8_t*>(module.build_id.data()), module.build_id.size()};
}

SourcePosition position_of(std::optional<SourceLocation> at) {
  if (!at) return {};
  return {std::move(at->file), at->line};
}

// Modules by path and build id, the one used last first. What could not be opened is kept as well: it would
// be tried again for each address.
class OpenModules {
 public:
  // Null where the file is gone, or another one than ran. Valid until the next call.
  ModuleSymbols* find(const ModuleDefinition& module) {
    const auto known = std::find_if(modules_.begin(), modules_.end(), [&](const Entry& entry) {
      return entry.path == module.path && entry.build_id == module.build_id;
    });
    if (known != modules_.end()) {
      modules_.splice(modules_.begin(), modules_, known);
    } else {
      modules_.push_front(
          {module.path, module.build_id, ModuleSymbols::open(module.path, build_id_of(module))});
      if (modules_.size() > kMaxModules) modules_.pop_back();
    }
    auto& symbols = modules_.front().symbols;
    return symbols ? &*symbols : nullptr;
  }

 private:
  struct Entry {
    std::string path;
    std::string build_id;
    std::optional<ModuleSymbols> symbols;
  };
  std::list<Entry> modules_;
};

class ModuleLookup : public CodeLookup {
 public:
  std::optional<SourcePosition> declared_at(const ModuleDefinition& module, std::uint64_t address) override {
    auto found = lines_.find(module.path, build_id_of(module), address);
    if (!found) return std::nullopt;
    return position_of(std::move(found));
  }

  // Debug information has the inlined functions, and the lines; the symbol table has the function that they
  // are inlined into under the name that the host knows it by.
  std::vector<CodeFrame> frames_at(const ModuleDefinition& module, std::uint64_t address) override {
    std::vector<CodeFrame> frames;
    for (auto& found : lines_.frames(module.path, build_id_of(module), address)) {
      frames.push_back(named(found.symbol, address));
      frames.back().position = position_of(std::move(found.at));
    }
    ModuleSymbols* const symbols = modules_.find(module);
    const auto symbol = symbols == nullptr ? std::nullopt : symbols->find(address);
    if (!symbol) return frames;
    if (frames.empty()) frames.emplace_back();
    CodeFrame& outermost = frames.back();
    outermost.function = symbol->name.qualified;
    outermost.own_name = symbol->name.own;
    outermost.source_address = symbol->address;
    return frames;
  }

  std::string source_of(const ModuleDefinition& module, std::uint64_t address) override {
    ModuleSymbols* const symbols = modules_.find(module);
    return symbols == nullptr ? std::string() : symbols->source_file(address).value_or(std::string());
  }

 private:
  static CodeFrame named(const std::string& symbol, std::uint64_t address) {
    symbolizer::FunctionName name = symbolizer::function_name(symbol);
    return {std::move(name.qualified), std::move(name.own), {}, address};
  }

  symbolizer::SourceLines lines_;
  OpenModules modules_;
};

}  // namespace

std::shared_ptr<CodeLookup> make_code_lookup() { return std::make_shared<ModuleLookup>(); }

}  // namespace llmo::session
