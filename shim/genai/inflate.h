// gzip and deflate, undone as they pass by: for bodies that libcurl was not asked to decode and hands to the
// application as they came.
//
// What the server sends as `deflate` is zlib's format by the standard and bare deflate by old habit; the
// first two bytes tell. gzip may be several members, one after the other. Source: RFC 9110, 8.4.1; RFC
// 1950, 2.2; RFC 1952, 2.2.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace llmo::genai {

enum class Coding : std::uint8_t { kNone, kGzip, kDeflate, kUnknown };

// What a Content-Encoding header says; kUnknown for what is not read: br, zstd, several codings at once.
Coding coding_of(std::string_view content_encoding);

class InflatedSink {
 public:
  virtual void on_inflated(std::string_view bytes) = 0;

 protected:
  ~InflatedSink() = default;
};

// Big (zlib's window is 32 KiB), so it is made only for a body that needs it. What cannot be decoded ends the
// reading. Threads: one at a time.
class Inflate {
 public:
  // nullptr where there is no memory.
  static std::unique_ptr<Inflate> make(Coding coding);
  ~Inflate();
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  // Any cut of the bytes gives the same result.
  void feed(std::string_view bytes, InflatedSink* sink);

 private:
  enum class State : std::uint8_t { kFirstByte, kSecondByte, kBody, kBetweenMembers, kOver };
  // A few bytes can stand for gigabytes. The application has asked for them; how much of its time goes into
  // reading them once more has a bound: far above any answer, and a fraction of a second.
  static constexpr std::uint64_t kMaxInflated = std::uint64_t{256} << 20;

  explicit Inflate(Coding coding);
  void start(int window_bits);
  std::size_t run(std::string_view bytes, InflatedSink* sink);
  void hand_on(std::size_t size, InflatedSink* sink);

  z_stream zlib_ = {};
  State state_ = State::kOver;
  bool started_ = false;
  bool gzip_ = false;
  unsigned char first_ = 0;
  std::uint64_t inflated_ = 0;
  char out_[4096];
};

}  // namespace llmo::genai
