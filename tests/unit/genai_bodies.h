// Bodies of API calls read as facts, whole and in pieces: what the tests of the providers share.
#pragma once

#include <zlib.h>

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "shim/genai/body_facts.h"
#include "tests/unit/genai_attributes.h"

namespace llmo::genai {

inline ApiMatch model_call(BodyShape shape, std::string_view operation = "chat", bool streams = false) {
  ApiMatch match;
  match.kind = ApiKind::kGenAi;
  match.shape = shape;
  match.provider = "test";
  match.operation = operation;
  match.streams = streams;
  return match;
}

inline ApiMatch database_call(BodyShape shape, std::string_view operation) {
  ApiMatch match = model_call(shape, operation);
  match.kind = ApiKind::kDatabase;
  return match;
}

using Pieces = std::vector<std::string_view>;

// The cuts of cuts_of(), and some at random places into pieces of random sizes.
inline std::vector<Pieces> many_cuts_of(std::string_view body) {
  std::vector<Pieces> cuts = cuts_of(body);
  std::mt19937 random(42);  // the same in every run
  for (const unsigned most : {3U, 17U, 100U}) {
    Pieces pieces;
    for (std::string_view rest = body; !rest.empty();) {
      pieces.push_back(rest.substr(0, 1 + random() % most));
      rest.remove_prefix(pieces.back().size());
    }
    cuts.push_back(std::move(pieces));
  }
  return cuts;
}

// Compressed; `window_bits` as zlib has them: 31 for gzip, 15 for its own format, -15 for bare deflate.
inline std::string deflated(std::string_view text, int window_bits) {
  z_stream zlib = {};
  REQUIRE(deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&zlib, Z_FINISH) == Z_STREAM_END);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

struct Answer {
  std::string_view type = "application/json";
  int status = 200;
  std::string_view encoding = {};
  bool complete = true;
};

// What a body tells, with `chunks` for a stream and `content` where a first token was seen.
inline Attributes answer_in_pieces(const ApiMatch& match, const Pieces& pieces, const Answer& answer) {
  ResponseFacts facts;
  facts.begin(
      match,
      {.content_type = answer.type, .content_encoding = answer.encoding, .http_status = answer.status});
  for (const std::string_view piece : pieces) facts.feed(piece);
  facts.finish(answer.complete);
  journal::SpanDraft draft;
  facts.write(&draft);
  Attributes found = attributes_of(draft);
  if (facts.is_stream()) found["chunks"] = std::to_string(facts.chunks());
  if (facts.content_started()) found["content"] = "started";
  return found;
}

// The same for every cut of it.
inline Attributes answer_of(const ApiMatch& match, std::string_view body, const Answer& answer = {}) {
  const Attributes whole = answer_in_pieces(match, {body}, answer);
  std::size_t different = 0;
  for (const Pieces& pieces : many_cuts_of(body))
    different += answer_in_pieces(match, pieces, answer) != whole ? 1U : 0U;
  CHECK(different == 0);
  return whole;
}

inline Attributes request_in_pieces(const ApiMatch& match, const Pieces& pieces) {
  RequestFacts facts;
  facts.begin(match);
  for (const std::string_view piece : pieces) facts.feed(piece);
  journal::SpanDraft draft;
  facts.write(&draft);
  return attributes_of(draft);
}

// The attributes of a request body, the same for every cut of it.
inline Attributes request_of(const ApiMatch& match, std::string_view body) {
  const Attributes whole = request_in_pieces(match, {body});
  std::size_t different = 0;
  for (const Pieces& pieces : many_cuts_of(body))
    different += request_in_pieces(match, pieces) != whole ? 1U : 0U;
  CHECK(different == 0);
  return whole;
}

constexpr Answer kSse{.type = "text/event-stream"};
constexpr Answer kNdjson{.type = "application/x-ndjson"};
constexpr Answer kAwsEvents{.type = "application/vnd.amazon.eventstream"};

// --- AWS event streams -------------------------------------------------------------------------------------

inline std::string big_endian(std::uint32_t number, int bytes) {
  std::string text;
  for (int byte = bytes - 1; byte >= 0; --byte) text += static_cast<char>(number >> (8 * byte) & 0xff);
  return text;
}

using EventHeaders = std::vector<std::pair<std::string, std::string>>;

// A message with string headers; its checksums are zero, as nobody here reads them.
inline std::string aws_message(const EventHeaders& headers, std::string_view payload) {
  std::string head;
  for (const auto& [name, value] : headers) {
    head += static_cast<char>(name.size()) + name + '\x07' +
            big_endian(static_cast<std::uint32_t>(value.size()), 2) + value;
  }
  const auto size = static_cast<std::uint32_t>(16 + head.size() + payload.size());
  return big_endian(size, 4) + big_endian(static_cast<std::uint32_t>(head.size()), 4) + std::string(4, '\0') +
         head + std::string(payload) + std::string(4, '\0');
}

inline std::string aws_event(const std::string& type, std::string_view payload) {
  return aws_message(
      {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}, payload);
}

inline std::string base64_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t byte = at; byte < at + 3; ++byte)
      group = group << 8 | (byte < bytes.size() ? static_cast<unsigned char>(bytes[byte]) : 0U);
    for (std::size_t digit = 0; digit < 4; ++digit) {
      const bool padding = at + digit > bytes.size();
      text += padding ? '=' : kDigits[group >> (18 - 6 * digit) & 0x3f];
    }
  }
  return text;
}

// What InvokeModelWithResponseStream wraps around a document.
inline std::string aws_chunk(std::string_view document) {
  return aws_event("chunk", R"({"bytes":")" + base64_of(document) + R"(","p":"abcdefgh"})");
}

}  // namespace llmo::genai
