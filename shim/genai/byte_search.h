// Finding the next byte that matters in a long text, sixteen bytes at a time.
//
// SSE2 is part of x86-64, so there is nothing to choose at run time; and unlike memchr() these cannot be
// interposed by the host, and look for two kinds of bytes in one pass.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace llmo::genai {

// The first place in [at, end) that holds one of two bytes; `end` where none does.
inline const char* find_either(const char* at, const char* end, char first, char second) {
  const __m128i firsts = _mm_set1_epi8(first);
  const __m128i seconds = _mm_set1_epi8(second);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, firsts), _mm_cmpeq_epi8(bytes, seconds));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
  }
  while (at < end && *at != first && *at != second) ++at;
  return at;
}

// A bit for each of 64 bytes that is that one. For texts that may be long and hold few of it.
inline std::uint64_t mask_of(const char* at, char wanted) {
  const __m128i byte = _mm_set1_epi8(wanted);
  const auto hits = [&](std::ptrdiff_t offset) {
    return _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + offset)), byte);
  };
  const __m128i parts[] = {hits(0), hits(16), hits(32), hits(48)};
  const __m128i any = _mm_or_si128(_mm_or_si128(parts[0], parts[1]), _mm_or_si128(parts[2], parts[3]));
  if (_mm_movemask_epi8(any) == 0) return 0;
  std::uint64_t mask = 0;
  for (int part = 3; part >= 0; --part)
    mask = mask << 16 | static_cast<std::uint64_t>(_mm_movemask_epi8(parts[part]));
  return mask;
}

// A bit for each of the first `size` bytes, sixteen at most, that is a quote, a backslash, a brace or a
// bracket.
inline std::uint32_t syntax_mask(const char* at, std::size_t size) {
  char padded[16] = {};
  if (size < sizeof padded) {
    for (std::size_t byte = 0; byte < size; ++byte) padded[byte] = at[byte];
    at = padded;
  }
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  // One bit is all that tells a brace from a bracket.
  const __m128i braces = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
  const __m128i text =
      _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
  const __m128i nesting =
      _mm_or_si128(_mm_cmpeq_epi8(braces, _mm_set1_epi8('{')), _mm_cmpeq_epi8(braces, _mm_set1_epi8('}')));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(text, nesting)));
}

}  // namespace llmo::genai
