#include "shim/genai/inflate.h"

#include <new>

#include "shim/config/text.h"

namespace llmo::genai {
namespace {

// zlib's words for the three formats.
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kBareWindow = -15;
constexpr char kGzipMagic = '\x1f';

// The header of zlib's format: deflate in the low half of the first byte, and both a multiple of 31.
bool is_zlib_header(unsigned char first, unsigned char second) {
  return (first & 0x0fU) == 8 && (first * 256U + second) % 31 == 0;
}

}  // namespace

Coding coding_of(std::string_view content_encoding) {
  const std::string_view name = config::trim(content_encoding);
  const auto is = [name](std::string_view coding) { return config::equal_ignoring_case(name, coding); };
  if (name.empty() || is("identity")) return Coding::kNone;
  if (is("gzip") || is("x-gzip")) return Coding::kGzip;
  return is("deflate") ? Coding::kDeflate : Coding::kUnknown;
}

std::unique_ptr<Inflate> Inflate::make(Coding coding) {
  return std::unique_ptr<Inflate>(new (std::nothrow) Inflate(coding));
}

Inflate::Inflate(Coding coding) : state_(State::kFirstByte), gzip_(coding == Coding::kGzip) {
  if (gzip_) start(kGzipWindow);
}

Inflate::~Inflate() {
  if (started_) inflateEnd(&zlib_);
}

void Inflate::start(int window_bits) {
  started_ = inflateInit2(&zlib_, window_bits) == Z_OK;
  state_ = started_ ? State::kBody : State::kOver;
}

void Inflate::feed(std::string_view bytes, InflatedSink* sink) {
  while (!bytes.empty() && state_ != State::kOver) {
    if (state_ == State::kBody) {
      bytes.remove_prefix(run(bytes, sink));
      continue;
    }
    const char byte = bytes.front();
    if (state_ == State::kBetweenMembers) {
      // What is no further member is padding or garbage; tools for gzip pass over it as well.
      state_ = byte == kGzipMagic && inflateReset(&zlib_) == Z_OK ? State::kBody : State::kOver;
      continue;
    }
    bytes.remove_prefix(1);
    if (state_ == State::kFirstByte) {
      first_ = static_cast<unsigned char>(byte);
      state_ = State::kSecondByte;
      continue;
    }
    start(is_zlib_header(first_, static_cast<unsigned char>(byte)) ? kZlibWindow : kBareWindow);
    const char both[] = {static_cast<char>(first_), byte};
    run({both, sizeof both}, sink);
  }
}

// Decodes the bytes of one member, all that come out of them included, and says how many were taken.
std::size_t Inflate::run(std::string_view bytes, InflatedSink* sink) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // zlib counts in 32 bits
  const std::size_t size = bytes.size() < kMost ? bytes.size() : kMost;
  zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib_.avail_in = static_cast<uInt>(size);
  do {
    zlib_.next_out = reinterpret_cast<Bytef*>(out_);
    zlib_.avail_out = sizeof out_;
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    hand_on(sizeof out_ - zlib_.avail_out, sink);
    if (result == Z_STREAM_END) {
      state_ = gzip_ ? State::kBetweenMembers : State::kOver;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {  // the latter: it waits for more bytes
      state_ = State::kOver;
    }
  } while (state_ == State::kBody && zlib_.avail_out == 0);
  return size - zlib_.avail_in;
}

void Inflate::hand_on(std::size_t size, InflatedSink* sink) {
  const std::uint64_t left = kMaxInflated - inflated_;
  if (size >= left) {
    size = static_cast<std::size_t>(left);
    state_ = State::kOver;
  }
  if (size > 0) sink->on_inflated({out_, size});
  inflated_ += size;
}

}  // namespace llmo::genai
