// Feeds arbitrary bytes to the decoder of gzip and deflate, whole and in pieces, and demands the same bytes
// of both; and what is compressed here has to come out as it went in.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "shim/genai/inflate.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using llmo::fuzz::demand;
using llmo::genai::Coding;
using llmo::genai::Inflate;

// Small inputs can be big bombs: of what they give, the beginning is compared and the rest counted.
class Recorder final : public llmo::genai::InflatedSink {
 public:
  void on_inflated(std::string_view bytes) override {
    text += bytes.substr(0, text.size() < kKept ? kKept - text.size() : 0);
    size += bytes.size();
  }
  static constexpr std::size_t kKept = 64 * 1024;
  std::string text;
  std::size_t size = 0;
};

Recorder read(Coding coding, std::string_view bytes, std::size_t piece) {
  const auto inflate = Inflate::make(coding);
  Recorder recorder;
  for (std::size_t at = 0; at < bytes.size(); at += piece) inflate->feed(bytes.substr(at, piece), &recorder);
  return recorder;
}

std::string deflated(std::string_view text, int window_bits) {
  z_stream zlib = {};
  deflateInit2(&zlib, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const Coding coding : {Coding::kGzip, Coding::kDeflate}) {
    const Recorder whole = read(coding, bytes, size + 1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
      const Recorder cut = read(coding, bytes, piece);
      demand(cut.text == whole.text && cut.size == whole.size);
    }
  }
  if (size > Recorder::kKept) return 0;
  demand(read(Coding::kGzip, deflated(bytes, 31), 5).text == bytes);
  demand(read(Coding::kDeflate, deflated(bytes, 15), 5).text == bytes);
  demand(read(Coding::kDeflate, deflated(bytes, -15), 5).text == bytes);
  return 0;
}
