#include "exporters/clickhouse/clickhouse_settings.h"

#include <fmt/format.h>

#include <utility>

#include "exporters/clickhouse/server_url.h"
#include "shim/config/values.h"

namespace llmo::clickhouse {
namespace {

constexpr char kUrl[] = "LLMOBSERVE_CLICKHOUSE_URL";
constexpr char kDatabase[] = "LLMOBSERVE_CLICKHOUSE_DATABASE";
constexpr char kTableName[] = "LLMOBSERVE_CLICKHOUSE_TABLE";
constexpr char kUser[] = "LLMOBSERVE_CLICKHOUSE_USER";
constexpr char kPassword[] = "LLMOBSERVE_CLICKHOUSE_PASSWORD";
constexpr char kCreateSchema[] = "LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA";
constexpr char kTtl[] = "LLMOBSERVE_CLICKHOUSE_TTL";
constexpr char kTimeout[] = "LLMOBSERVE_CLICKHOUSE_TIMEOUT";
constexpr char kCertificate[] = "LLMOBSERVE_CLICKHOUSE_CERTIFICATE";
constexpr char kClientCertificate[] = "LLMOBSERVE_CLICKHOUSE_CLIENT_CERTIFICATE";
constexpr char kClientKey[] = "LLMOBSERVE_CLICKHOUSE_CLIENT_KEY";

constexpr std::uint64_t kMostDays = 36'500;

constexpr config::SettingInfo kRows[] = {
    {.variable = kUrl,
     .default_text = "http://localhost:8123",
     .meaning = "ClickHouse's HTTP address; user, password and database may stand in it",
     .values = "a URL: http://host:8123, https://user:password@host:8443/database"},
    {.variable = kDatabase,
     .default_text = "default",
     .meaning = "the database of the table; wins over one in the URL",
     .values = "a name of letters, digits, _ and -"},
    {.variable = kTableName,
     .default_text = "otel_traces",
     .meaning = "the table that spans go into",
     .values = "a name of letters, digits, _ and -"},
    {.variable = kUser,
     .default_text = "",
     .meaning = "ClickHouse user; wins over one in the URL",
     .values = "a user name"},
    {.variable = kPassword, .default_text = "", .meaning = "that user's password", .values = "a password"},
    {.variable = kCreateSchema,
     .default_text = "true",
     .meaning = "create database and tables where they are missing",
     .values = "true or false"},
    {.variable = kTtl,
     .default_text = "0",
     .meaning = "days after which ClickHouse deletes spans, set when the table is created; 0: never",
     .values = "a number of days up to 36500"},
    {.variable = kTimeout,
     .default_text = "30000",
     .meaning = "longest wait for an answer of ClickHouse, in milliseconds",
     .values = "a number of milliseconds"},
    {.variable = kCertificate,
     .default_text = "",
     .meaning = "PEM file of the authorities that ClickHouse's certificate is held against",
     .values = "a path"},
    {.variable = kClientCertificate,
     .default_text = "",
     .meaning = "PEM file of the certificate to show to ClickHouse",
     .values = "a path"},
    {.variable = kClientKey,
     .default_text = "",
     .meaning = "PEM file of that certificate's key",
     .values = "a path"},
};

// The value itself is not shown: a password may stand in it.
void read_url(config::EnvironmentReader& environment, ClickHouseSettings& settings) {
  const std::string text = environment.text({kUrl});
  if (text.empty()) return;
  const std::optional<ServerUrl> url = parse_server_url(text);
  if (!url) {
    environment.note(fmt::format("{}: not an http or https URL such as http://localhost:8123; using {}", kUrl,
                                 settings.url));
    return;
  }
  for (const std::string& name : url->unused) {
    environment.note(fmt::format("{}: the parameter \"{}\" means nothing here; the URL is used without it",
                                 kUrl, config::excerpt(name)));
  }
  settings.url = url->base;
  settings.user = url->user;
  settings.password = url->password;
  if (url->database.empty()) return;
  if (is_plain_name(url->database)) {
    settings.database = url->database;
  } else {
    environment.note(fmt::format("{}: \"{}\" is not a database name of letters, digits, _ and -; using {}",
                                 kUrl, config::excerpt(url->database), settings.database));
  }
}

void read_name(config::EnvironmentReader& environment, const char* variable, std::string& name) {
  std::string value = environment.text({variable});
  if (value.empty()) return;
  if (is_plain_name(value)) {
    name = std::move(value);
  } else {
    environment.note(fmt::format("{}: \"{}\" is not a name of letters, digits, _ and -; using {}", variable,
                                 config::excerpt(value), name));
  }
}

void read_text(const config::EnvironmentReader& environment, const char* variable, std::string& text) {
  std::string value = environment.text({variable});
  if (!value.empty()) text = std::move(value);
}

}  // namespace

ClickHouseSettings read_clickhouse_settings(config::EnvironmentReader environment) {
  ClickHouseSettings settings;
  read_url(environment, settings);
  read_name(environment, kDatabase, settings.database);
  read_name(environment, kTableName, settings.table);
  read_text(environment, kUser, settings.user);
  read_text(environment, kPassword, settings.password);
  settings.create_schema = environment.boolean({kCreateSchema}, settings.create_schema);
  settings.ttl_days = environment.number({kTtl}, settings.ttl_days, 0, kMostDays);
  settings.timeout = environment.milliseconds({kTimeout}, settings.timeout);
  read_text(environment, kCertificate, settings.tls.authorities);
  read_text(environment, kClientCertificate, settings.tls.client_certificate);
  read_text(environment, kClientKey, settings.tls.client_key);
  settings.notes = environment.notes();
  return settings;
}

std::span<const config::SettingInfo> clickhouse_setting_table() { return kRows; }

}  // namespace llmo::clickhouse
