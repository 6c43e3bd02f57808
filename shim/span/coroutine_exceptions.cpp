#include "shim/span/coroutine_exceptions.h"

#include <cstdint>
#include <memory>
#include <new>

#include "shim/platform/errno_saver.h"
#include "shim/span/exceptions.h"

namespace llmo::span {

namespace {

// --- the handler's type ------------------------------------------------------------------------------------
//
// It stands in the function's language specific data (Itanium C++ ABI, Exception Handling tables; DWARF for
// Linux: LSB Core, 10.5.1 for the encodings).

constexpr int kSelector = 1;  // __builtin_eh_return_data_regno(1) is rdx, whose DWARF number is 1
constexpr std::uint8_t kOmitted = 0xff;

std::uint64_t read_uleb128(const std::uint8_t*& from) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = *from++;
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

// Bytes of a value of that encoding; 0 for one that no compiler uses in a table of types.
std::size_t encoded_size(std::uint8_t encoding) {
  switch (encoding & 0x07) {
    case 0:
    case 4:
      return 8;
    case 2:
      return 2;
    case 3:
      return 4;
    default:
      return 0;
  }
}

// Types are counted backwards from the end of the table; the handler for everything has none.
bool catches_everything(_Unwind_Context* context) {
  const auto filter = static_cast<std::int64_t>(_Unwind_GetGR(context, kSelector));
  const auto* data = static_cast<const std::uint8_t*>(_Unwind_GetLanguageSpecificData(context));
  if (data == nullptr || filter <= 0) return false;
  // No compiler writes a start of landing pads of its own.
  if (*data++ != kOmitted || *data == kOmitted) return false;
  const std::size_t size = encoded_size(*data++);
  if (size == 0) return false;
  const std::uint64_t offset = read_uleb128(data);
  const std::uint8_t* const entry = data + offset - static_cast<std::uint64_t>(filter) * size;
  for (std::size_t index = 0; index < size; ++index) {
    if (entry[index] != 0) return false;
  }
  return true;
}

// --- whose handler -----------------------------------------------------------------------------------------

// The slice whose coroutine's body runs in the function that handles. gcc may have split it, but its stack is
// where the slice began.
Slice* slice_of_handler(_Unwind_Context* context) {
  const Address function = _Unwind_GetRegionStart(context);
  const Address stack_address = _Unwind_GetCFA(context);
  return find_slice([&](const Slice& slice) {
    if (slice.coroutine == nullptr || slice.kind == SliceKind::kRamp) return false;
    if (slice.code->by_gcc) return slice.stack_address == stack_address;
    return slice.code->resume == function && slice.stack_address > stack_address;
  });
}

}  // namespace

journal::SpanDraft* exception_facts(ThreadState& thread) {
  std::unique_ptr<journal::SpanDraft> facts(new (std::nothrow) journal::SpanDraft);
  if (facts == nullptr || !add_exception_on_its_way(thread, *facts)) return nullptr;
  return facts.release();
}

void note_coroutine_handler(_Unwind_Context* context) {
  ThreadState& thread = thread_state;
  if (thread.busy || !catches_everything(context)) return;
  const platform::ErrnoSaver keep;
  Slice* const slice = slice_of_handler(context);
  if (slice == nullptr) return;
  const SlowSection section(thread);
  note_caught(*slice->coroutine, exception_facts(thread));
}

}  // namespace llmo::span
