// Prompts and completions, picked out of the bodies of a call to a model while they pass by. Only made where
// the settings ask for content; without it nothing of a body's text is kept anywhere.
//
//   ContentCapture content;   content.begin(match);
//   request_facts.listen(content.request());   response_facts.listen(content.response());
//   …                         content.write(&draft);
//
// What is kept is bounded, whatever the bodies are: of a long conversation its beginning instructions and
// its last messages, of a long message its beginning. Images, audio and files are named, not kept. Keys,
// tokens and passwords in the text are replaced by `REDACTED` before it leaves this object. It stands in the
// span as journal/content_format.h says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "shim/genai/content_reader.h"
#include "shim/genai/content_store.h"
#include "shim/genai/document_sink.h"
#include "shim/genai/providers.h"
#include "shim/journal/span_draft.h"

namespace llmo::genai {

// Uses the heap, within a fixed limit. Does not throw but for lack of memory. Threads: one at a time.
class ContentCapture {
 public:
  ContentCapture() = default;
  ContentCapture(const ContentCapture&) = delete;
  ContentCapture& operator=(const ContentCapture&) = delete;

  // Forgets everything and gets ready for one call. `match` need not outlive it.
  void begin(const ApiMatch& match);
  // Who listens to the documents of the two bodies; owned by this object. A second document of a request
  // is the body sent once more.
  DocumentSink* request() { return &request_; }
  DocumentSink* response() { return &response_; }
  // Writes what was seen, also before the end of the bodies. Attributes that would be empty are left out.
  void write(journal::SpanDraft* draft);

 private:
  void write_request(journal::SpanDraft* draft);

  InputStore input_;
  OutputStore output_;
  RequestReader request_{&input_};
  ResponseReader response_{&output_};
};

}  // namespace llmo::genai
