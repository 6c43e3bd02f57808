#include "exporters/clickhouse/connection.h"

#include <fmt/format.h>

#include <ctime>

#include "exporters/net/retry.h"
#include "exporters/span/version.h"
#include "shim/config/text.h"

namespace llmo::clickhouse {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (config::is_letter_or_digit(c) || c == '-' || c == '_' || c == '.') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

net::HttpOptions http_options(const ClickHouseSettings& settings, std::function<bool()> stop_requested) {
  net::HttpOptions options;
  options.tls = settings.tls;
  options.gzip = true;
  options.timeout = settings.timeout;
  options.user_agent = fmt::format("llmobserve/{}", kVersion);
  options.password = settings.password;
  // A password alone is that of ClickHouse's own user.
  options.user = settings.user.empty() && !settings.password.empty() ? "default" : settings.user;
  options.stop_requested = std::move(stop_requested);
  return options;
}

}  // namespace

Connection::Connection(const ClickHouseSettings& settings, std::function<bool()> stop_requested)
    : url_(settings.url), http_(http_options(settings, std::move(stop_requested))) {}

Reply Connection::post(const std::string& url, std::string_view body) {
  net::HttpAnswer answer = http_.post(url, {{"Content-Type", "text/plain; charset=UTF-8"}}, body);
  Reply reply;
  reply.verdict = judge(answer, url_);
  if (reply.taken()) {
    reply.text = std::move(answer.body);
  } else if (!answer.retry_after.empty()) {
    reply.retry_after = net::parse_retry_after(answer.retry_after, std::time(nullptr))
                            .value_or(std::chrono::milliseconds::zero());
  }
  return reply;
}

Reply Connection::run(const std::string& statement) { return post(url_, statement); }

Reply Connection::insert(const std::string& statement, std::span<const InsertSetting> settings,
                         std::string_view rows) {
  std::string url = fmt::format("{}?query={}", url_, percent_encoded(statement));
  for (const auto& [name, value] : settings) url += fmt::format("&{}={}", name, percent_encoded(value));
  Reply reply = post(url, rows);
  if (reply.taken() && !config::trim(reply.text).empty()) {
    reply.verdict = {Outcome::kConfiguration, not_clickhouse(url_)};
  }
  return reply;
}

}  // namespace llmo::clickhouse
