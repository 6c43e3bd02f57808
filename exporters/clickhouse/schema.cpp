#include "exporters/clickhouse/schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace llmo::clickhouse {
namespace {

constexpr std::array<std::string_view, 22> kFullColumns = {
    "Timestamp",          "TraceId",           "SpanId",        "ParentSpanId",
    "TraceState",         "SpanName",          "SpanKind",      "ServiceName",
    "ResourceAttributes", "ScopeName",         "ScopeVersion",  "SpanAttributes",
    "Duration",           "StatusCode",        "StatusMessage", "Events.Timestamp",
    "Events.Name",        "Events.Attributes", "Links.TraceId", "Links.SpanId",
    "Links.TraceState",   "Links.Attributes"};

constexpr std::array<std::string_view, 28> kPlainColumns = {"Timestamp",
                                                            "Nanoseconds",
                                                            "TraceId",
                                                            "SpanId",
                                                            "ParentSpanId",
                                                            "TraceState",
                                                            "SpanName",
                                                            "SpanKind",
                                                            "ServiceName",
                                                            "ResourceAttributes.Key",
                                                            "ResourceAttributes.Value",
                                                            "ScopeName",
                                                            "ScopeVersion",
                                                            "SpanAttributes.Key",
                                                            "SpanAttributes.Value",
                                                            "Duration",
                                                            "StatusCode",
                                                            "StatusMessage",
                                                            "Events.Timestamp",
                                                            "Events.Nanoseconds",
                                                            "Events.Name",
                                                            "Events.AttributeKeys",
                                                            "Events.AttributeValues",
                                                            "Links.TraceId",
                                                            "Links.SpanId",
                                                            "Links.TraceState",
                                                            "Links.AttributeKeys",
                                                            "Links.AttributeValues"};

// As many batches as are remembered: enough for a fleet that repeats one after a minute's outage.
constexpr int kRememberedBatches = 10'000;

// Arguments: the table, its TTL clause or nothing, kRememberedBatches.
constexpr char kFullTable[] = R"(CREATE TABLE IF NOT EXISTS {0}
(
    Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested (Timestamp DateTime64(9), Name LowCardinality(String),
                   Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    Links Nested (TraceId String, SpanId String, TraceState String,
                  Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
{1}SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = {2})";

constexpr char kTimesTable[] = R"(CREATE TABLE IF NOT EXISTS {0}
(
    TraceId String CODEC(ZSTD(1)),
    Start DateTime CODEC(Delta, ZSTD(1)),
    End DateTime CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
{1}SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = {2})";

// Arguments: the view, the table that it fills, the table that it reads.
constexpr char kTimesView[] = R"(CREATE MATERIALIZED VIEW IF NOT EXISTS {0} TO {1}
AS SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM {2}
WHERE TraceId != ''
GROUP BY TraceId)";

constexpr char kPlainTable[] = R"(CREATE TABLE IF NOT EXISTS {0}
(
    Timestamp DateTime,
    Nanoseconds UInt32,
    TraceId String,
    SpanId String,
    ParentSpanId String,
    TraceState String,
    SpanName String,
    SpanKind String,
    ServiceName String,
    ResourceAttributes Nested (Key String, Value String),
    ScopeName String,
    ScopeVersion String,
    SpanAttributes Nested (Key String, Value String),
    Duration UInt64,
    StatusCode String,
    StatusMessage String,
    Events Nested (Timestamp DateTime, Nanoseconds UInt32, Name String,
                   AttributeKeys Array(String), AttributeValues Array(String)),
    Links Nested (TraceId String, SpanId String, TraceState String,
                  AttributeKeys Array(String), AttributeValues Array(String))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, Timestamp, TraceId, SpanId)
SETTINGS index_granularity = 8192)";

std::string ttl_clause(std::string_view column, std::uint64_t days) {
  if (days == 0) return {};
  return fmt::format("TTL toDateTime({}) + toIntervalDay({})\n", column, days);
}

}  // namespace

std::span<const std::string_view> columns_of(Layout layout) {
  if (layout == Layout::kFull) return kFullColumns;
  return kPlainColumns;
}

std::string quoted(std::string_view name) { return fmt::format("`{}`", name); }

std::string Schema::qualified(std::string_view suffix) const {
  return fmt::format("`{}`.`{}{}`", database, table, suffix);
}

std::vector<std::string> Schema::create_statements(Layout layout) const {
  std::vector<std::string> statements{"CREATE DATABASE IF NOT EXISTS " + quoted(database)};
  if (layout == Layout::kPlain) {
    statements.push_back(fmt::format(kPlainTable, qualified()));
    return statements;
  }
  const std::string times = qualified(kTimesSuffix);
  statements.push_back(
      fmt::format(kFullTable, qualified(), ttl_clause("Timestamp", ttl_days), kRememberedBatches));
  statements.push_back(fmt::format(kTimesTable, times, ttl_clause("Start", ttl_days), kRememberedBatches));
  statements.push_back(fmt::format(kTimesView, qualified(kTimesViewSuffix), times, qualified()));
  return statements;
}

std::string Schema::columns_query() const {
  return fmt::format(
      "SELECT table, name, type FROM system.columns WHERE database = '{}' AND table IN ('{}', '{}{}', "
      "'{}{}') "
      "FORMAT TabSeparated",
      database, table, table, kTimesSuffix, table, kTimesViewSuffix);
}

std::string Schema::insert_statement(std::span<const std::string> columns) const {
  std::vector<std::string> names;
  std::transform(columns.begin(), columns.end(), std::back_inserter(names),
                 [](const std::string& name) { return quoted(name); });
  return fmt::format("INSERT INTO {} ({}) FORMAT JSONEachRow", qualified(), fmt::join(names, ", "));
}

}  // namespace llmo::clickhouse
