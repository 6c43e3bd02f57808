// Makes the directory of a new session (shim/journal/format.h says what comes into it).
#pragma once

#include <string>

namespace llmo::cli {

// Makes `directory` and what is missing above it, 0700. False, with errno, where it is not a directory of
// this user afterwards (EPERM: it is somebody else's).
bool make_private_directory(const std::string& directory);

// A new `<pid>-<random>` below `journal_dir`, which is made where it is missing. Returns its absolute path,
// or an empty string with errno.
std::string make_session_dir(const std::string& journal_dir);

}  // namespace llmo::cli
