#include "shim/span/entered_context.h"

#include "shim/span/current.h"
#include "shim/span/scope.h"
#include "shim/span/tracer.h"

namespace llmo::span {

namespace {

std::uintptr_t owner_of(const EnteredContext& entered) { return reinterpret_cast<std::uintptr_t>(&entered); }

// Where nothing is inherited, a scope that makes roots changes nothing, and costs a thread that never has a
// span a stack in the journal.
bool enter(const EnteredContext& entered, const Inheritance& place, Address stack_address) {
  if (!recording()) return false;
  if (place.context.empty() && current_context(stack_address).empty()) return false;
  return enter_scope({ScopeKind::kContext, owner_of(entered), place.context, place.starter}, stack_address);
}

}  // namespace

EnteredContext::EnteredContext(const Inheritance& place, Address stack_address)
    : is_entered_(enter(*this, place, stack_address)) {}

EnteredContext::~EnteredContext() {
  if (is_entered_) leave_scope(ScopeKind::kContext, owner_of(*this), journal::EndKind::kUnwound);
}

}  // namespace llmo::span
