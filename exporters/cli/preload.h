// Which library is preloaded into a program, and what LD_PRELOAD says then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace llmo::cli {

inline constexpr std::string_view kLibraryName = "libllmobserve.so";

// Path of this program, absolute; empty where /proc does not tell.
std::string own_path();

// Where libllmobserve.so may be, best first: `chosen` (LLMOBSERVE_LIBRARY) alone where it is not empty; else
// next to the program at `program_path`, and in `../lib`.
std::vector<std::string> library_candidates(std::string_view chosen, std::string_view program_path);

// The first candidate that is there, or an empty string. Uses LLMOBSERVE_LIBRARY and own_path().
std::string find_library();

// The sentence that goes with an empty find_library().
std::string library_missing();

// ld.so(8) splits LD_PRELOAD at blanks and colons and knows no quoting.
bool can_be_preloaded(std::string_view path);

// LD_PRELOAD for a program: an AddressSanitizer runtime first (it refuses to start behind another library),
// then `library`, then what `existing` held, in its order and without the two.
std::string preload_value(std::string_view library, std::string_view asan_runtime, std::string_view existing);

}  // namespace llmo::cli
