// What the bodies of one transfer say, for APIs whose bodies are known.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "shim/genai/body_facts.h"
#include "shim/genai/content.h"
#include "shim/genai/providers.h"
#include "shim/http/body_tap.h"
#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"
#include "shim/http/header_tap.h"
#include "shim/journal/span_draft.h"

namespace llmo::http {

class TransferInfo;

// Takes memory for a body only when its first byte is there: of many requests that wait for their answers
// each has little. Threads: one at a time. Nothing here throws or changes errno.
class TransferBodies final {
 public:
  // All arguments must outlive the object. The request begins now.
  TransferBodies(const CurlApi& api, CURL* curl, const HandleOptions& options, const genai::ApiMatch& match,
                 bool capture_content);
  TransferBodies(const TransferBodies&) = delete;
  TransferBodies& operator=(const TransferBodies&) = delete;

  // Reads the request's body where it lies in memory. Where request_by_callback() it is still to come, and
  // `query` must outlive this object.
  void read_request(std::string_view query, journal::SpanDraft* draft);
  bool request_by_callback() const { return request_by_callback_; }

  // Where the headers of the response pass by, as long as its body may come.
  void read_headers_from(const HeaderTap* tap) { header_tap_ = tap; }

  // Where the bytes of a request by callback and of the response go.
  BodySink* request_sink() { return &request_sink_; }
  BodySink* response_sink() { return &response_sink_; }

  // Once, when no more bytes will come. `complete` is false where the transfer failed or was given up.
  void write(bool complete, journal::SpanDraft* draft);

 private:
  // Two sinks in one object need two types.
  struct RequestSink final : BodySink {
    explicit RequestSink(TransferBodies* its_owner) : owner(its_owner) {}
    void on_body(std::string_view bytes) override;
    void on_body_again() override;
    TransferBodies* owner;
  };
  struct ResponseSink final : BodySink {
    explicit ResponseSink(TransferBodies* its_owner) : owner(its_owner) {}
    void on_body(std::string_view bytes) override;
    TransferBodies* owner;
  };

  double seconds_until(std::uint64_t nanos) const {
    return static_cast<double>(nanos - started_nanos_) / 1e9;
  }

  void begin_request();
  void begin_response();
  std::string_view seen_header(std::string_view lower_name) const;
  std::string_view content_encoding() const;
  void on_response(std::string_view bytes);

  const CurlApi& api_;
  CURL* const curl_;
  const HandleOptions& options_;
  const genai::ApiMatch& match_;
  RequestSink request_sink_{this};
  ResponseSink response_sink_{this};
  std::unique_ptr<genai::RequestFacts> request_;  // of a body that comes by callback
  std::unique_ptr<genai::ResponseFacts> response_;
  std::unique_ptr<genai::ContentCapture> content_;  // where the settings ask for it
  const HeaderTap* header_tap_ = nullptr;
  std::string_view query_;
  bool request_by_callback_ = false;
  bool response_began_ = false;
  std::uint64_t started_nanos_ = 0;
  std::uint64_t first_chunk_nanos_ = 0;
  std::uint64_t first_token_nanos_ = 0;  // the first chunk may hold none: a role, an id
};

}  // namespace llmo::http
