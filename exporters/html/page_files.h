// The files of exporters/html/page, which are built into the program (page_files.S).
#pragma once

#include <string_view>

namespace llmo::html {

std::string_view page_html();
std::string_view page_style();
std::string_view page_script();

}  // namespace llmo::html
