// Questions about JSON that is still text.
#pragma once

#include <string>
#include <string_view>

namespace llmo {

// True where the text is one whole JSON object or array, and nothing else.
bool is_json_container(std::string_view text);

// An array that was cut, closed behind its last whole element: `[1,{"a":2},{"b` is `[1,{"a":2}]`. `[]` where
// there is none, or the text is no array.
std::string closed_json_array(std::string_view text);

}  // namespace llmo
