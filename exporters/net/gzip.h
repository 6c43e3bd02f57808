// gzip (RFC 1952), for request bodies and trace files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llmo::net {

// One member. `level`: zlib's, 1 to 9. Nothing where memory is short, or beyond 4 GiB.
std::optional<std::string> gzip(std::string_view bytes, int level);

}  // namespace llmo::net
