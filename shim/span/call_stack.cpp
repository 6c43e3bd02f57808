#include "shim/span/call_stack.h"

#include <algorithm>
#include <array>

#include "shim/platform/stack_walk.h"
#include "shim/span/module_definitions.h"

namespace llmo::span {

namespace {

using Address = std::uintptr_t;

constinit Address own_start = 0;
constinit Address own_end = 0;

bool is_ours(Address address) { return address >= own_start && address < own_end; }

// What of ours may lie on the stack: a hook and what it calls, and the body of a thread at the other end.
constexpr std::size_t kOurFrames = 12;

}  // namespace

void leave_out_of_stacks(std::uintptr_t start, std::uintptr_t end) {
  own_start = start;
  own_end = end;
}

std::size_t capture_return_addresses(std::span<std::uintptr_t> out) {
  std::array<Address, kMaxStackDepth + kOurFrames> all;
  const std::size_t wanted = std::min(out.size() + kOurFrames, all.size());
  const std::size_t count = platform::walk_stack(std::span(all).first(wanted));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count && kept < out.size(); ++i) {
    if (!is_ours(all[i])) out[kept++] = all[i];
  }
  return kept;
}

std::size_t code_addresses(std::span<const std::uintptr_t> addresses, std::span<journal::CodeAddress> out) {
  std::size_t count = 0;
  for (const Address address : addresses) {
    if (count == out.size()) break;
    if (const auto known = code_address(address)) out[count++] = *known;
  }
  return count;
}

std::size_t capture_call_stack(std::span<journal::CodeAddress> out) {
  std::array<Address, kMaxStackDepth> addresses;
  const std::size_t wanted = std::min(out.size(), addresses.size());
  const std::size_t count = capture_return_addresses(std::span(addresses).first(wanted));
  return code_addresses(std::span(addresses).first(count), out);
}

}  // namespace llmo::span
