#include "exporters/net/printable.h"

namespace llmo::net {

std::string printable(std::string_view text) {
  std::string shown;
  for (const char byte : text) {
    if (shown.size() >= kMostShown) return shown + "...";
    const auto code = static_cast<unsigned char>(byte);
    const bool blank = code <= ' ' || code == 0x7f;
    if (blank && (shown.empty() || shown.back() == ' ')) continue;
    shown += blank ? ' ' : code < 0x7f ? byte : '?';
  }
  while (shown.ends_with(' ')) shown.pop_back();
  return shown;
}

}  // namespace llmo::net
