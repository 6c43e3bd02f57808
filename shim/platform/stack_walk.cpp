#include "shim/platform/stack_walk.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <bit>
#include <optional>

#include "shim/platform/export.h"
#include "shim/platform/frame_rule.h"

// Where the stack of the process's first thread ends. Of ld.so, since its first version.
extern "C" void* __libc_stack_end;  // NOLINT(bugprone-reserved-identifier)

namespace llmo::platform {

namespace {

using Address = std::uintptr_t;

// Rules by return address. The two words of an entry are written one after the other, by any thread: a reader
// believes them only if they fit together.
struct Entry {
  std::atomic<std::uint64_t> key{0};  // the address, mixed with the rule and the generation
  std::atomic<std::uint64_t> rule{0};
};
constexpr std::size_t kEntries = 2048;
constinit std::array<Entry, kEntries> known_rules{};
constinit std::atomic<std::uint64_t> generation{1};

Entry& entry_of(Address code) { return known_rules[(code * 0x9e3779b97f4a7c15) >> 53]; }
static_assert(kEntries == std::size_t{1} << (64 - 53));

std::uint64_t mixed(Address code, std::uint64_t rule) {
  // Addresses have 47 bits. Relaxed: a walk that races with a dlclose() may still use what it found before.
  return code ^ rule ^ generation.load(std::memory_order_relaxed) << 48;
}

std::optional<FrameRule> frame_rule(Address code) {
  Entry& entry = entry_of(code);
  // Relaxed: the two words prove each other.
  const std::uint64_t kept = entry.rule.load(std::memory_order_relaxed);
  if (entry.key.load(std::memory_order_relaxed) == mixed(code, kept)) return std::bit_cast<FrameRule>(kept);
  const std::optional<FrameRule> found = find_frame_rule(code);
  if (!found) return std::nullopt;
  const auto rule = std::bit_cast<std::uint64_t>(*found);
  entry.rule.store(rule, std::memory_order_relaxed);
  entry.key.store(mixed(code, rule), std::memory_order_relaxed);
  return found;
}

// A frame: where it is in its code, and the registers that its rule needs.
struct Position {
  Address code;
  Address rsp;
  Address rbp;
  bool is_interrupted = false;  // by a signal: `code` is where it goes on, not behind a call
};

// Frames are not larger than this, and never turn back: what says otherwise is not followed.
constexpr Address kMaxFrame = 1 << 20;

bool follows(Address below, Address above) { return above >= below && above - below < kMaxFrame; }

// Where the stack that `address` lies on ends at the latest: what hand-written code says of its frames may be
// wrong, and what lies behind a stack may not be readable. glibc puts a thread's control block at the end of
// its stack; that of the first thread ends at __libc_stack_end (elf/rtld.c), above everything else.
Address stack_end(Address address) {
  const auto own = static_cast<Address>(pthread_self());
  if (address < own) return own;
  const auto first = reinterpret_cast<Address>(__libc_stack_end);
  return address < first ? first : UINTPTR_MAX;
}

// Frames of the host, which a sanitizer of ours knows nothing of.
__attribute__((no_sanitize("address", "thread"))) Address word_at(Address address) {
  return *reinterpret_cast<const volatile Address*>(address);
}

Address place_of(FrameRule::Place place, std::int64_t offset, const Position& frame, Address cfa) {
  const auto distance = static_cast<Address>(offset);
  switch (place) {
    case FrameRule::Place::kAtCfa:
      return cfa + distance;
    case FrameRule::Place::kAtFrame:
      return frame.rbp + distance;
    case FrameRule::Place::kSame:
    case FrameRule::Place::kAtStack:
      break;
  }
  return frame.rsp + distance;
}

std::optional<Address> cfa_of(const FrameRule& rule, const Position& frame) {
  const Address base = rule.cfa_from_rbp ? frame.rbp : frame.rsp;
  const Address place = base + static_cast<Address>(std::int64_t{rule.cfa_offset});
  if (place % alignof(Address) != 0 || !follows(frame.rsp, place)) return std::nullopt;
  if (!rule.cfa_in_memory) return place;
  if (place >= stack_end(frame.rsp)) return std::nullopt;
  const Address cfa = word_at(place);
  // A handler may run on a stack of its own: there the kernel has said where the interrupted one is.
  if (!rule.is_signal && !follows(frame.rsp, cfa)) return std::nullopt;
  return cfa % alignof(Address) == 0 ? std::optional{cfa} : std::nullopt;
}

// Below rsp a frame may keep so much, until it calls somebody (System V psABI (AMD64) 3.2.2); the kernel
// leaves it alone too.
constexpr Address kRedZone = 128;

// What a frame has kept, which lies between rsp and the CFA; what a signal has interrupted lies elsewhere. At
// its end a frame has taken back what its rule still speaks of: that is in the red zone then.
std::optional<Address> kept_word(const FrameRule& rule, const Position& frame, Address cfa, Address place) {
  const Address lowest = frame.is_interrupted ? frame.rsp - kRedZone : frame.rsp;
  const bool is_on_stack = follows(lowest, place) && place < stack_end(frame.rsp);
  const bool is_in_frame = is_on_stack && (rule.is_signal || place < cfa);
  return place % alignof(Address) == 0 && is_in_frame ? std::optional{word_at(place)} : std::nullopt;
}

// Turns `frame` into its caller's; false where the walk ends.
bool step(Position& frame) {
  const auto rule = frame_rule(frame.is_interrupted ? frame.code : frame.code - 1);
  if (!rule || rule->is_last) return false;
  const auto cfa = cfa_of(*rule, frame);
  if (!cfa || *cfa == frame.rsp) return false;
  const std::int64_t return_offset = std::int64_t{rule->return_words} * std::int64_t{sizeof(Address)};
  const auto code = kept_word(*rule, frame, *cfa, place_of(rule->return_place, return_offset, frame, *cfa));
  std::optional rbp{frame.rbp};
  if (rule->rbp_place != FrameRule::Place::kSame) {
    rbp = kept_word(*rule, frame, *cfa, place_of(rule->rbp_place, rule->rbp_offset, frame, *cfa));
  }
  if (!code || *code == 0 || !rbp) return false;
  frame = {*code, *cfa, *rbp, rule->is_signal};
  return true;
}

std::size_t walk(Position frame, std::span<Address> out) {
  std::size_t count = 0;
  while (count < out.size() && step(frame)) out[count++] = frame.code;
  return count;
}

}  // namespace

__attribute__((noinline)) std::size_t walk_stack(std::span<std::uintptr_t> out) {
  Position here{};
  __asm__ volatile(
      "leaq 0(%%rip), %0\n\t"
      "movq %%rsp, %1\n\t"
      "movq %%rbp, %2"
      : "=r"(here.code), "=r"(here.rsp), "=r"(here.rbp));
  here.is_interrupted = true;
  return walk(here, out);
}

void forget_frame_rules() { generation.fetch_add(1, std::memory_order_relaxed); }

}  // namespace llmo::platform
