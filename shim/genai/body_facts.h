// What the bodies of an API call say, read while they pass by: models, parameters, token usage, errors.
//
// Both objects take a body in whatever pieces it comes, keep a few facts in memory of fixed size and never
// the content: no prompt, no answer, no tool argument. A body that is cut short or no JSON yields what was
// seen.
//
//   RequestFacts request;   request.begin(match, url.query());   request.feed(…)*    request.write(&draft)
//   ResponseFacts response; response.begin(match, type, status); response.feed(…)*   response.finish(…)
//                                                                                    response.write(&draft)
//
// Nothing here allocates, throws, or touches errno. Threads: one at a time for each object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/genai/field_tables.h"
#include "shim/genai/fixed_text.h"
#include "shim/genai/json_scanner.h"
#include "shim/genai/providers.h"
#include "shim/genai/sse.h"
#include "shim/genai/usage.h"
#include "shim/journal/span_draft.h"

namespace llmo::genai {

// A list of short texts; what is too many is left out.
template <std::size_t Items, std::size_t Size>
struct TextList {
  std::uint32_t count = 0;
  FixedText<Size> items[Items];

  void add(std::string_view text) {
    if (count < Items && !text.empty()) items[count++].assign(text);
  }
  void write(std::string_view key, journal::SpanDraft* draft) const {
    std::string_view views[Items];
    for (std::uint32_t at = 0; at < count; ++at) views[at] = items[at].view();
    if (count > 0) draft->add_strings(key, {views, count});
  }
};

class RequestFacts final : private JsonSink {
 public:
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
      static_cast<std::size_t>(kFirstRequestText) - static_cast<std::size_t>(kFirstRequestDouble);
  static constexpr std::size_t kTexts =
      static_cast<std::size_t>(kFirstRequestOther) - static_cast<std::size_t>(kFirstRequestText);

  void on_value(std::uint8_t field, const JsonValue& value) override;
  void take_number(RequestField field, const JsonValue& value);
  std::string_view text(RequestField field) const;
  void write_numbers(journal::SpanDraft* draft) const;
  void write_genai(journal::SpanDraft* draft) const;
  void write_database(journal::SpanDraft* draft) const;

  ApiKind kind_ = ApiKind::kHttp;
  bool stream_ = false;
  std::uint32_t numbers_seen_ = 0;  // a bit for each of the numbers
  double numbers_[kNumbers] = {};
  std::int64_t integers_[kNumbers] = {};
  std::int64_t vectors_ = 0;
  FixedText<128> texts_[kTexts];
  TextList<8, 64> stop_sequences_;
  JsonScanner json_;
};

class ResponseFacts final : private JsonSink, private SseSink {
 public:
  // Forgets everything and gets ready for the body of one response: call it again for every header block, as
  // a redirect or an authentication round has a body of its own. `content_type` is the header's value, may be
  // empty; `http_status` may be 0 where it is not known.
  void begin(const ApiMatch& match, std::string_view content_type, int http_status);
  // The next bytes of the body, decoded as the application gets them.
  void feed(std::string_view bytes);
  // No more bytes will come; `complete` is false where the transfer failed or was given up. Call before
  // write(); a second call does nothing.
  void finish(bool complete);
  // Writes the facts. Where the body reports an error, whatever the HTTP status, the span's status and
  // `error.type` are set too: write those that come from HTTP or libcurl before, the later ones win.
  void write(journal::SpanDraft* draft) const;

  // True where the body is a stream of events, known after its first bytes.
  bool is_stream() const { return format_ == Format::kSse; }
  // Stream events with data so far, without keep-alives and the end mark. Note the time when it leaves 0:
  // that is `gen_ai.response.time_to_first_chunk`.
  std::uint64_t chunks() const { return chunks_; }
  // True from the first event on that carries generated content: a first token.
  bool content_started() const { return content_started_; }
  // True where the body itself reports an error.
  bool failed() const;

  const Usage& usage() const { return usage_; }
  // The exact model that answered, empty where it is not known.
  std::string_view model() const { return text(ResponseField::kModel); }

 private:
  enum class Format : std::uint8_t { kUnknown, kJson, kSse, kIgnored };
  static constexpr std::uint32_t kMaxChoices = 16;
  static constexpr std::size_t kTexts =
      static_cast<std::size_t>(kFirstResponseMessage) - static_cast<std::size_t>(kFirstResponseText);
  static constexpr std::size_t kMessages =
      static_cast<std::size_t>(kFirstResponseOther) - static_cast<std::size_t>(kFirstResponseMessage);

  void on_value(std::uint8_t field, const JsonValue& value) override;
  void on_sse_data(std::string_view bytes) override;
  void on_sse_event_end() override;

  bool choose_format(std::string_view bytes);
  void begin_document();
  void end_document();
  void end_event(bool is_end_mark);
  void take_text(ResponseField field, const JsonValue& value);
  void take_integer(ResponseField field, std::int64_t number);
  void take_other(ResponseField field, const JsonValue& value);
  void begin_choice();
  void end_choice();
  void adopt_loose_error();

  void set_text(ResponseField field, std::string_view value);
  std::string_view text(ResponseField field) const;
  std::string_view finish_reason(std::uint32_t choice) const;
  void write_texts(journal::SpanDraft* draft) const;
  void write_finish_reasons(journal::SpanDraft* draft) const;
  void write_database(journal::SpanDraft* draft) const;
  void write_error(journal::SpanDraft* draft) const;

  ApiKind kind_ = ApiKind::kHttp;
  BodyShape shape_ = BodyShape::kNone;
  Format format_ = Format::kIgnored;
  bool typed_as_stream_ = false;  // the content type says that it is a stream
  bool generates_ = false;        // the operation generates, so an answer has an end and a reason for it
  bool finished_ = false;
  bool ended_ = false;  // the answer said itself that it is whole
  bool content_started_ = false;
  bool in_event_ = false;
  bool event_has_content_ = false;
  bool rows_seen_ = false;
  int http_status_ = 0;
  std::uint64_t chunks_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t upserted_ = -1;  // -1: not seen
  std::int64_t read_units_ = -1;
  std::uint32_t choices_ = 0;  // how many were seen, at most kMaxChoices
  std::int64_t choice_ = -1;   // the one that is being read, -1: none
  std::uint32_t choices_in_document_ = 0;
  Usage usage_;
  FixedText<8> event_start_;  // the first bytes of an event's data
  FixedText<64> item_name_;
  FixedText<32> choice_reason_;
  FixedText<128> texts_[kTexts];
  FixedText<512> messages_[kMessages];  // without the secrets that they quoted
  FixedText<32> finish_reasons_[kMaxChoices];
  TextList<32, 64> tool_calls_;
  JsonScanner json_;
  SseReader sse_;
};

}  // namespace llmo::genai
