// AWS's binary event streams (Smithy 2.0, Amazon Event Stream Specification), as Bedrock answers with them.
//
//   total length 4 | length of headers 4 | CRC-32 of these 8 | headers | payload | CRC-32 of all before
//
// Numbers are big-endian. A header: length of the name 1 | name | type 1 (7: text) | length 2 | text.
#pragma once

#include <string>
#include <string_view>

namespace llmo::test {

// A message that is an event of that type, with a JSON payload.
std::string event_message(std::string_view type, std::string_view payload);
// A message that ends a stream: an exception that the service's model names.
std::string exception_message(std::string_view type, std::string_view payload);

// RFC 4648 4, with padding.
std::string base64(std::string_view bytes);

}  // namespace llmo::test
