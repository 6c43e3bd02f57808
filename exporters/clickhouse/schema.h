// The tables that spans go into, as SQL.
//
// The full layout is that of the OpenTelemetry Collector's ClickHouse exporter (table names, columns, types,
// codecs, indexes, order), so that dashboards made for it work, and both can write into one table:
//
//   otel_traces                  a row for each span
//   otel_traces_trace_id_ts      from when to when each trace lasts, to find it without reading everything
//   otel_traces_trace_id_ts_mv   the view that fills it
//
// Ours alone is the setting non_replicated_deduplication_window: a batch that is sent again, as its answer
// was lost, is taken once.
//
// The plain layout is for servers before 22.3, which know no Map, no DateTime64 or not all that the above
// asks of them: times are a DateTime and its nanoseconds, attributes are a list of keys and a list of values.
// Repeated rows disappear when parts are merged (ReplacingMergeTree).
//
// Source: opentelemetry-collector-contrib, exporter/clickhouseexporter (internal/sqltemplates).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmo::clickhouse {

enum class Layout { kFull, kPlain };

struct ServerVersion {
  unsigned major = 0;
  unsigned minor = 0;
  friend bool operator==(const ServerVersion&, const ServerVersion&) = default;
};

// Whether a server has all that the full layout and the settings of its inserts need: from 22.3 on.
constexpr bool knows_full_layout(const ServerVersion& version) {
  return version.major > 22 || (version.major == 22 && version.minor >= 3);
}

// The columns that a layout's rows fill, in order.
std::span<const std::string_view> columns_of(Layout layout);

// `name` as a statement may hold it; is_plain_name() is what makes the quotes enough.
std::string quoted(std::string_view name);

struct Schema {
  std::string database;  // plain names
  std::string table;
  std::uint64_t ttl_days = 0;

  [[nodiscard]] std::string qualified(std::string_view suffix = {}) const;  // `database`.`table<suffix>`

  // What creates what is missing, one statement each, in order. All of them may be repeated.
  [[nodiscard]] std::vector<std::string> create_statements(Layout layout) const;
  // Answers `table <tab> column <tab> type` for each column that there is, of all tables above.
  [[nodiscard]] std::string columns_query() const;
  // Ends in `FORMAT JSONEachRow`: rows are the body.
  [[nodiscard]] std::string insert_statement(std::span<const std::string> columns) const;
};

inline constexpr std::string_view kTimesSuffix = "_trace_id_ts";
inline constexpr std::string_view kTimesViewSuffix = "_trace_id_ts_mv";

}  // namespace llmo::clickhouse
