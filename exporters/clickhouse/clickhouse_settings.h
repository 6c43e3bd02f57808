// What LLMOBSERVE_CLICKHOUSE_* say: which server, which table, as whom.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exporters/config/environment_reader.h"
#include "exporters/net/http_client.h"
#include "shim/config/settings.h"

namespace llmo::clickhouse {

struct ClickHouseSettings {
  std::string url = "http://localhost:8123/";  // ends in `/`; without user info and parameters
  std::string user;                            // empty: ClickHouse's user `default`
  std::string password;
  std::string database = "default";  // this and the table: is_plain_name()
  std::string table = "otel_traces";
  bool create_schema = true;
  std::uint64_t ttl_days = 0;  // 0: rows stay
  net::TlsFiles tls;
  std::chrono::milliseconds timeout{30'000};
  // What could not be read, and what is used instead. Never shows a password.
  std::vector<std::string> notes;
};

ClickHouseSettings read_clickhouse_settings(config::EnvironmentReader environment = {});

// For help texts and the README.
std::span<const config::SettingInfo> clickhouse_setting_table();

}  // namespace llmo::clickhouse
