// What is read of a thrown object, from the runtime's header.
#include <unwind.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>

#include "shim/span/cpp_runtime.h"
#include "shim/span/exception_object.h"

namespace llmo::span {
namespace {

// As std::current_exception() gives it: a pointer to the object, which lies behind what the unwinder has.
const _Unwind_Exception* header_of(const std::exception_ptr& pointer) {
  const void* object = nullptr;
  std::memcpy(&object, static_cast<const void*>(&pointer), sizeof object);
  return static_cast<const _Unwind_Exception*>(object) - 1;
}

template <typename Thrown>
std::exception_ptr thrown(const Thrown& object) {
  try {
    throw object;
  } catch (...) {
    return std::current_exception();
  }
}

std::string told(const std::exception_ptr& pointer) {
  const ThrownObject object = thrown_object(header_of(pointer));
  if (!object.known()) return "unknown";
  const char* const message = message_of(object);
  return std::string(type_name(object)) + ": " + (message != nullptr ? message : "-");
}

struct Base {
  virtual ~Base() = default;
};
struct Both : Base, std::runtime_error {
  Both() : std::runtime_error("second base") {}
};
struct Virtual : Base, virtual std::logic_error {
  Virtual() : std::logic_error("virtual base") {}
};
struct Deep : Virtual {
  Deep() : std::logic_error("deep") {}
};
struct Private : private std::exception {};

TEST_CASE("a thrown object's type and message are read", "[exceptions]") {
  CHECK(told(thrown(std::runtime_error("plain"))) == "St13runtime_error: plain");
  CHECK(told(thrown(7)) == "i: -");
  CHECK(told(thrown(std::string("text"))).ends_with(": -"));
  CHECK(told(thrown(static_cast<const std::exception*>(nullptr))) == "PKSt9exception: -");
}

TEST_CASE("the std::exception in an object is found wherever it stands", "[exceptions]") {
  CHECK(told(thrown(Both())).ends_with(": second base"));
  CHECK(told(thrown(Virtual())).ends_with(": virtual base"));
  CHECK(told(thrown(Deep())).ends_with(": deep"));
  CHECK(told(thrown(Private())).ends_with(": -"));
}

TEST_CASE("a name that one object file alone knows has no star", "[exceptions]") {
  CHECK(told(thrown(Both()))[0] != '*');
  CHECK(told(thrown(Both())).starts_with(typeid(Both).name()));
}

TEST_CASE("exceptions of other languages are left alone", "[exceptions]") {
  alignas(16) std::array<unsigned char, 256> memory{};
  auto* const foreign = reinterpret_cast<_Unwind_Exception*>(memory.data() + 128);
  for (const std::uint64_t kind : {std::uint64_t{0}, 0x4d4f5a0052555354UL, 0x474e5543432b2a00UL}) {
    foreign->exception_class = kind;
    CHECK_FALSE(thrown_object(foreign).known());
    CHECK_FALSE(is_thrown_again(foreign));
  }
}

TEST_CASE("an exception that has a handler already is told from one that is new", "[exceptions]") {
  alignas(16) std::array<unsigned char, 256> memory{};
  auto* const exception = reinterpret_cast<_Unwind_Exception*>(memory.data() + 128);
  exception->exception_class = 0x474e5543432b2b00;
  CHECK_FALSE(is_thrown_again(exception));
  const int handlers = -1;  // as `throw;` leaves it
  std::memcpy(memory.data() + 128 - 40, &handlers, sizeof handlers);
  CHECK(is_thrown_again(exception));
}

struct Counting {
  explicit Counting(std::uint32_t& place) : place_(place) {}
  ~Counting() { place_ = uncaught_count().value_or(99); }
  std::uint32_t& place_;
};

TEST_CASE("the runtime's count of exceptions on their way is read", "[exceptions]") {
  CHECK(uncaught_count() == 0U);
  std::uint32_t while_unwinding = 0;
  try {
    const Counting counting(while_unwinding);
    throw 1;
  } catch (int) {
    CHECK(uncaught_count() == 0U);
  }
  CHECK(while_unwinding == 1);
}

TEST_CASE("a call stack without std::terminate() is not taken for one with it", "[exceptions]") {
  const std::array<std::uintptr_t, 2> calls = {reinterpret_cast<std::uintptr_t>(&std::string::npos), 16};
  CHECK_FALSE(is_in_terminate(calls));
  const std::array<std::uintptr_t, 1> in_terminate = {
      reinterpret_cast<std::uintptr_t>(static_cast<void (*)()>(&std::terminate)) + 4};
  CHECK(is_in_terminate(in_terminate));
}

}  // namespace
}  // namespace llmo::span
