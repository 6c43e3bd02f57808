#include "exporters/convert/otlp_sink.h"

#include <string>
#include <utility>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/otlp/protobuf_writer.h"

namespace llmo::convert {
namespace {

// Enough for what spans have in common to be written seldom, and few enough to be read a line at a time.
constexpr std::size_t kBatch = 1000;

}  // namespace

void OtlpSink::take(Span&& span) {
  batch_.push_back(std::move(span));
  if (batch_.size() == kBatch) write_batch();
}

bool OtlpSink::finish() {
  if (!batch_.empty()) write_batch();
  return true;
}

// Requests one after the other are one: what repeats in it is a list.
void OtlpSink::write_batch() {
  std::string bytes;
  if (encoding_ == OtlpEncoding::kJson) {
    bytes = file::to_otlp_json(batch_);
    bytes += '\n';
  } else {
    otlp::append_otlp_protobuf(batch_, bytes);
  }
  output_.write(bytes);
  batch_.clear();
}

}  // namespace llmo::convert
