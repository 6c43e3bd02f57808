// Turns the documents of a body into messages: what content_fields.h names is put into the message that it
// belongs to, whatever the order of the keys, and a message that is complete goes to its store.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/genai/content_fields.h"
#include "shim/genai/content_message.h"
#include "shim/genai/content_store.h"
#include "shim/genai/document_sink.h"
#include "shim/genai/json_scanner.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {

// What both directions have in common. Before begin() nothing is read.
class ContentReader : public DocumentSink, private JsonSink {
 public:
  ContentReader(const ContentReader&) = delete;
  ContentReader& operator=(const ContentReader&) = delete;

  void begin(const JsonPaths& paths);
  void on_document_begin() override;
  void on_document_bytes(std::string_view bytes) override { json_.feed(bytes, this); }
  void on_document_end() override;
  // Hands over what is not complete: the body has been cut, or is asked for before its end.
  void flush() { end_message(); }

 protected:
  ContentReader() = default;
  ~ContentReader() = default;

  virtual void begin_document() {}
  // A message that is complete; its role is empty where the body does not say it. May be emptied.
  // `continues`: it is another piece of one that came before.
  virtual void take(ContentMessage* message, bool continues) = 0;
  // Instructions and tools. Ignored where the direction has none.
  virtual void begin_aside(ContentPath /*path*/) {}
  virtual void append_aside(ContentPath /*path*/, std::string_view /*bytes*/) {}
  virtual void forget() {}

 private:
  void on_value(std::uint8_t field, const JsonValue& value) override;
  void on_piece(std::uint8_t field, std::string_view bytes) override;

  void begin_container(ContentPath path, JsonType type);
  void begin_text(ContentPath path);
  void begin_message(ContentKind kind);
  void begin_whole();
  ContentPart* part_for_text(ContentPath path);
  void take_number(ContentPath path, std::int64_t number);
  void take_word(ContentPath path, std::string_view word);
  void take_uri(std::string_view uri);
  void note_data(std::string_view family, std::string_view format);
  void end_message();
  bool settle(ContentPart* part);

  const JsonPaths* paths_ = nullptr;
  JsonScanner json_;
  ContentMessage message_;
  ContentPart* target_ = nullptr;  // of the text that comes in pieces
  std::string result_of_;
  platform::FixedText<64> event_type_;
  // Which kind the event text is depends on the event's type, which may come later.
  bool has_event_text_ = false;
  bool has_whole_text_ = false;
  bool is_whole_ = false;  // the document has all of the answer
  std::int32_t part_number_ = -1;
  std::int32_t next_choice_ = 0;
  std::uint64_t documents_ = 0;
};

class RequestReader final : public ContentReader {
 public:
  explicit RequestReader(InputStore* store) : store_(store) {}

 private:
  // The body once more: what is half done of it before goes too.
  void begin_document() override {
    flush();
    store_->clear();
  }
  void take(ContentMessage* message, bool continues) override;
  void begin_aside(ContentPath path) override;
  void append_aside(ContentPath path, std::string_view bytes) override;

  InputStore* store_;
};

class ResponseReader final : public ContentReader {
 public:
  explicit ResponseReader(OutputStore* store) : store_(store) {}

 private:
  void take(ContentMessage* message, bool continues) override { store_->add(message, continues); }
  void forget() override { store_->clear(); }

  OutputStore* store_;
};

}  // namespace llmo::genai
