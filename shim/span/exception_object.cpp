#include "shim/span/exception_object.h"

#include <cstddef>
#include <cstring>

namespace llmo::span {

namespace {

// Eight bytes that name vendor and language; the last is 1 for a header without object.
constexpr std::uint64_t class_of(const char (&name)[9]) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(name[i]);
  return value;
}
constexpr std::uint64_t kGnu = class_of("GNUCC++\0");
constexpr std::uint64_t kLlvm = class_of("CLNGC++\0");
constexpr std::uint64_t kDependent = 1;

constexpr std::ptrdiff_t kTypeBeforeUnwind = -80;
constexpr std::ptrdiff_t kLlvmPrimaryBeforeUnwind = -88;
constexpr std::ptrdiff_t kHandlersBeforeUnwind = -40;
static_assert(sizeof(_Unwind_Exception) == 32);

template <typename T>
T read_at(const void* base, std::ptrdiff_t offset) {
  T value;
  std::memcpy(&value, static_cast<const std::byte*>(base) + offset, sizeof value);
  return value;
}

bool is_cpp(const _Unwind_Exception* exception) {
  const std::uint64_t vendor = exception->exception_class & ~std::uint64_t{0xff};
  return vendor == kGnu || vendor == kLlvm;
}

// --- types -------------------------------------------------------------------------------------------------
//
// Itanium C++ ABI 2.9.5: a type_info is a virtual table pointer and a name; a class with bases has more
// behind them. Which of the three it is says its own dynamic type: the runtime may be there several times, so
// types are told by their names.

struct TypeInfo {
  const void* const* table;  // of virtual functions: table[-1] is the type_info of the object's class
  const char* mangled;
};

struct SingleBaseType : TypeInfo {
  const TypeInfo* base;
};

struct Base {
  const TypeInfo* type;
  std::int64_t offset_and_flags;

  bool is_virtual() const { return (offset_and_flags & 1) != 0; }
  bool is_public() const { return (offset_and_flags & 2) != 0; }
  std::int64_t offset() const { return offset_and_flags >> 8; }
};

struct ManyBasesType : TypeInfo {
  std::uint32_t flags;
  std::uint32_t count;
  Base bases[1];
};

// A name that only one object file knows begins with a star.
const char* name_of(const TypeInfo* type) {
  return *type->mangled == '*' ? type->mangled + 1 : type->mangled;
}

bool is_named(const TypeInfo* type, const char* name) { return std::strcmp(name_of(type), name) == 0; }

const TypeInfo* class_of_type(const TypeInfo* type) { return static_cast<const TypeInfo*>(type->table[-1]); }

// A virtual base stands where the object's own table says (2.5.2).
const void* base_object(const void* object, const Base& base) {
  std::int64_t offset = base.offset();
  if (base.is_virtual()) offset = read_at<std::int64_t>(read_at<const void*>(object, 0), offset);
  return static_cast<const std::byte*>(object) + offset;
}

constexpr int kMaxDepth = 64;

// The std::exception that `object`, of class `type`, is or has as public base; nullptr where it has none.
const void* find_std_exception(const void* object, const TypeInfo* type, int depth = 0) {
  if (object == nullptr || depth == kMaxDepth) return nullptr;
  if (is_named(type, "St9exception")) return object;
  const TypeInfo* const kind = class_of_type(type);
  if (is_named(kind, "N10__cxxabiv120__si_class_type_infoE")) {
    return find_std_exception(object, static_cast<const SingleBaseType*>(type)->base, depth + 1);
  }
  if (!is_named(kind, "N10__cxxabiv121__vmi_class_type_infoE")) return nullptr;
  const auto* const many = static_cast<const ManyBasesType*>(type);
  for (std::uint32_t i = 0; i < many->count; ++i) {
    const Base& base = many->bases[i];
    if (!base.is_public()) continue;
    const void* const found = find_std_exception(base_object(object, base), base.type, depth + 1);
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

ThrownObject thrown_object(const _Unwind_Exception* exception) {
  if (!is_cpp(exception)) return {};
  const void* object = exception + 1;
  const std::uint64_t kind = exception->exception_class;
  if (kind == (kGnu | kDependent)) object = read_at<const void*>(exception, kTypeBeforeUnwind);
  if (kind == (kLlvm | kDependent)) object = read_at<const void*>(exception, kLlvmPrimaryBeforeUnwind);
  const auto* const primary = static_cast<const _Unwind_Exception*>(object) - 1;
  return {object, read_at<const void*>(primary, kTypeBeforeUnwind)};
}

const char* type_name(const ThrownObject& thrown) {
  return name_of(static_cast<const TypeInfo*>(thrown.type));
}

const char* message_of(const ThrownObject& thrown) {
  const void* const found = find_std_exception(thrown.object, static_cast<const TypeInfo*>(thrown.type));
  if (found == nullptr) return nullptr;
  // Two destructors come before it (2.5.1). By hand, as the object may be of another runtime than ours.
  using What = const char*(const void*);
  auto* const table = read_at<void* const*>(found, 0);
  return reinterpret_cast<What*>(table[2])(found);
}

bool is_thrown_again(const _Unwind_Exception* exception) {
  return is_cpp(exception) && read_at<int>(exception, kHandlersBeforeUnwind) != 0;
}

}  // namespace llmo::span
