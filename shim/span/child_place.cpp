#include "shim/span/child_place.h"

#include <unistd.h>

#include <string_view>

#include "shim/span/current.h"
#include "shim/span/tracer.h"

namespace llmo::span {

namespace {

// A child of vfork() has no stack of its own: it is where its parent was.
SpanContext here(Address stack_address) {
  return thread_state.vfork_depth != 0 ? thread_state.at_vfork : current_context(stack_address);
}

bool has_preload(const char* const* environment) {
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    if (std::string_view(*environment).starts_with("LD_PRELOAD=")) return true;
  }
  return false;
}

}  // namespace

ChildPlace::ChildPlace(Address stack_address) {
  facts_.session = joined_session();
  const SpanContext context = here(stack_address);
  // The remote parent stands in the environment already, unless the program has put something else there.
  if (context.empty() || context == remote_parent()) return;
  traceparent_ = format_traceparent(context);
  facts_.traceparent = {traceparent_.data(), traceparent_.size()};
  if (context.trace == remote_parent().trace) facts_.tracestate = tracestate();
}

ArrayKind array_kind(const char* const* given) {
  if (given == environ) return ArrayKind::kOwn;
  return has_preload(environ) ? ArrayKind::kMade : ArrayKind::kMadeWithout;
}

}  // namespace llmo::span
