// OTLP strings are UTF-8; what a host records is bytes.
#pragma once

#include <string>
#include <string_view>

namespace llmo {

// The text with every sequence that is not UTF-8 replaced by U+FFFD, one for each maximal part of a sequence
// (Unicode 15, 3.9, "U+FFFD Substitution of Maximal Subparts").
std::string valid_utf8(std::string_view text);

// Whether all of it is ASCII, as almost every text is: such a text is valid as it stands.
bool is_ascii(std::string_view text);

}  // namespace llmo
