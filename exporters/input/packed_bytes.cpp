#include "exporters/input/packed_bytes.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "exporters/input/byte_window.h"

namespace llmo::input {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";           // RFC 1952, 2.3.1
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";   // RFC 8878, 3.1.1
constexpr std::string_view kSkippableMagic = "\x2a\x4d\x18";  // the same, 3.1.2, behind a byte 0x50 to 0x5f

class PlainBytes : public ByteSource {
 public:
  explicit PlainBytes(ByteWindow window) : window_(std::move(window)) {}
  std::size_t read(std::span<char> to) override { return window_.read(to); }
  std::string problem() const override { return window_.problem(); }

 private:
  ByteWindow window_;
};

// What both kinds have in common. `unpack` takes from the window what it can and returns how many bytes it
// gave.
class PackedBytes : public ByteSource {
 public:
  PackedBytes(ByteWindow window, std::string_view kind) : window_(std::move(window)), kind_(kind) {}

  std::size_t read(std::span<char> to) override {
    while (!damaged_) {
      if (window_.view().empty() && !window_.fill() && !holds_back_) return 0;
      if (const std::size_t size = unpack(to); size != 0) return size;
      if (window_.view().empty()) holds_back_ = false;
    }
    return 0;
  }

  std::string problem() const override {
    if (std::string problem = window_.problem(); !problem.empty()) return problem;
    if (damaged_) return fmt::format("its {} data is damaged; what stood before was read", kind_);
    return inside_ ? fmt::format("its {} data ends in the middle; what stood before was read", kind_) : "";
  }

 protected:
  virtual std::size_t unpack(std::span<char> to) = 0;

  ByteWindow window_;
  std::string_view kind_;
  bool inside_ = false;      // a member
  bool holds_back_ = false;  // it may have more than there was room for
  bool damaged_ = false;
};

class GzipBytes : public PackedBytes {
 public:
  explicit GzipBytes(ByteWindow window) : PackedBytes(std::move(window), "gzip") {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    damaged_ = ::inflateInit2(&stream_, kGzipOnly) != Z_OK;
  }
  ~GzipBytes() override { ::inflateEnd(&stream_); }

 private:
  std::size_t unpack(std::span<char> to) override {
    if (!inside_ && !begin_member()) return 0;
    stream_.next_in = reinterpret_cast<Bytef*>(window_.data());
    stream_.avail_in = limited(window_.view().size());
    stream_.next_out = reinterpret_cast<Bytef*>(to.data());
    stream_.avail_out = limited(to.size());
    const uInt offered = stream_.avail_in;
    const uInt room = stream_.avail_out;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    window_.consume(offered - stream_.avail_in);
    inside_ = result != Z_STREAM_END;
    damaged_ = inside_ && result != Z_OK && result != Z_BUF_ERROR;
    holds_back_ = inside_ && stream_.avail_out == 0;
    return room - stream_.avail_out;
  }

  // Zeros behind the last member are padding, as tapes had it; gzip(1) leaves them out, too.
  bool begin_member() {
    while (window_.view().starts_with('\0')) window_.consume(1);
    if (window_.view().empty()) return false;
    damaged_ = ::inflateReset(&stream_) != Z_OK;
    return !damaged_;
  }

  static uInt limited(std::size_t size) { return static_cast<uInt>(std::min<std::size_t>(size, 1U << 30)); }

  z_stream stream_{};
};

class ZstdBytes : public PackedBytes {
 public:
  explicit ZstdBytes(ByteWindow window)
      : PackedBytes(std::move(window), "zstd"), stream_(::ZSTD_createDStream()) {
    damaged_ = stream_ == nullptr;
  }
  ~ZstdBytes() override { ::ZSTD_freeDStream(stream_); }

 private:
  std::size_t unpack(std::span<char> to) override {
    ZSTD_inBuffer in{window_.data(), window_.view().size(), 0};
    ZSTD_outBuffer out{to.data(), to.size(), 0};
    const std::size_t result = ::ZSTD_decompressStream(stream_, &out, &in);
    window_.consume(in.pos);
    damaged_ = ::ZSTD_isError(result) != 0;
    inside_ = result != 0;
    holds_back_ = inside_ && out.pos == out.size;
    return out.pos;
  }

  ZSTD_DStream* stream_;
};

bool is_zstd(std::string_view start) {
  if (start.starts_with(kZstdMagic)) return true;
  return start.size() >= 4 && (start[0] & 0xf0) == 0x50 && start.substr(1).starts_with(kSkippableMagic);
}

}  // namespace

std::unique_ptr<ByteSource> unpacked(std::unique_ptr<ByteSource> source) {
  ByteWindow window(std::move(source));
  window.want(kZstdMagic.size());
  const std::string_view start = window.view();
  if (start.starts_with(kGzipMagic)) return std::make_unique<GzipBytes>(std::move(window));
  if (is_zstd(start)) return std::make_unique<ZstdBytes>(std::move(window));
  return std::make_unique<PlainBytes>(std::move(window));
}

}  // namespace llmo::input
