// The address of a ClickHouse server as people write it: `https://user:password@host:8443/database`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmo::clickhouse {

struct ServerUrl {
  std::string base;  // scheme, host, port and path, ending in `/`: no secrets, fit for messages
  std::string user;
  std::string password;
  std::string database;
  // Names of parameters that mean nothing here.
  std::vector<std::string> unused;
};

// What follows the last `/` of the path is the database, and so is `?database=`; `?user=` and `?password=`
// are what the user info is. All are percent-decoded, parameters win. A host without scheme is http, one
// without port has ClickHouse's own: 8123, or 8443 for https. Nothing where it is no http or https URL with a
// host.
std::optional<ServerUrl> parse_server_url(const std::string& text);

// Letters, digits, `_` and `-`, up to 128 of them: what databases and tables may be called here. Other names
// are possible in ClickHouse; who needs them can quote them himself, we take no chances with statements.
bool is_plain_name(std::string_view name);

}  // namespace llmo::clickhouse
