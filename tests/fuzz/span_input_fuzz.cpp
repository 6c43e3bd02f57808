// Reads arbitrary bytes as a trace file: packed or not, JSON or protobuf, in two pieces as a file that grows.
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "exporters/input/span_reader.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace llmo;
using fuzz::demand;

// Gives what is behind `limit` only when it is let go.
class TwoPieces : public input::ByteSource {
 public:
  TwoPieces(std::string_view bytes, std::size_t limit) : bytes_(bytes), limit_(limit) {}

  std::size_t read(std::span<char> to) override {
    const std::size_t size = std::min(to.size(), limit_ - at_);
    if (size != 0) std::memcpy(to.data(), bytes_.data() + at_, size);
    at_ += size;
    return size;
  }
  std::string problem() const override { return {}; }
  void let_go() { limit_ = bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t limit_;
  std::size_t at_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first byte says where the pieces part.
  const std::size_t first = size == 0 ? 0 : std::min<std::size_t>(data[0], size - 1);
  const std::string_view bytes = fuzz::text_of(data, size).substr(std::min<std::size_t>(size, 1));
  auto source = std::make_unique<TwoPieces>(bytes, first);
  TwoPieces& pieces = *source;
  input::SpanReader reader(std::move(source));
  file::ReadCounts counts;
  std::uint64_t spans = 0;
  const file::SpanCallback take = [&spans](Span&& span) {
    demand(span.span_id != 0 && !span.name.empty() && span.end_unix_nanos >= span.start_unix_nanos);
    ++spans;
  };
  reader.read(false, take, counts);
  pieces.let_go();
  reader.read(true, take, counts);
  demand(counts.spans == spans);
  reader.problem();
  return 0;
}
