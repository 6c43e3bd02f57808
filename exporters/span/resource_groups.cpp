#include "exporters/span/resource_groups.h"

#include <cstddef>

namespace llmo {

namespace {

bool belongs_to(const Span& span, const ResourceGroup& group) {
  return group.resource == span.resource.get() && group.scope == span.scope.get();
}

}  // namespace

// A session has few processes: a list will do.
std::vector<ResourceGroup> group_by_resource(std::span<const Span> spans) {
  std::vector<ResourceGroup> groups;
  for (const Span& span : spans) {
    std::size_t at = 0;
    while (at < groups.size() && !belongs_to(span, groups[at])) ++at;
    if (at == groups.size()) groups.push_back({span.resource.get(), span.scope.get(), {}});
    groups[at].spans.push_back(&span);
  }
  return groups;
}

}  // namespace llmo
