#include "exporters/input/span_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "exporters/input/byte_window.h"
#include "exporters/input/json_parser.h"
#include "exporters/input/packed_bytes.h"
#include "exporters/input/protobuf_parser.h"

namespace llmo::input {
namespace {

constexpr std::size_t kLookAhead = 256;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // some editors put it before UTF-8

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Protobuf has such bytes soon: the lengths of short fields are.
bool is_text(std::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_blank(c); });
}

bool is_protobuf(std::string_view bytes) {
  constexpr char kResourceSpans = 0x0a;  // field 1, length-delimited
  return bytes.starts_with(kResourceSpans) && !is_text(bytes);
}

}  // namespace

struct SpanReader::State {
  explicit State(ByteWindow bytes) : window(std::move(bytes)) {}

  // Leaves `parser` null as long as there is nothing but blanks.
  void choose_parser();

  ByteWindow window;
  std::unique_ptr<SpanParser> parser;
  bool unknown_kind = false;
};

// A text that is no JSON is read as lines all the same: a file may begin in the middle of one.
void SpanReader::State::choose_parser() {
  window.want(kLookAhead);
  if (window.view().starts_with(kByteOrderMark)) window.consume(kByteOrderMark.size());
  const std::string_view start = window.view().substr(0, kLookAhead);
  if (is_protobuf(start)) {
    parser = std::make_unique<ProtobufParser>(window);
  } else if (is_text(start)) {
    if (!std::all_of(start.begin(), start.end(), is_blank)) parser = std::make_unique<JsonParser>(window);
  } else {
    unknown_kind = true;
  }
}

SpanReader::SpanReader(std::unique_ptr<ByteSource> source)
    : state_(std::make_unique<State>(ByteWindow(unpacked(std::move(source))))) {}

SpanReader::~SpanReader() = default;

void SpanReader::read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) {
  if (!state_->parser && !state_->unknown_kind) state_->choose_parser();
  if (state_->parser) state_->parser->read(at_end, take, counts);
}

std::string SpanReader::problem() const {
  if (state_->unknown_kind) return "it is neither OTLP JSON nor OTLP protobuf";
  if (std::string problem = state_->window.problem(); !problem.empty()) return problem;
  return state_->parser ? state_->parser->problem() : std::string();
}

}  // namespace llmo::input
