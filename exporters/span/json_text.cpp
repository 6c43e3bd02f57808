#include "exporters/span/json_text.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstddef>

namespace llmo {

bool is_json_container(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || (text[first] != '{' && text[first] != '[')) return false;
  // The parser takes a NUL for the end of the text.
  if (text.find('\0') != text.npos) return false;
  // Iterative: the depth comes from the network.
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> ignore;
  return !reader.Parse<kFlags>(stream, ignore).IsError();
}

std::string closed_json_array(std::string_view text) {
  std::size_t depth = 0;
  std::size_t end = 0;  // behind the last element that is a whole container
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (in_string) {
      if (byte == '\\') ++at;
      if (byte == '"') in_string = false;
    } else if (byte == '"') {
      in_string = true;
    } else if (byte == '[' || byte == '{') {
      ++depth;
    } else if (byte == ']' || byte == '}') {
      if (depth == 0) break;
      if (--depth == 1) end = at + 1;
    }
  }
  const bool is_array = text.starts_with('[');
  return is_array && end != 0 ? std::string(text.substr(0, end)).append("]") : "[]";
}

}  // namespace llmo
