// Sources: opentelemetry-proto 1.x, collector/trace/v1/trace_service.proto; googleapis,
// google/rpc/status.proto.
#include "exporters/otlp/otlp_answer.h"

#include <rapidjson/document.h>

#include <charconv>
#include <optional>
#include <protozero/pbf_message.hpp>

#include "exporters/file/json_member.h"
#include "exporters/otlp/wire.h"
#include "shim/config/text.h"

namespace llmo::otlp {
namespace {

using file::member;

// A JSON value takes up to 16 times its bytes.
constexpr std::size_t kMostParsed = 1 << 20;

// No protobuf message of ours begins with a brace: it would be a group of field 15.
bool looks_like_json(std::string_view body) { return config::trim(body).starts_with('{'); }

// --- protobuf ----------------------------------------------------------------------------------------------

void read_partial_success(protozero::pbf_reader fields, ExportAnswer& answer) {
  while (fields.next()) {
    if (fields.tag_and_type() == wire::varint(1)) {
      answer.rejected_spans = fields.get_int64();
    } else if (fields.tag_and_type() == wire::bytes(2)) {
      answer.message = fields.get_string();
    } else {
      fields.skip();
    }
  }
}

ExportAnswer read_protobuf_answer(std::string_view body) {
  ExportAnswer answer;
  protozero::pbf_reader fields(body.data(), body.size());
  while (fields.next()) {
    if (fields.tag_and_type() == wire::bytes(1)) {
      read_partial_success(fields.get_message(), answer);
    } else {
      fields.skip();
    }
  }
  return answer;
}

std::optional<std::string> read_protobuf_status(std::string_view body) {
  std::optional<std::string> message;
  try {
    protozero::pbf_reader fields(body.data(), body.size());
    while (fields.next()) {
      if (fields.tag_and_type() == wire::bytes(2)) {
        message = fields.get_string();
      } else {
        fields.skip();
      }
    }
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
  return message;
}

// --- JSON --------------------------------------------------------------------------------------------------

// Null where it is no object. Iterative: the depth of the text is the sender's.
rapidjson::Document parse_object(std::string_view body) {
  rapidjson::Document document;
  if (body.size() <= kMostParsed) document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject()) document.SetNull();
  return document;
}

std::string text_of(const rapidjson::Value* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

// 64-bit numbers are strings in OTLP JSON, and numbers are to be taken as well.
std::int64_t number_of(const rapidjson::Value* value) {
  if (value == nullptr) return 0;
  if (value->IsInt64()) return value->GetInt64();
  std::int64_t number = 0;
  const std::string text = text_of(value);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? number : 0;
}

ExportAnswer read_json_answer(std::string_view body) {
  ExportAnswer answer;
  const rapidjson::Document document = parse_object(body);
  answer.readable = document.IsObject();
  const rapidjson::Value* const partial = answer.readable ? member(document, "partialSuccess") : nullptr;
  if (partial == nullptr || !partial->IsObject()) return answer;
  answer.rejected_spans = number_of(member(*partial, "rejectedSpans"));
  answer.message = text_of(member(*partial, "errorMessage"));
  return answer;
}

std::string read_json_status(std::string_view body) {
  const rapidjson::Document document = parse_object(body);
  return document.IsObject() ? text_of(member(document, "message")) : std::string();
}

}  // namespace

ExportAnswer read_export_answer(std::string_view body) {
  if (looks_like_json(body)) return read_json_answer(body);
  ExportAnswer answer;
  try {
    return read_protobuf_answer(body);
  } catch (const protozero::exception&) {
    answer.readable = false;
  }
  return answer;
}

std::string read_failure_message(std::string_view body) {
  if (looks_like_json(body)) {
    std::string message = read_json_status(body);
    if (!message.empty()) return message;
  } else if (auto message = read_protobuf_status(body)) {
    return *std::move(message);
  }
  return std::string(body);
}

}  // namespace llmo::otlp
