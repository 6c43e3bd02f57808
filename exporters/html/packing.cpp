#include "exporters/html/packing.h"

#include <zlib.h>

#include <cstddef>
#include <new>

#include "exporters/otlp/base64.h"

namespace llmo::html {
namespace {

constexpr std::string_view kLineSeparator = "\xe2\x80\xa8";
constexpr std::string_view kParagraphSeparator = "\xe2\x80\xa9";

std::string gzipped(std::string_view text) {
  constexpr int kGzip = 15 + 16;  // zlib.h, deflateInit2: the largest window, with a gzip header
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

}  // namespace

std::string packed(std::string_view text) { return otlp::base64(gzipped(text)); }

std::string embeddable(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    std::size_t size = 1;
    switch (json[0]) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        if (json.starts_with(kLineSeparator) || json.starts_with(kParagraphSeparator)) {
          size = kLineSeparator.size();
          out += json.starts_with(kLineSeparator) ? "\\u2028" : "\\u2029";
        } else {
          out += json[0];
        }
    }
    json.remove_prefix(size);
  }
  return out;
}

}  // namespace llmo::html
