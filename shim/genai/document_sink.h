// The JSON documents of a body, one after the other, as whoever takes the body's framing apart finds them.
//
// A plain body is one document; a stream of events or lines is many. The bytes are those of the document as
// it was meant: decompressed, without the framing of SSE, NDJSON or event streams.
#pragma once

#include <string_view>

namespace llmo::genai {

// Listens to the documents of one body. Must not throw and keeps errno. Calls come in this order, any number
// of times: begin, bytes (any number of pieces, cut anywhere), end. A body that is cut short may lack the
// end.
class DocumentSink {
 public:
  virtual void on_document_begin() = 0;
  virtual void on_document_bytes(std::string_view bytes) = 0;
  virtual void on_document_end() = 0;

 protected:
  ~DocumentSink() = default;
};

}  // namespace llmo::genai
