// Which file this library is.
#pragma once

#include <string_view>

namespace llmo::platform {

// The path that the loader has it by, perhaps relative to the directory the program began in; empty where it
// is part of the program. Takes no lock of the loader's.
std::string_view own_library_path();

}  // namespace llmo::platform
