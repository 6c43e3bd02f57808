#include "exporters/cli/destination_checks.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "exporters/cli/exporter_choice.h"
#include "exporters/clickhouse/clickhouse_settings.h"
#include "exporters/clickhouse/connection.h"
#include "exporters/net/http_client.h"
#include "exporters/otlp/otlp_settings.h"
#include "exporters/session/export_history.h"
#include "exporters/session/recover.h"
#include "exporters/span/version.h"

namespace llmo::cli {
namespace {

constexpr std::chrono::seconds kProbeTimeout{3};
constexpr std::size_t kShownExports = 3;

Finding finding(Verdict verdict, std::string subject, std::string text) {
  return {verdict, std::move(subject), std::move(text)};
}

// The nearest directory above `path`, or itself, that is there.
std::string existing_part(std::string path) {
  while (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    path.resize(std::max<std::size_t>(slash, 1));
    if (slash == 0) break;
  }
  return path;
}

// The directory is made when the first trace is written.
Finding check_trace_dir(const config::Settings& settings) {
  const std::string place = existing_part(settings.trace_dir);
  if (::access(place.c_str(), W_OK | X_OK) == 0) return finding(Verdict::kGood, "file", settings.trace_dir);
  return finding(Verdict::kBad, "file",
                 fmt::format("{} cannot be written to: {}; LLMOBSERVE_TRACE_DIR names another place",
                             settings.trace_dir, std::strerror(errno)));
}

// A request without spans is a valid one, and an empty body is one.
net::HttpAnswer ask_collector(const otlp::OtlpSettings& settings) {
  const bool json = settings.protocol == otlp::Protocol::kJson;
  net::HttpOptions options;
  options.tls = settings.tls;
  options.timeout = kProbeTimeout;
  options.user_agent = fmt::format("llmobserve-check/{}", kVersion);
  net::HttpHeaders headers = settings.headers;
  headers.emplace_back("Content-Type", json ? "application/json" : "application/x-protobuf");
  return net::HttpClient(std::move(options)).post(settings.url, headers, json ? "{}" : "");
}

std::string advice_for(int status) {
  if (status == 401 || status == 403) return "look at OTEL_EXPORTER_OTLP_HEADERS";
  if (status == 404 || status == 405) return "look at the path: it usually ends in /v1/traces";
  if (status == 415) return "it may want the other OTEL_EXPORTER_OTLP_PROTOCOL";
  if (status == 429 || status >= 500) return "it may be so for a while";
  return "is it an OTLP endpoint?";
}

Finding check_collector(const otlp::OtlpSettings& settings) {
  const std::string where = otlp::describe(settings);
  const net::HttpAnswer answer = ask_collector(settings);
  if (answer.status >= 200 && answer.status < 300)
    return finding(Verdict::kGood, "otlp", where + ": it answers");
  if (answer.status == 0) {
    return finding(
        Verdict::kBad, "otlp",
        fmt::format("{}: {}; spans wait in the journal until it can be reached", where, answer.problem));
  }
  return finding(Verdict::kBad, "otlp",
                 fmt::format("{}: it answers with {}; {}", where, answer.status, advice_for(answer.status)));
}

void check_otlp(Findings& findings) {
  const otlp::OtlpSettings settings = otlp::read_otlp_settings();
  for (const std::string& note : settings.notes) findings.push_back(finding(Verdict::kNote, "otlp", note));
  findings.push_back(check_collector(settings));
}

void check_clickhouse(Findings& findings) {
  clickhouse::ClickHouseSettings settings = clickhouse::read_clickhouse_settings();
  for (const std::string& note : settings.notes) {
    findings.push_back(finding(Verdict::kNote, "clickhouse", note));
  }
  settings.timeout = kProbeTimeout;
  clickhouse::Connection connection(settings, {});
  const clickhouse::Reply reply = connection.run("SELECT 1");
  const std::string table =
      fmt::format("{}, table {}.{}", connection.address(), settings.database, settings.table);
  findings.push_back(reply.taken()
                         ? finding(Verdict::kGood, "clickhouse", table + ": it answers")
                         : finding(Verdict::kBad, "clickhouse", table + ": " + reply.verdict.sentence));
}

std::string age(std::uint64_t unix_seconds) {
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  const std::uint64_t seconds = now - std::min(now, unix_seconds);
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
  return seconds < 48 * 3600 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} days", seconds / 86400);
}

std::string text_of(const session::DestinationReport& report) {
  std::string text = fmt::format("{} {} spans", report.name, report.counts.exported);
  if (report.counts.dropped != 0) text += fmt::format(", {} refused", report.counts.dropped);
  if (report.counts.retried != 0) text += fmt::format(", {} attempts repeated", report.counts.retried);
  if (report.lost_batches != 0) text += fmt::format(", {} batches lost with their file", report.lost_batches);
  if (report.behind) text += ", not all";
  if (!report.problem.empty()) text += fmt::format(" (last problem: {})", report.problem);
  return text;
}

Finding finding_of(const session::HistoryEntry& entry) {
  bool smooth = entry.complete;
  std::string text = fmt::format("{} ago, {}:", age(entry.unix_seconds), entry.session);
  for (const session::DestinationReport& report : entry.destinations) {
    text += (text.ends_with(':') ? " " : "; ") + text_of(report);
    smooth = smooth && report.counts.dropped == 0 && report.lost_batches == 0;
  }
  if (entry.not_sampled != 0) text += fmt::format("; {} not sampled", entry.not_sampled);
  if (!entry.complete) text += "; not all is exported";
  return finding(smooth ? Verdict::kGood : Verdict::kNote, "exported", std::move(text));
}

}  // namespace

Findings check_destinations(const config::Settings& settings) {
  const ExporterChoice choice = choose_exporters(settings);
  const std::string names = describe(choice);
  Findings findings = {names == "none"
                           ? finding(Verdict::kNote, "exporters", "none: spans are recorded and then dropped")
                           : finding(Verdict::kGood, "exporters", names)};
  if (choice.file) findings.push_back(check_trace_dir(settings));
  if (choice.otlp) check_otlp(findings);
  if (choice.clickhouse) check_clickhouse(findings);
  return findings;
}

Findings check_history(const config::Settings& settings) {
  const auto history = session::read_history(session::journal_directory(settings));
  Findings findings;
  const std::size_t shown = std::min(history.size(), kShownExports);
  for (std::size_t i = history.size() - shown; i < history.size(); ++i) {
    findings.push_back(finding_of(history[i]));
  }
  return findings;
}

}  // namespace llmo::cli
