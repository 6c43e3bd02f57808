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
