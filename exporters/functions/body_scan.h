// What a function's code does with the hooks, read from its bytes.
//
// A compiler that instruments a function calls the enter hook with the function's own address. So a function
// reports if its code leads to the hook and takes its own address; and a function that was inlined into
// another reports from there if that code takes its address. To see only a call is not enough: a function
// that is marked no_instrument_function calls the hook for what was inlined into it.
//
// Bytes are searched for the few instructions that do it, at every offset, without telling instructions
// apart: what else looks the same leads to none of the few addresses that count.
//
//   call, jmp rel32                     e8, e9
//   call, jmp *slot(%rip)               ff 15, ff 25
//   lea address(%rip), register         rex.w 8d /r
//   mov slot(%rip), register            rex.w 8b /r
//   mov $address, register              b8+r, rex.w b8+r, rex.w c7 /0     (programs at a fixed address)
#pragma once

#include <cstdint>
#include <vector>

#include "exporters/functions/hook_references.h"
#include "symbolizer/byte_reader.h"

namespace llmo::functions {

struct Body {
  bool calls_enter = false;
  bool takes_own_address = false;
  std::vector<std::uint64_t> taken;  // of the functions asked about, those whose address it takes. Sorted

  bool reports() const { return calls_enter && takes_own_address; }
  bool reports(std::uint64_t function) const;
};

class BodyScanner {
 public:
  // `functions`: the addresses to look for, sorted. `fixed_address`: code may have addresses as plain
  // numbers (ET_EXEC). `hooks` must outlive the scanner.
  BodyScanner(const HookReferences& hooks, std::vector<std::uint64_t> functions, bool fixed_address);

  // Of the function at `address` with the code `bytes`.
  Body scan(std::uint64_t address, symbolizer::Bytes bytes) const;

 private:
  struct Place;

  void read_relative(const Place& place, Body& body) const;
  void read_number(const Place& place, Body& body) const;
  void note_call(std::uint64_t target, Body& body) const;
  void note_load(std::uint64_t slot, const Place& place, Body& body) const;
  void note_address(std::uint64_t address, const Place& place, Body& body) const;

  const HookReferences& hooks_;
  std::vector<std::uint64_t> functions_;
  bool fixed_address_;
};

}  // namespace llmo::functions
