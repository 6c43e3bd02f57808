// Statements to one ClickHouse server over its HTTP interface, one after the other.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "exporters/clickhouse/clickhouse_settings.h"
#include "exporters/clickhouse/server_answer.h"
#include "exporters/net/http_client.h"

namespace llmo::clickhouse {

struct Reply {
  Verdict verdict;
  std::string text;                         // what the statement answered, where it was taken
  std::chrono::milliseconds retry_after{};  // what the server asks for; zero: nothing

  [[nodiscard]] bool taken() const { return verdict.outcome == Outcome::kTaken; }
};

using InsertSetting = std::pair<std::string_view, std::string>;

class Connection {
 public:
  // `stop_requested`: as in net::HttpOptions.
  Connection(const ClickHouseSettings& settings, std::function<bool()> stop_requested);

  Reply run(const std::string& statement);
  // The statement goes into the URL, the rows are the body. An answer with a text is none of ClickHouse's.
  Reply insert(const std::string& statement, std::span<const InsertSetting> settings, std::string_view rows);

  // How messages name the server: its URL, without secrets.
  [[nodiscard]] const std::string& address() const { return url_; }

 private:
  Reply post(const std::string& url, std::string_view body);

  std::string url_;
  net::HttpClient http_;
};

}  // namespace llmo::clickhouse
