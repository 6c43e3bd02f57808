// What was thrown, read from the runtime's own header before it.
//
// The layout is that of the Itanium C++ ABI (Exception Handling, 2.2.1) as libstdc++ and LLVM's libc++abi
// have it, which cannot change: programs are compiled against it. `unwind` is what both give to the unwinder.
//
//      -112                -80               -40            -32          0
//   …  type_info* of this  …                 handlerCount   unwind       the object that was thrown
//                          ▲
//   std::rethrow_exception() throws a header without object, which points to the object of the first:
//   libstdc++ keeps the pointer in the type's place, libc++abi before it.
#pragma once

#include <unwind.h>

#include <cstdint>

namespace llmo::span {

// An object and its type, of C++; all nullptr where something else was thrown (another language's exception).
struct ThrownObject {
  const void* object = nullptr;
  const void* type = nullptr;  // std::type_info of whichever runtime

  bool known() const { return type != nullptr; }
};

ThrownObject thrown_object(const _Unwind_Exception* exception);

// The type's mangled name, as type_info::name() gives it.
const char* type_name(const ThrownObject& thrown);

// What the object's what() says; nullptr where it is no std::exception, or one that cannot be reached without
// doubt. Runs code of the host, which must not be followed meanwhile.
const char* message_of(const ThrownObject& thrown);

// True where the exception has a handler already that throws it again.
bool is_thrown_again(const _Unwind_Exception* exception);

}  // namespace llmo::span
