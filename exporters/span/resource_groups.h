// OTLP sends a resource and a scope once, with all of their spans: a batch's spans by the process that they
// come from, and by the library that made them.
#pragma once

#include <span>
#include <vector>

#include "exporters/span/span.h"

namespace llmo {

struct ResourceGroup {
  const Resource* resource;  // may be null
  const Scope* scope;        // null: llmobserve
  std::vector<const Span*> spans;
};

// Groups in the order in which their first spans come; spans in theirs. Points into `spans`.
std::vector<ResourceGroup> group_by_resource(std::span<const Span> spans);

}  // namespace llmo
