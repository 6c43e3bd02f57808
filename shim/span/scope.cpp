#include "shim/span/scope.h"

#include "shim/span/by_hand.h"
#include "shim/span/coroutine_slice.h"

namespace llmo::span {

void scope_was_left(ScopeKind kind, std::uintptr_t owner, journal::EndKind end) {
  switch (kind) {
    case ScopeKind::kContext:
      return;
    case ScopeKind::kByHand:
      return by_hand::was_left(owner, end);
    case ScopeKind::kCoroutine:
      return slice_was_left(reinterpret_cast<Slice*>(owner), end);
  }
}

}  // namespace llmo::span
