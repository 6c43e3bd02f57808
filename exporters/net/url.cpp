#include "exporters/net/url.h"

#include <cstddef>

#include "exporters/net/url_parts.h"
#include "shim/config/text.h"

namespace llmo::net {

std::string shown_url(const std::string& url) {
  UrlParts parts(url);
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    parts.set(part, {});
  }
  std::string shown = parts.get(CURLUPART_URL);
  return shown.empty() ? "an unreadable URL" : shown;
}

bool may_follow(const std::string& from, const std::string& to) {
  const UrlParts old_url(from);
  const UrlParts new_url(to);
  if (!old_url.valid() || !new_url.valid()) return false;
  if (!config::equal_ignoring_case(old_url.get(CURLUPART_HOST), new_url.get(CURLUPART_HOST))) return false;
  const std::string scheme = new_url.get(CURLUPART_SCHEME);
  if (scheme == "https" && old_url.get(CURLUPART_SCHEME) == "http") return true;
  return scheme == old_url.get(CURLUPART_SCHEME) &&
         new_url.get(CURLUPART_PORT, CURLU_DEFAULT_PORT) == old_url.get(CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? config::hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? config::hex_digit(text[at + 2]) : -1;
    if (low < 0) {
      decoded += text[at];
      continue;
    }
    decoded += static_cast<char>(high << 4 | low);
    at += 2;
  }
  return decoded;
}

}  // namespace llmo::net
