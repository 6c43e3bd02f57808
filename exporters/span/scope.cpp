#include "exporters/span/scope.h"

#include <utility>

#include "exporters/span/version.h"

namespace llmo {

std::shared_ptr<const Scope> shared_scope(Scope scope) {
  const bool ours = scope.name == kScopeName && scope.version == kVersion && scope.attributes.empty();
  return ours ? nullptr : std::make_shared<const Scope>(std::move(scope));
}

}  // namespace llmo
