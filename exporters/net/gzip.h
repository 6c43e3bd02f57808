// Compressed request bodies (Content-Encoding: gzip).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llmo::net {

// Nothing where memory is short.
std::optional<std::string> gzip(std::string_view body);

}  // namespace llmo::net
