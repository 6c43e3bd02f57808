// Bytes as base64 text (RFC 4648, 4), as OTLP JSON has them.
#pragma once

#include <string>
#include <string_view>

namespace llmo::otlp {

std::string base64(std::string_view bytes);

}  // namespace llmo::otlp
