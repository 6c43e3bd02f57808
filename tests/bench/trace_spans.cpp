#include "tests/bench/trace_spans.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace llmo::bench {

// An OTLP span, and nothing else in such a file, has the key "spanId"; a link would have it too, but plain
// calls have no links.
std::size_t count_spans(const std::filesystem::path& directory) {
  static constexpr std::string_view kKey = "\"spanId\"";
  std::size_t spans = 0;
  std::string text(1 << 20, '\0');
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{directory, error}) {
    std::ifstream file{entry.path(), std::ios::binary};
    std::size_t kept = 0;  // bytes of the last piece that may begin a key
    while (file.read(text.data() + kept, static_cast<std::streamsize>(text.size() - kept)) ||
           file.gcount() > 0) {
      const std::string_view piece{text.data(), kept + static_cast<std::size_t>(file.gcount())};
      for (std::size_t at = piece.find(kKey); at != piece.npos; at = piece.find(kKey, at + 1)) ++spans;
      kept = std::min(piece.size(), kKey.size() - 1);
      piece.copy(text.data(), kept, piece.size() - kept);
    }
  }
  return spans;
}

}  // namespace llmo::bench
