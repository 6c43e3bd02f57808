// What the bodies of an API call say, read while they pass by: models, parameters, token usage, errors.
//
// Both objects take a body in whatever pieces it comes, keep a few facts in memory of bounded size and never
// the content: no prompt, no answer, no tool argument. A body that is cut short or no JSON yields what was
// seen.
//
//   RequestFacts request;   request.begin(match, url.query());   request.feed(…)*    request.write(&draft)
//   ResponseFacts response; response.begin(match, head);         response.feed(…)*   response.finish(…)
//                                                                                    response.write(&draft)
//
// Nothing here throws or touches errno. The heap is used for what is rare, within a fixed bound, and what
// finds no memory there is left out. Threads: one at a time for each object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/genai/body_stream.h"
#include "shim/genai/document_sink.h"
#include "shim/genai/field_tables.h"
#include "shim/genai/json_documents.h"
#include "shim/genai/json_scanner.h"
#include "shim/genai/providers.h"
#include "shim/genai/text_store.h"
#include "shim/genai/usage.h"
#include "shim/journal/span_draft.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {

class RequestFacts final : private JsonSink, private DocumentSink {
 public:
  // Passes the documents of the body on as well; nullptr: to nobody. Kept by begin(), and by a copy of these
  // facts. The listener must outlive the calls of feed().
  void listen(DocumentSink* listener) { listener_ = listener; }
  // Forgets everything and gets ready for one request. `match` need not outlive the call; `query` is the
  // URL's, where some APIs have parameters.
  void begin(const ApiMatch& match, std::string_view query = {});
  // The next bytes of the request body. Before begin() and where the API's bodies are not read: does nothing.
  void feed(std::string_view bytes);
  // May be called more than once and before the end of the body: it writes what is known by then.
  void write(journal::SpanDraft* draft) const;

  // What the request asks for, empty and false until it was seen.
  std::string_view model() const { return text(RequestField::kModel); }
  bool stream() const { return stream_; }

 private:
  static constexpr std::size_t kNumbers =
      static_cast<std::size_t>(kFirstRequestText) - static_cast<std::size_t>(kFirstRequestNumber);

  void on_value(std::uint8_t field, const JsonValue& value) override;
  void on_document_begin() override;
  void on_document_bytes(std::string_view bytes) override;
  void on_document_end() override;

  void take_number(RequestField field, const JsonValue& value);
  void take_other(RequestField field, const JsonValue& value);
  std::string_view text(RequestField field) const { return texts_.get(static_cast<std::size_t>(field)); }
  void write_numbers(journal::SpanDraft* draft) const;
  void write_genai(journal::SpanDraft* draft) const;
  void write_database(journal::SpanDraft* draft) const;

  DocumentSink* listener_ = nullptr;
  ApiKind kind_ = ApiKind::kHttp;
  BodyShape shape_ = BodyShape::kNone;
  bool stream_ = false;
  bool streams_unasked_ = false;  // until the body says that it must not
  bool in_body_ = false;          // of one document
  bool in_lines_ = false;         // a record each
  bool sends_vectors_ = false;
  std::uint32_t numbers_seen_ = 0;  // a bit for each of the numbers
  std::int64_t numbers_[kNumbers];  // the bits of a double where the field is one
  std::int64_t vectors_ = 0;
  std::int64_t batch_items_ = 0;
  TextStore texts_;
  JsonDocuments lines_;
  JsonScanner json_;
};

class ResponseFacts final : private JsonSink, private EventStreamSink {
 public:
  // Passes the documents of the body on as well, as RequestFacts::listen() does.
  void listen(DocumentSink* listener) { listener_ = listener; }
  // Forgets everything and gets ready for the body of one response: call it again for every header block, as
  // a redirect or an authentication round has a body of its own. The views need to live during the call only.
  void begin(const ApiMatch& match, const ResponseHead& head);
  // The next bytes of the body, as the application gets them.
  void feed(std::string_view bytes);
  // No more bytes will come; `complete` is false where the transfer failed or was given up. Call before
  // write(); a second call does nothing.
  void finish(bool complete);
  // Writes the facts. Where the body reports an error, whatever the HTTP status, the span's status and
  // `error.type` are set too: write those that come from HTTP or libcurl before, the later ones win.
  void write(journal::SpanDraft* draft) const;

