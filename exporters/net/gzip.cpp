#include "exporters/net/gzip.h"

#include <zlib.h>

#include <limits>

namespace llmo::net {
namespace {

constexpr int kGzipWindow = 15 + 16;  // a gzip header instead of zlib's
constexpr int kMemoryLevel = 8;       // zlib's default

}  // namespace

std::optional<std::string> gzip(std::string_view bytes, int level) {
  z_stream stream{};
  if (bytes.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  if (::deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string out(::deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // read only
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (!done) return std::nullopt;
  return out;
}

}  // namespace llmo::net
