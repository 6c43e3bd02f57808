#include "exporters/clickhouse/server_url.h"

#include <algorithm>

#include "exporters/clickhouse/take_until.h"
#include "exporters/net/url.h"
#include "exporters/net/url_parts.h"
#include "shim/config/text.h"

namespace llmo::clickhouse {
namespace {

using net::percent_decoded;

void read_parameters(std::string_view query, ServerUrl& url) {
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    if (name == "database") {
      url.database = percent_decoded(value);
    } else if (name == "user") {
      url.user = percent_decoded(value);
    } else if (name == "password") {
      url.password = percent_decoded(value);
    } else if (!name.empty()) {
      url.unused.emplace_back(name);
    }
  }
}

}  // namespace

std::optional<ServerUrl> parse_server_url(const std::string& text) {
  const bool has_scheme = text.find("://") != std::string::npos;
  const net::UrlParts parts(has_scheme ? text : "http://" + text);
  const std::string scheme = parts.get(CURLUPART_SCHEME);
  const std::string host = parts.get(CURLUPART_HOST);
  if (host.empty() || (scheme != "http" && scheme != "https")) return std::nullopt;

  ServerUrl url;
  url.user = percent_decoded(parts.get(CURLUPART_USER));
  url.password = percent_decoded(parts.get(CURLUPART_PASSWORD));
  const std::string path = parts.get(CURLUPART_PATH);
  const std::size_t database = path.rfind('/') + 1;
  url.database = percent_decoded(std::string_view(path).substr(database));
  read_parameters(parts.get(CURLUPART_QUERY), url);

  std::string port = parts.get(CURLUPART_PORT);
  if (port.empty()) port = scheme == "https" ? "8443" : "8123";
  url.base = scheme + "://" + host + ":" + port + path.substr(0, database);
  return url;
}

bool is_plain_name(std::string_view name) {
  constexpr std::size_t kLongest = 128;
  return !name.empty() && name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
    return config::is_letter_or_digit(c) || c == '_' || c == '-';
  });
}

}  // namespace llmo::clickhouse
