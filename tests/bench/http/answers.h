// What server and client of the HTTP benchmark have to agree on.
#pragma once

#include <cstddef>
#include <string_view>

namespace llmo::bench {

// The answers that the server has ready, by number.
enum Answer : std::size_t { kOneKilobyte, kHundredKilobytes, kTenMegabytes, kStream, kAnswers };

// In the request's query: which answer is wanted.
inline constexpr std::string_view kAnswerMark = "answer=";

inline constexpr std::size_t kStreamedChunks = 1'000;

}  // namespace llmo::bench
