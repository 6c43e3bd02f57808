#include "shim/span/coroutine_frame.h"

#include <linux/futex.h>
#include <sys/uio.h>

#include <array>
#include <cstring>

#include "shim/platform/syscalls.h"
#include "shim/span/tracer.h"

namespace llmo::span {

namespace sys = platform::sys;

namespace {

// Words of the caller's stack that are looked at; in all that was seen the frame stood within the first 20.
constexpr std::size_t kStackWords = 64;

// As process_vm_readv(2): the bytes that could be read, or a negative errno value.
long read_memory(Address address, void* target, std::size_t size) {
  const iovec local{target, size};
  const iovec remote{reinterpret_cast<void*>(address), size};
  return sys::call(SYS_process_vm_readv, static_cast<long>(process_id()), sys::as_long(&local), 1,
                   sys::as_long(&remote), 1, 0);
}

bool may_be_frame(Address word) {
  constexpr Address kLowest = 4096;
  constexpr Address kHighest = Address{1} << 47;  // user space; 5-level paging hands out no more unasked
  return word >= kLowest && word < kHighest && word % alignof(Address) == 0;
}

struct FrameHead {
  Address resume = 0;
  Address destroy = 0;
};

std::optional<FrameHead> read_head(Address frame) {
  FrameHead head;
  if (!may_be_frame(frame) || read_memory(frame, &head, sizeof head) != sizeof head) return std::nullopt;
  return head;
}

// At its final suspend point a frame has no resume function.
bool is_frame_of(Address frame, const CoroutineCode& code) {
  const std::optional<FrameHead> head = read_head(frame);
  return head && (head->resume == code.resume || head->resume == 0) && head->destroy == code.destroy;
}

// --- where a gcc build's function keeps it -----------------------------------------------------------------

// The instructions that move the first argument, rdi, to a place which survives calls (Intel SDM, MOV r/m64,
// r64: REX.W 89 /r).
struct Place {
  Address CallerRegisters::*base = nullptr;  // a register; nullptr: the stack pointer
  bool in_memory = false;                    // at base + offset, else in the register itself
  std::int32_t offset = 0;
};

struct RegisterMove {
  std::uint8_t rex;
  std::uint8_t modrm;
  Address CallerRegisters::*target;
};
constexpr RegisterMove kRegisterMoves[] = {
    {0x48, 0xfb, &CallerRegisters::rbx}, {0x48, 0xfd, &CallerRegisters::rbp},
    {0x49, 0xfc, &CallerRegisters::r12}, {0x49, 0xfd, &CallerRegisters::r13},
    {0x49, 0xfe, &CallerRegisters::r14}, {0x49, 0xff, &CallerRegisters::r15},
};

constexpr std::size_t kLongestMove = 8;

Place memory_place(Address CallerRegisters::*base, const std::uint8_t* displacement, bool is_long) {
  if (!is_long) return {base, true, static_cast<std::int8_t>(*displacement)};
  std::int32_t offset = 0;
  std::memcpy(&offset, displacement, sizeof offset);
  return {base, true, offset};
}

// The place that the instruction at `code`, of which kLongestMove bytes can be read, moves rdi to.
std::optional<Place> decode_move(const std::uint8_t* code) {
  if (code[1] != 0x89) return std::nullopt;
  for (const RegisterMove& move : kRegisterMoves) {
    if (code[0] == move.rex && code[2] == move.modrm) return Place{move.target, false, 0};
  }
  if (code[0] != 0x48) return std::nullopt;
  if (code[2] == 0x7d || code[2] == 0xbd) {  // [rbp + displacement of 8 or 32 bits]
    return memory_place(&CallerRegisters::rbp, code + 3, code[2] == 0xbd);
  }
  const bool on_stack = (code[2] == 0x7c || code[2] == 0xbc) && code[3] == 0x24;  // [rsp + …]
  return on_stack ? std::optional(memory_place(nullptr, code + 4, code[2] == 0xbc)) : std::nullopt;
}

std::optional<Address> value_at(const Place& place, const HookCall& hook) {
  const Address base = place.base != nullptr ? hook.registers.*place.base : hook.stack_address;
  return place.in_memory ? read_word(base + static_cast<Address>(std::int64_t{place.offset})) : base;
}

// Every byte may begin the instruction: what is found is held against the frame itself.
Address frame_by_prologue(const HookCall& hook, const CoroutineCode& code) {
  constexpr std::size_t kLongestPrologue = 256;
  const std::size_t size = return_address(hook) - hook.function;
  if (size > kLongestPrologue) return 0;  // inlined into another function
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(hook.function);
  for (std::size_t at = 0; at + kLongestMove < size; ++at) {
    const std::optional<Place> place = decode_move(bytes + at);
    const std::optional<Address> frame = place ? value_at(*place, hook) : std::nullopt;
    if (frame && is_frame_of(*frame, code)) return *frame;
  }
  return 0;
}

// --- anywhere ----------------------------------------------------------------------------------------------

// The first of `count` words at an address that `is_it` says yes to; 0 where there is none.
template <std::size_t count, typename Predicate>
Address find_word_at(Address address, const Predicate& is_it) {
  std::array<Address, count> words{};
  const long read = read_memory(address, words.data(), sizeof words);
  Address last = 0;
  for (std::size_t index = 0; read > 0 && index < static_cast<std::size_t>(read) / sizeof(Address); ++index) {
    if (words[index] == last) continue;
    last = words[index];
    if (is_it(last)) return last;
  }
  return 0;
}

// The first word that `is_it` says yes to, of the registers and then of the stack.
template <typename Predicate>
Address find_word(const HookCall& hook, const Predicate& is_it) {
  for (const Address word : hook.registers.all()) {
    if (is_it(word)) return word;
  }
  return find_word_at<kStackWords>(hook.stack_address, is_it);
}

// The same in what the registers and the next words of the stack point to: the object that a ramp returns,
// which its caller has made room for, may be all that still knows the frame.
template <typename Predicate>
Address find_pointed_to(const HookCall& hook, const Predicate& is_it) {
  constexpr std::size_t kObjectWords = 4;
  constexpr std::size_t kNextWords = 16;
  Address found = 0;
  const auto look = [&](Address word) {
    if (found == 0 && may_be_frame(word)) found = find_word_at<kObjectWords>(word, is_it);
    return found != 0;
  };
  for (const Address word : hook.registers.all()) look(word);
  if (found == 0) find_word_at<kNextWords>(hook.stack_address, look);
  return found;
}

}  // namespace

Address return_address(const HookCall& hook) {
  return *reinterpret_cast<const Address*>(hook.stack_address - sizeof(Address));
}

std::optional<Address> read_word(Address address) {
  Address word = 0;
  if (!may_be_frame(address) || read_memory(address, &word, sizeof word) != sizeof word) return std::nullopt;
  return word;
}

bool can_read_frames() {
  const Address own = 1;
  return read_word(reinterpret_cast<Address>(&own)) == own;
}

// The kernel adds 0 to it, atomically, or says that it cannot (futex(2), FUTEX_WAKE_OP).
bool is_writable(Address address) {
  std::uint32_t nobody_waits = 0;
  constexpr long kAddNothing = FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0);
  return sys::call(SYS_futex, sys::as_long(&nobody_waits), FUTEX_WAKE_OP_PRIVATE, 0, 0,
                   static_cast<long>(address), kAddNothing) >= 0;
}

Address find_frame_of_part(const HookCall& hook, const CoroutineCode& code) {
  const Address frame = frame_by_prologue(hook, code);
  if (frame != 0) return frame;
  return find_word(hook, [&](Address word) { return is_frame_of(word, code); });
}

Address find_frame_with(const HookCall& hook, Address resume) {
  return find_word(hook, [=](Address word) { return read_word(word) == resume; });
}

// clang keeps a constant that begins as a frame does and goes on with a third function. It is not writable.
Address find_new_frame(const HookCall& hook, const CoroutineCode& code) {
  const auto is_new = [&](Address word) {
    const std::optional<FrameHead> head = read_head(word);
    return head && head->resume == code.resume && head->destroy == code.destroy && is_writable(word);
  };
  const Address frame = find_word(hook, is_new);
  return frame != 0 ? frame : find_pointed_to(hook, is_new);
}

}  // namespace llmo::span
