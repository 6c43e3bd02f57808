// The two functions of libm that libstdc++ wants, for numbers that nobody reads here: its std::from_chars()
// for long double lies in one piece with that for double. With them here the library does not need libm,
// which every process that is started with the library would have to load.
#include <xmmintrin.h>

#include <cfenv>

namespace {

// The x87 keeps the mode in bits 10 and 11 of its control word, which are the values of <cfenv>; SSE three
// bits further up.
constexpr unsigned kModes = 0xc00;
constexpr unsigned kSseShift = 3;
static_assert(FE_TOWARDZERO == kModes && _MM_ROUND_TOWARD_ZERO == kModes << kSseShift);

unsigned short x87_control() {
  unsigned short control = 0;
  asm volatile("fnstcw %0" : "=m"(control));
  return control;
}

}  // namespace

extern "C" int fegetround() noexcept { return static_cast<int>(x87_control() & kModes); }

extern "C" int fesetround(int mode) noexcept {
  const auto wanted = static_cast<unsigned>(mode);
  if ((wanted & ~kModes) != 0) return 1;
  const auto control = static_cast<unsigned short>((x87_control() & ~kModes) | wanted);
  asm volatile("fldcw %0" : : "m"(control));
  _MM_SET_ROUNDING_MODE(wanted << kSseShift);
  return 0;
}
