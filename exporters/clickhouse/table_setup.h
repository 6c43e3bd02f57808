// Finds out how spans go into the table of this server, and creates what is missing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/clickhouse/clickhouse_settings.h"
#include "exporters/clickhouse/connection.h"
#include "exporters/clickhouse/schema.h"

namespace llmo::clickhouse {

// A table that takes spans.
struct Target {
  Layout layout = Layout::kFull;
  ServerVersion version;
  std::string insert_statement;
};

struct Setup {
  Reply reply;  // not taken: why there is no target
  std::optional<Target> target;
  std::string warning;  // one sentence, where something is not as it could be
};

// A table that is there is used as it is, whoever made it: its columns say which layout it has, and columns
// that it does not have are left out. Else it is made in the layout that the server's version can hold.
Setup set_up_table(Connection& connection, const ClickHouseSettings& settings);

// `24.8.3.1-lts` is 24.8.
std::optional<ServerVersion> parse_version(std::string_view text);

}  // namespace llmo::clickhouse
