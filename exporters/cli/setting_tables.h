// Every environment variable that the library and the program read, from the tables of all parts.
#pragma once

#include <vector>

#include "shim/config/settings.h"

namespace llmo::cli {

// In the order in which they are shown: those of the library first.
std::vector<config::SettingInfo> all_settings();

}  // namespace llmo::cli