  // True where the body is a stream of documents, known after its first bytes.
  bool is_stream() const { return body_.is_stream(); }
  // Documents of the stream so far, without keep-alives and the end mark. Note the time when it leaves 0:
  // that is `gen_ai.response.time_to_first_chunk`.
  std::uint64_t chunks() const { return chunks_; }
  // True from the first chunk on that carries generated content: a first token.
  bool content_started() const { return content_started_; }
  // True where the body itself reports an error.
  bool failed() const;

  const Usage& usage() const { return usage_; }
  // The exact model that answered, empty where it is not known.
  std::string_view model() const { return text(ResponseField::kModel); }

 private:
  static constexpr std::uint32_t kMaxChoices = 16;

  void on_value(std::uint8_t field, const JsonValue& value) override;
  void on_event_head(const EventHead& head) override;
  void on_document_begin() override;
  void on_document_bytes(std::string_view bytes) override;
  void on_document_end() override;

  void end_chunk();
  void take_text(ResponseField field, const JsonValue& value);
  void take_code(ResponseField field, std::int64_t code);
  void take_count(ResponseField field, std::int64_t number);
  void take_other(ResponseField field, const JsonValue& value);
  void take_modality(ResponseField field, const JsonValue& value);
  void end_modality();
  void take_error_name(std::string_view text);
  void set_cost(double usd);
  void begin_choice();
  void end_choice();
  void adopt_loose_error();
  bool is_loose_error() const;

  void set_text(ResponseField field, std::string_view value);
  void set_finish_reason(std::uint32_t choice, std::string_view reason);
  std::string_view text(ResponseField field) const { return texts_.get(static_cast<std::size_t>(field)); }
  std::string_view finish_reason(std::uint32_t choice) const;
  void write_genai(journal::SpanDraft* draft) const;
  void write_finish_reasons(journal::SpanDraft* draft) const;
  void write_database(journal::SpanDraft* draft) const;
  std::string_view error_type() const;
  void write_error(journal::SpanDraft* draft) const;
  void write_database_status(std::string_view type, journal::SpanDraft* draft) const;

  DocumentSink* listener_ = nullptr;
  bool finished_ = true;
  // All that begin() resets at once.
  struct State {
    ApiKind kind = ApiKind::kHttp;
    BodyShape shape = BodyShape::kNone;
    bool generates = false;  // the operation generates, so an answer has an end and a reason for it
    bool ended = false;      // the answer said itself that it is whole
    bool rows_seen = false;
    bool cost_seen = false;
    bool fails = false;        // the document is an error by its frame
    bool has_content = false;  // the document has generated content
    bool detail_is_output = false;
    std::int8_t modality = -1;
    int http_status = 0;
    std::uint32_t choices = 0;  // how many were seen, at most kMaxChoices
    std::uint32_t choices_in_document = 0;
    std::int64_t choice = -1;  // the one that is being read, -1: none
    std::int64_t modality_tokens = -1;
    std::int64_t rows = 0;
    std::int64_t upserted = -1;  // -1: not seen
    std::int64_t read_units = -1;
    double cost = 0;
  };
  State state_;
  std::uint64_t chunks_ = 0;
  bool content_started_ = false;
  Usage usage_;
  platform::FixedText<8> document_start_;
  platform::FixedText<48> event_type_;
  platform::FixedText<64> item_name_;
  platform::FixedText<32> choice_reason_;
  TextStore texts_;  // messages are kept without the secrets that they quoted
  JsonScanner json_;
  BodyStream body_;
};

}  // namespace llmo::genai
