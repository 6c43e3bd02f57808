// What is read from the bytes of functions: hooks that are called, addresses that are taken, parts and
// wholes.
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "exporters/functions/body_scan.h"
#include "exporters/functions/function_list.h"
#include "exporters/functions/hook_references.h"

namespace llmo::functions {
namespace {

using namespace std::string_literals;

constexpr std::uint64_t kFunction = 0x401000;
constexpr std::uint64_t kOther = 0x402000;
constexpr std::uint64_t kStub = 0x400800;
constexpr std::uint64_t kSlot = 0x404000;
constexpr std::uint64_t kPointerToFunction = 0x404010;

HookReferences hooks() {
  HookReferences hooks;
  hooks.imports_enter = true;
  hooks.targets = {kStub};
  hooks.slots = {kSlot};
  hooks.pointers = {{kPointerToFunction, kFunction}};
  return hooks;
}

// Machine code that lies at kFunction, written down piece by piece.
class Code {
 public:
  Code& bytes(const std::string& bytes) {
    code_ += bytes;
    return *this;
  }
  // Four bytes that lead from behind them to `target`.
  Code& to(std::uint64_t target) {
    const auto distance = static_cast<std::uint32_t>(target - (kFunction + code_.size() + 4));
    return number(distance);
  }
  template <typename Number>
  Code& number(Number number) {
    code_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Code& call_hook() { return bytes("\xe8").to(kStub); }
  Body scan(bool fixed_address = false) const {
    const HookReferences references = hooks();
    const BodyScanner scanner(references, {kOther}, fixed_address);
    return scanner.scan(kFunction, {reinterpret_cast<const std::byte*>(code_.data()), code_.size()});
  }

 private:
  std::string code_ = "\x55";  // push %rbp
};

const std::string kLeaRdi = "\x48\x8d\x3d";
const std::string kLeaR12 = "\x4c\x8d\x25";
const std::string kMovRdi = "\x48\x8b\x3d";

TEST_CASE("a function reports if it leads to the hook and takes its own address, however it does both",
          "[functions]") {
  CHECK(Code().bytes(kLeaRdi).to(kFunction).call_hook().scan().reports());
  CHECK(Code().bytes(kLeaR12).to(kFunction).call_hook().scan().reports());
  CHECK(Code().bytes(kLeaRdi).to(kFunction).bytes("\xe9").to(kStub).scan().reports());
  CHECK(Code().bytes(kLeaRdi).to(kFunction).bytes("\xff\x15").to(kSlot).scan().reports());
  CHECK(Code().bytes(kLeaRdi).to(kFunction).bytes("\xff\x25").to(kSlot).scan().reports());
  CHECK(Code().bytes(kLeaRdi).to(kFunction).bytes("\x67\xe8").to(kStub).scan().reports());
  CHECK(Code().bytes(kMovRdi).to(kPointerToFunction).call_hook().scan().reports());
  // mov hook's slot, %rbx; call *%rbx
  CHECK(
      Code().bytes(kLeaRdi).to(kFunction).bytes("\x48\x8b\x1d").to(kSlot).bytes("\xff\xd3").scan().reports());
}

TEST_CASE("plain numbers are addresses only in a program at a fixed address", "[functions]") {
  const auto short_number = Code().bytes("\xbf").number(static_cast<std::uint32_t>(kFunction)).call_hook();
  const auto high_register =
      Code().bytes("\x41\xbc").number(static_cast<std::uint32_t>(kFunction)).call_hook();
  const auto wide = Code().bytes("\x48\xbf").number(kFunction).call_hook();
  const auto extended =
      Code().bytes("\x48\xc7\xc7").number(static_cast<std::uint32_t>(kFunction)).call_hook();
  for (const Code& code : {short_number, high_register, wide, extended}) {
    CHECK(code.scan(true).reports());
    CHECK_FALSE(code.scan(false).reports());
  }
}

TEST_CASE("a function that calls the hook for another one only does not report itself", "[functions]") {
  const Body body = Code().bytes(kLeaRdi).to(kOther).call_hook().scan();
  CHECK_FALSE(body.reports());
  CHECK(body.reports(kOther));
  CHECK_FALSE(body.reports(kFunction));
}

TEST_CASE("an address that is taken without a call of the hook reports nothing", "[functions]") {
  const Body body =
      Code().bytes(kLeaRdi).to(kFunction).bytes(kLeaRdi).to(kOther).bytes("\xe8").to(kStub + 1).scan();
  CHECK_FALSE(body.reports());
  CHECK_FALSE(body.reports(kOther));
}

TEST_CASE("code that ends in the middle of an instruction is read no further", "[functions]") {
  const std::string code = "\x48\x8d\x3d\xf9\xff\xff\xff\xe8\x00\x00\x00\x00"s;
  const HookReferences references = hooks();
  const BodyScanner scanner(references, {}, true);
  for (std::size_t size = 0; size <= code.size(); ++size) {
    const std::string cut = code.substr(0, size);  // a copy: a sanitizer sees a byte too far
    CHECK_FALSE(scanner.scan(kFunction, {reinterpret_cast<const std::byte*>(cut.data()), size}).reports());
  }
}

TEST_CASE("the symbol of a function is told from those of its parts", "[functions]") {
  CHECK(whole_symbol("_Z10plan_agenti.constprop.0") == "_Z10plan_agenti");
  CHECK(whole_symbol("_Z10plan_agenti.part.0.cold") == "_Z10plan_agenti");
  CHECK(whole_symbol("_Z10plan_agenti") == "_Z10plan_agenti");
  CHECK(whole_symbol("plan_agent.isra.0") == "plan_agent");
  CHECK(whole_symbol("main.run_agent") == "main.run_agent");  // Go: no suffix of a compiler
  CHECK(whole_symbol("").empty());
}

}  // namespace
}  // namespace llmo::functions
