// How texts get into the page: packed, or as JSON that HTML cannot mistake for its own.
#pragma once

#include <string>
#include <string_view>

namespace llmo::html {

// gzip, then base64: letters, digits and +/= only. Throws std::bad_alloc where memory ends.
std::string packed(std::string_view text);

// `json` with every <, >, &, U+2028 and U+2029 as \uXXXX, which JSON allows in strings, where alone they can
// stand. The result means the same and holds nothing that ends a script element or begins another.
std::string embeddable(std::string_view json);

}  // namespace llmo::html
