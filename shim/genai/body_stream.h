// Takes the framing of a response body apart: bytes go in as they come from the network, JSON documents come
// out.
//
//   bytes ─► gzip, deflate ─► one JSON text │ server-sent events │ lines or an array of JSON │ AWS events ─►
//   documents
//
// The first byte that is not blank tells which it is, as it is a better witness than the content type, which
// servers get wrong, for errors in streams above all.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "shim/genai/base64.h"
#include "shim/genai/event_stream.h"
#include "shim/genai/inflate.h"
#include "shim/genai/json_documents.h"
#include "shim/genai/json_scanner.h"
#include "shim/genai/providers.h"
#include "shim/genai/sse.h"

namespace llmo::genai {

// What the header of a response says about its body, and may be empty. `content_encoding` names what is still
// to be decoded: it is empty where libcurl does that by itself. `http_status` is 0 where it is not known.
// `error_name` is what Bedrock says beside the body: `ThrottlingException:http://internal.amazon.com/…`.
struct ResponseHead {
  std::string_view content_type;
  std::string_view content_encoding;
  int http_status = 0;
  std::string_view error_name = {};
};

// Any cut of the bytes gives the same documents. Memory stays constant; rare formats take some from the heap,
// and are not read where there is none. Threads: one at a time.
class BodyStream final : private SseSink, private InflatedSink {
 public:
  enum class Format : std::uint8_t {
    kUnknown,  // nothing but blanks so far
    kJson,
    kSse,
    kLines,
    kArray,
    kEvents,
    kIgnored,  // no JSON in it, or none that we can reach
  };

  BodyStream();
  ~BodyStream();
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;

  // Gets ready for a body. The views need to live during the call only. Before begin() nothing is read.
  void begin(BodyShape shape, const ResponseHead& head);
  // The sink gets the documents; on_event_head() is called for AWS events alone. It must not call back.
  void feed(std::string_view bytes, EventStreamSink* sink);
  void finish(EventStreamSink* sink);

  Format format() const { return format_; }
  // True where the body is made of many documents, each a chunk of one answer.
  bool is_stream() const { return format_ >= Format::kSse && format_ <= Format::kEvents; }

 private:
  struct Events;

  void on_sse_data(std::string_view bytes) override;
  void on_sse_event_end() override;
  void on_inflated(std::string_view bytes) override { take(bytes); }

  void take(std::string_view bytes);
  Format format_of(char first) const;
  void start();

  Format format_ = Format::kIgnored;
  BodyShape shape_ = BodyShape::kNone;
  bool typed_as_sse_ = false;
  bool typed_as_lines_ = false;
  bool in_document_ = false;         // of server-sent events, or the one JSON text
  EventStreamSink* sink_ = nullptr;  // during feed() and finish()
  SseReader sse_;
  JsonDocuments documents_;
  std::unique_ptr<Events> events_;
  std::unique_ptr<Inflate> inflate_;
};

}  // namespace llmo::genai
