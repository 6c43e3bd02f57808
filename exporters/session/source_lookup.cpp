#include "exporters/session/source_lookup.h"

#include <memory>
#include <span>

#include "symbolizer/lines/source_lines.h"

namespace llmo::session {

SourceLookup make_source_lookup() {
  auto lines = std::make_shared<symbolizer::SourceLines>();
  return [lines](const ModuleDefinition& module, std::uint64_t address) -> std::optional<SourcePosition> {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(module.build_id.data());
    auto found = lines->find(module.path, {bytes, module.build_id.size()}, address);
    if (!found) return std::nullopt;
    return SourcePosition{std::move(found->file), found->line};
  };
}

}  // namespace llmo::session
