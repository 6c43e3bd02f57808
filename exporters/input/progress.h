// A line on standard error that says how far a long reading has come: written over and over, wiped at the
// end. Silent for the first second.
#pragma once

#include <chrono>
#include <cstdint>

namespace llmo::input {

class Progress {
 public:
  explicit Progress(bool wanted) : wanted_(wanted) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // One more span has been read.
  void count_span() {
    constexpr std::uint64_t kSpansBetween = 4096;  // the clock is asked this seldom
    if (wanted_ && ++spans_ % kSpansBetween == 0) show();
  }

 private:
  void show();

  bool wanted_;
  bool shown_ = false;
  std::uint64_t spans_ = 0;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

}  // namespace llmo::input
