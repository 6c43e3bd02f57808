#include "exporters/functions/body_scan.h"

#include <algorithm>
#include <utility>

namespace llmo::functions {

using symbolizer::ByteReader;
using symbolizer::Bytes;

// An offset in a function's code.
struct BodyScanner::Place {
  std::uint64_t function;
  Bytes bytes;
  std::uint64_t at;

  std::uint8_t byte(std::uint64_t offset) const {
    return at + offset < bytes.size() ? static_cast<std::uint8_t>(bytes[at + offset]) : std::uint8_t{0};
  }
  std::uint8_t byte_before() const {
    return at == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[at - 1]);
  }

  // The address that four bytes at `offset`, the end of an instruction, stand for.
  std::uint64_t relative(std::uint64_t offset) const {
    const auto distance = static_cast<std::int32_t>(ByteReader(bytes, at + offset).u32());
    return function + at + offset + 4 + static_cast<std::uint64_t>(std::int64_t{distance});
  }
  std::uint64_t signed_number(std::uint64_t offset) const {
    const auto number = static_cast<std::int32_t>(ByteReader(bytes, at + offset).u32());
    return static_cast<std::uint64_t>(std::int64_t{number});
  }
};

namespace {

bool is_wide_prefix(std::uint8_t byte) { return (byte & 0xf8) == 0x48; }  // REX.W

// ModR/M: a register, and an address relative to the next instruction.
bool is_rip_relative(std::uint8_t modrm) { return (modrm & 0xc7) == 0x05; }

}  // namespace

bool Body::reports(std::uint64_t function) const {
  return calls_enter && std::binary_search(taken.begin(), taken.end(), function);
}

BodyScanner::BodyScanner(const HookReferences& hooks, std::vector<std::uint64_t> functions,
                         bool fixed_address)
    : hooks_(hooks), functions_(std::move(functions)), fixed_address_(fixed_address) {}

void BodyScanner::note_call(std::uint64_t target, Body& body) const {
  if (!body.calls_enter && hooks_.is_target(target)) body.calls_enter = true;
}

void BodyScanner::note_address(std::uint64_t address, const Place& place, Body& body) const {
  if (address == place.function) body.takes_own_address = true;
  if (std::binary_search(functions_.begin(), functions_.end(), address)) body.taken.push_back(address);
}

// The hook's own address is kept in a register where it is called several times (-fno-plt).
void BodyScanner::note_load(std::uint64_t slot, const Place& place, Body& body) const {
  if (hooks_.is_slot(slot)) body.calls_enter = true;
  if (const auto pointer = hooks_.pointer_at(slot)) note_address(*pointer, place, body);
}

void BodyScanner::read_relative(const Place& place, Body& body) const {
  const std::uint8_t opcode = place.byte(0);
  const std::uint8_t next = place.byte(1);
  if (opcode == 0xe8 || opcode == 0xe9) {
    note_call(place.relative(1), body);
  } else if (opcode == 0xff && (next == 0x15 || next == 0x25)) {
    if (hooks_.is_slot(place.relative(2))) body.calls_enter = true;
  } else if (is_rip_relative(next) && is_wide_prefix(place.byte_before())) {
    if (opcode == 0x8d) note_address(place.relative(2), place, body);
    if (opcode == 0x8b) note_load(place.relative(2), place, body);
  }
}

void BodyScanner::read_number(const Place& place, Body& body) const {
  const std::uint8_t opcode = place.byte(0);
  if (opcode >= 0xb8 && opcode <= 0xbf) {
    const bool wide = is_wide_prefix(place.byte_before());
    ByteReader number(place.bytes, place.at + 1);
    note_address(wide ? number.u64() : number.u32(), place, body);
  } else if (opcode == 0xc7 && (place.byte(1) & 0xf8) == 0xc0 && is_wide_prefix(place.byte_before())) {
    note_address(place.signed_number(2), place, body);
  }
}

Body BodyScanner::scan(std::uint64_t address, Bytes bytes) const {
  Body body;
  if (bytes.size() < 5) return body;
  for (std::uint64_t at = 0; at + 5 <= bytes.size(); ++at) {
    const auto opcode = static_cast<std::uint8_t>(bytes[at]);
    const bool relative =
        opcode == 0xe8 || opcode == 0xe9 || opcode == 0xff || opcode == 0x8d || opcode == 0x8b;
    if (relative) read_relative({address, bytes, at}, body);
    if (fixed_address_ && ((opcode >= 0xb8 && opcode <= 0xbf) || opcode == 0xc7)) {
      read_number({address, bytes, at}, body);
    }
  }
  std::sort(body.taken.begin(), body.taken.end());
  body.taken.erase(std::unique(body.taken.begin(), body.taken.end()), body.taken.end());
  return body;
}

}  // namespace llmo::functions
