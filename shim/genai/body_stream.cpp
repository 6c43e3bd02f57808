#include "shim/genai/body_stream.h"

#include <new>

#include "shim/config/text.h"

namespace llmo::genai {
namespace {

constexpr std::string_view kSseType = "text/event-stream";
constexpr std::string_view kEventsType = "application/vnd.amazon.eventstream";
// Cohere's is the third, text sequences (RFC 7464) are the last.
constexpr std::string_view kLinesTypes[] = {
    "application/x-ndjson",    "application/ndjson",    "application/stream+json", "application/jsonl",
    "application/x-jsonlines", "application/jsonlines", "application/json-seq"};
// Bytes of sounds and pictures may look like anything.
constexpr std::string_view kBinaryTypes[] = {"audio/", "image/", "video/", "multipart/",
                                             "application/octet-stream"};

// The media type without its parameters.
std::string_view media_type(std::string_view content_type) {
  return config::trim(content_type.substr(0, content_type.find(';')));
}

bool is_binary(std::string_view type) {
  for (const std::string_view binary : kBinaryTypes) {
    if (config::equal_ignoring_case(type.substr(0, binary.size()), binary)) return true;
  }
  return false;
}

std::string_view without_leading_blanks(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first == bytes.npos ? std::string_view{} : bytes.substr(first);
}

bool is_lines(std::string_view type) {
  for (const std::string_view lines : kLinesTypes) {
    if (config::equal_ignoring_case(type, lines)) return true;
  }
  return false;
}

constexpr JsonPaths kInvokePayload{{{"bytes", 1, 0, JsonKeep::kPieces}}};

}  // namespace

// Messages of an AWS event stream. What a model streams through Bedrock's InvokeModel comes in an envelope,
// {"bytes":"<the document in base64>"}; all other messages are documents themselves.
struct BodyStream::Events final : private EventStreamSink, private JsonSink {
 public:
  explicit Events(BodyShape shape) : invokes_(shape == BodyShape::kBedrockInvoke) {}

  void feed(std::string_view bytes, EventStreamSink* sink) {
    sink_ = sink;
    reader_.feed(bytes, this);
  }
  void finish(EventStreamSink* sink) {
    sink_ = sink;
    reader_.finish(this);
  }

 private:
  void on_event_head(const EventHead& head) override {
    wrapped_ = invokes_ && head.event_type == "chunk";
    if (wrapped_) envelope_.begin(kInvokePayload);
    base64_.reset();
    sink_->on_event_head(head);
  }
  void on_document_begin() override { sink_->on_document_begin(); }
  void on_document_bytes(std::string_view bytes) override {
    if (wrapped_) {
      envelope_.feed(bytes, this);
    } else {
      sink_->on_document_bytes(bytes);
    }
  }
  void on_document_end() override { sink_->on_document_end(); }
  void on_value(std::uint8_t /*field*/, const JsonValue& /*value*/) override {}
  void on_piece(std::uint8_t /*field*/, std::string_view bytes) override { base64_.feed(bytes, sink_); }

  bool invokes_;
  bool wrapped_ = false;
  EventStreamSink* sink_ = nullptr;
  EventStreamReader reader_;
  JsonScanner envelope_;
  Base64Reader base64_;
};

BodyStream::BodyStream() = default;
BodyStream::~BodyStream() = default;

void BodyStream::begin(BodyShape shape, const ResponseHead& head) {
  const std::string_view type = media_type(head.content_type);
  const Coding coding = coding_of(head.content_encoding);
  shape_ = shape;
  in_document_ = false;
  typed_as_sse_ = config::equal_ignoring_case(type, kSseType);
  typed_as_lines_ = is_lines(type);
  events_.reset();
  inflate_.reset();
  format_ = shape == BodyShape::kNone || is_binary(type) ? Format::kIgnored : Format::kUnknown;
  if (format_ == Format::kIgnored || coding == Coding::kUnknown) {
    format_ = Format::kIgnored;
    return;
  }
  if (config::equal_ignoring_case(type, kEventsType)) {
    format_ = Format::kEvents;
    start();
  }
  if (coding == Coding::kNone) return;
  inflate_ = Inflate::make(coding);
  if (inflate_ == nullptr) format_ = Format::kIgnored;
}

void BodyStream::feed(std::string_view bytes, EventStreamSink* sink) {
  if (format_ == Format::kIgnored) return;
  sink_ = sink;
  if (inflate_ != nullptr) {
    inflate_->feed(bytes, this);
  } else {
    take(bytes);
  }
}

void BodyStream::finish(EventStreamSink* sink) {
  sink_ = sink;
  if (format_ == Format::kSse) sse_.finish(this);
  if (format_ == Format::kLines || format_ == Format::kArray) documents_.finish(sink);
  if (format_ == Format::kEvents) events_->finish(sink);
  if (in_document_) sink->on_document_end();
  in_document_ = false;
}

void BodyStream::take(std::string_view bytes) {
  if (format_ == Format::kUnknown) {
    bytes = without_leading_blanks(bytes);
    if (bytes.empty()) return;
    format_ = format_of(bytes.front());
    start();
  }
  switch (format_) {
    case Format::kJson:
      return sink_->on_document_bytes(bytes);
    case Format::kSse:
      return sse_.feed(bytes, this);
    case Format::kLines:
    case Format::kArray:
      return documents_.feed(bytes, sink_);
    case Format::kEvents:
      return events_->feed(bytes, sink_);
    default:
      return;
  }
}

// JSON begins with a brace or bracket. An event stream never does: it begins with data, event, id, retry, a
// comment or a byte order mark.
BodyStream::Format BodyStream::format_of(char first) const {
  constexpr char kRecordSeparator = '\x1e';
  const bool is_json = first == '{' || first == '[';
  if (typed_as_lines_ && (is_json || first == kRecordSeparator)) return Format::kLines;
  if (first == '[' && shape_ == BodyShape::kGemini) return Format::kArray;
  if (is_json) return Format::kJson;
  const bool is_sse = typed_as_sse_ || std::string_view{"deir:\xef"}.find(first) != std::string_view::npos;
  return is_sse ? Format::kSse : Format::kIgnored;
}

void BodyStream::start() {
  if (format_ == Format::kJson) {
    in_document_ = true;
    sink_->on_document_begin();
  }
  if (format_ == Format::kSse) sse_.reset();
  if (format_ == Format::kLines) documents_.begin(JsonDocuments::Layout::kLines);
  if (format_ == Format::kArray) documents_.begin(JsonDocuments::Layout::kArray);
  if (format_ != Format::kEvents) return;
  events_.reset(new (std::nothrow) Events(shape_));
  if (events_ == nullptr) format_ = Format::kIgnored;
}

void BodyStream::on_sse_data(std::string_view bytes) {
  if (!in_document_) {
    in_document_ = true;
    sink_->on_document_begin();
  }
  sink_->on_document_bytes(bytes);
}

// An event without a byte of data is no document.
void BodyStream::on_sse_event_end() {
  if (!in_document_) return;
  in_document_ = false;
  sink_->on_document_end();
}

}  // namespace llmo::genai
