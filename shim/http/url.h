// What a URL says: taken apart as libcurl does it, and written down without its secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/platform/fixed_text.h"

namespace llmo::http {

// Longest text that redacted_url() gives; longer ones are cut.
inline constexpr std::size_t kMaxRedactedUrlSize = 2048;
using RedactedUrl = platform::FixedText<kMaxRedactedUrlSize>;

// The parts of a URL. Those that are views look into the text that was parsed and live as long as that.
class Url {
 public:
  // Lower case; `http` where the text had none, as libcurl takes it.
  std::string_view scheme() const { return scheme_.view(); }
  // Lower case, without the brackets of an IPv6 address and without the dot that may end a name.
  std::string_view host() const { return host_.view(); }
  // As written, else what the scheme means, else 0.
  std::uint16_t port() const { return port_; }
  // From the slash on, `/` at least.
  std::string_view path() const { return path_; }
  // Without the question mark; empty where there is none.
  std::string_view query() const { return query_; }
  // True where the text holds a user name or a password.
  bool has_userinfo() const { return has_userinfo_; }

 private:
  friend bool parse_url(std::string_view text, Url* url);

  platform::FixedText<16> scheme_;
  platform::FixedText<255> host_;
  std::uint16_t port_ = 0;
  bool has_userinfo_ = false;
  std::string_view path_;
  std::string_view query_;
};

// Takes an absolute URL apart, or one without scheme, as curl_easy_setopt(CURLOPT_URL) accepts it. Returns
// false, and leaves `url` as it was, where there is no host or the port is none. Does not allocate. Threads:
// any.
bool parse_url(std::string_view text, Url* url);

// The URL for `url.full`: user name and password are replaced by `REDACTED:REDACTED`, values of query keys
// that look like secrets by `REDACTED`, the fragment (which never goes out) is dropped, bytes that are not
// printable ASCII are percent-encoded. Empty where the text cannot be parsed: what is not understood is not
// repeated. Does not allocate. Threads: any.
RedactedUrl redacted_url(std::string_view text);

}  // namespace llmo::http
