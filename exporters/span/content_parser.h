// Reads captured content as a host wrote it (journal/content_format.h), whatever was cut off.
#pragma once

#include <string_view>
#include <vector>

#include "shim/journal/content_format.h"

namespace llmo {

// The views look into the text that was parsed.
struct CapturedPart {
  journal::ContentKind kind = journal::ContentKind::kText;
  bool cut = false;
  std::string_view text{};
  std::string_view id{};
  std::string_view name{};
  std::string_view mime{};
};

struct CapturedMessage {
  std::string_view role{};
  bool cut = false;
  std::vector<CapturedPart> parts{};
};

// Never fails: fields of a kind that is not known are left out.
std::vector<CapturedMessage> parse_content(std::string_view text);

}  // namespace llmo
