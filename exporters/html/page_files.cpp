#include "exporters/html/page_files.h"

#include <cstddef>

extern "C" {
extern const char llmo_page_html[];
extern const char llmo_page_style[];
extern const char llmo_page_script[];
extern const char llmo_page_end[];
}

namespace llmo::html {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view page_html() { return between(llmo_page_html, llmo_page_style); }
std::string_view page_style() { return between(llmo_page_style, llmo_page_script); }
std::string_view page_script() { return between(llmo_page_script, llmo_page_end); }

}  // namespace llmo::html
