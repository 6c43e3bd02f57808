#include "exporters/input/protobuf_parser.h"

#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/otlp/protobuf_reader.h"

namespace llmo::input {
namespace {

// OTLP's messages are some megabytes at most.
constexpr std::size_t kMaxMessage = 256U << 20;
constexpr std::size_t kMaxHeader = 2 * protozero::max_varint_length;
constexpr std::uint32_t kSpansField = 1U << 3 | 2;  // ResourceSpans in a request

// What stands before the content of a field, Protocol Buffers Encoding: tag, and a length where it has one.
struct FieldHeader {
  std::uint32_t tag = 0;
  std::size_t size = 0;
  std::uint64_t content = 0;  // bytes
};

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  try {
    const char* at = bytes.data();
    const std::uint64_t value = protozero::decode_varint(&at, bytes.data() + bytes.size());
    bytes.remove_prefix(static_cast<std::size_t>(at - bytes.data()));
    return value;
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
}

// Nothing where `bytes` do not begin with a whole header, or with none at all.
std::optional<FieldHeader> read_header(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto tag = take_varint(rest);
  if (!tag || *tag >> 3 == 0 || *tag > UINT32_MAX) return std::nullopt;
  FieldHeader header{static_cast<std::uint32_t>(*tag), bytes.size() - rest.size(), 0};
  std::optional<std::uint64_t> content;
  switch (*tag & 7) {
    case 0:
      content = take_varint(rest);
      if (content) content = bytes.size() - rest.size() - header.size;
      break;
    case 1:
      content = 8;
      break;
    case 2:
      content = take_varint(rest);
      header.size = bytes.size() - rest.size();
      break;
    case 5:
      content = 4;
      break;
    default:
      break;
  }
  if (!content) return std::nullopt;
  header.content = *content;
  return header;
}

void append_field(std::string& out, std::uint32_t tag, std::string_view content) {
  protozero::add_varint_to_buffer(&out, tag);
  protozero::add_varint_to_buffer(&out, content.size());
  out += content;
}

// The whole fields of a message that ends too early. Of one that is cut itself, at its end, what is whole in
// it: `levels` deep (ResourceSpans, its ScopeSpans); a span that is cut is none.
std::string whole_fields(std::string_view bytes, int levels) {
  constexpr std::uint32_t kNested[] = {2U << 3 | 2, kSpansField};  // by levels that are left
  std::string out;
  while (const auto header = read_header(bytes)) {
    const std::string_view content = bytes.substr(std::min(header->size, bytes.size()));
    if (header->content > content.size()) {
      if (levels > 0 && header->tag == kNested[levels - 1]) {
        append_field(out, header->tag, whole_fields(content, levels - 1));
      }
      break;
    }
    const std::size_t size = header->size + static_cast<std::size_t>(header->content);
    out += bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  return out;
}

}  // namespace

void ProtobufParser::read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) {
  while (!broken_ && skip() && read_field(at_end, take, counts)) {
  }
}

bool ProtobufParser::skip() {
  while (skip_ != 0) {
    if (window_.view().empty() && !window_.fill()) return false;
    const std::size_t size = std::min(skip_, window_.view().size());
    window_.consume(size);
    skip_ -= size;
  }
  return true;
}

// False where there is nothing more to read for now.
bool ProtobufParser::read_field(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) {
  window_.want(kMaxHeader);
  if (window_.view().empty()) return false;
  const auto header = read_header(window_.view().substr(0, kMaxHeader));
  if (!header) {
    broken_ = at_end || window_.view().size() >= kMaxHeader;
    return false;
  }
  if (header->tag != kSpansField || header->content > kMaxMessage) {
    too_large_ = too_large_ || header->content > kMaxMessage;
    window_.consume(std::min(header->size, window_.view().size()));
    skip_ = header->content;
    return true;
  }
  const std::size_t size = header->size + static_cast<std::size_t>(header->content);
  if (window_.want(size)) {
    otlp::read_otlp_protobuf(window_.view().substr(0, size), take, counts);
    window_.consume(size);
    return true;
  }
  if (at_end) {
    cut_off_ = true;
    otlp::read_otlp_protobuf(whole_fields(window_.view(), 2), take, counts);
    window_.consume(window_.view().size());
  }
  return false;
}

std::string ProtobufParser::problem() const {
  if (broken_) {
    return "it is damaged from byte " + std::to_string(window_.position()) +
           " on; what stood before was read";
  }
  if (cut_off_) return "it ends in the middle of a message; what is whole was read";
  return too_large_ ? "it has a message of more than 256 MiB, which was left out" : std::string();
}

}  // namespace llmo::input
