#include "exporters/clickhouse/table_setup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <functional>
#include <set>

#include "exporters/clickhouse/take_until.h"
#include "shim/config/text.h"

namespace llmo::clickhouse {
namespace {

// What there is of the tables: their names, and the columns of the one that spans go into.
struct Found {
  std::set<std::string, std::less<>> tables;
  std::set<std::string, std::less<>> columns;
};

Found read_columns(std::string_view text, std::string_view table) {
  Found found;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view owner = take_until(line, '\t');
    const std::string_view column = take_until(line, '\t');
    found.tables.emplace(owner);
    if (owner == table) found.columns.emplace(column);
  }
  return found;
}

// Nothing where it is a table of somebody else.
std::optional<Layout> layout_of(const Found& found) {
  for (const std::string_view needed : {"Timestamp", "TraceId", "SpanId", "SpanName"}) {
    if (!found.columns.contains(needed)) return std::nullopt;
  }
  if (found.columns.contains("SpanAttributes")) return Layout::kFull;
  if (found.columns.contains("SpanAttributes.Key")) return Layout::kPlain;
  return std::nullopt;
}

class TableSetup {
 public:
  TableSetup(Connection& connection, const ClickHouseSettings& settings)
      : connection_(connection),
        settings_(settings),
        schema_{settings.database, settings.table, settings.ttl_days} {}

  Setup run() {
    if (!ask_version() || !look()) return std::move(setup_);
    const Layout wanted = knows_full_layout(version_) ? Layout::kFull : Layout::kPlain;
    if (settings_.create_schema && !is_complete(wanted) && !create(wanted)) return std::move(setup_);
    if (found_.columns.empty()) {
      fail(Outcome::kTableMissing,
           fmt::format("there is no table {}; create it, or set LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA=true",
                       table_and_address()));
    } else if (const auto layout = layout_of(found_); layout) {
      aim_at(*layout);
    } else {
      fail(Outcome::kConfiguration,
           fmt::format("the table {} is not one of spans; set LLMOBSERVE_CLICKHOUSE_TABLE to another name",
                       table_and_address()));
    }
    return std::move(setup_);
  }

 private:
  // Ends with the reply that was not taken.
  bool took(Reply reply) {
    const bool taken = reply.taken();
    setup_.reply = std::move(reply);
    return taken;
  }

  void fail(Outcome outcome, std::string sentence) { setup_.reply.verdict = {outcome, std::move(sentence)}; }

  [[nodiscard]] std::string table_and_address() const {
    return fmt::format("{} at {}", schema_.qualified(), connection_.address());
  }

  bool ask_version() {
    if (!took(connection_.run("SELECT version() FORMAT TabSeparated"))) return false;
    const auto version = parse_version(setup_.reply.text);
    if (version) {
      version_ = *version;
    } else {
      fail(Outcome::kConfiguration, not_clickhouse(connection_.address()));
    }
    return version.has_value();
  }

  bool look() {
    if (!took(connection_.run(schema_.columns_query()))) return false;
    found_ = read_columns(setup_.reply.text, settings_.table);
    return true;
  }

  [[nodiscard]] bool is_complete(Layout wanted) const {
    const auto there = [this](std::string_view suffix) {
      return found_.tables.contains(fmt::format("{}{}", settings_.table, suffix));
    };
    if (!there("")) return false;
    const Layout layout = layout_of(found_).value_or(Layout::kPlain);
    return layout == Layout::kPlain || wanted == Layout::kPlain ||
           (there(kTimesSuffix) && there(kTimesViewSuffix));
  }

  // A user who may not create a database may still create a table, and one who may neither can use what is
  // there: only what is missing in the end counts.
  bool create(Layout wanted) {
    Reply failed;
    for (const std::string& statement : schema_.create_statements(wanted)) {
      Reply reply = connection_.run(statement);
      if (reply.taken()) continue;
      const bool final = reply.verdict.outcome != Outcome::kPassing;
      failed = std::move(reply);
      if (!final) break;
    }
    if (failed.verdict.outcome == Outcome::kPassing) return took(std::move(failed));
    if (!look()) return false;
    if (found_.columns.empty() && !failed.taken()) return took(std::move(failed));
    if (!failed.taken() && !is_complete(wanted)) {
      setup_.warning = fmt::format("the tables beside {} were not created: {}", schema_.qualified(),
                                   failed.verdict.sentence);
    }
    return true;
  }

  void aim_at(Layout layout) {
    std::vector<std::string> columns;
    std::vector<std::string_view> missing;
    for (const std::string_view column : columns_of(layout)) {
      if (found_.columns.contains(column)) {
        columns.emplace_back(column);
      } else {
        missing.push_back(column);
      }
    }
    setup_.target = Target{layout, version_, schema_.insert_statement(columns)};
    if (!missing.empty()) {
      setup_.warning = fmt::format("the table {} at {} has no columns {}: they are left out",
                                   schema_.qualified(), connection_.address(), fmt::join(missing, ", "));
    }
  }

  Connection& connection_;
  const ClickHouseSettings& settings_;
  Schema schema_;
  ServerVersion version_;
  Found found_;
  Setup setup_;
};

}  // namespace

Setup set_up_table(Connection& connection, const ClickHouseSettings& settings) {
  return TableSetup(connection, settings).run();
}

std::optional<ServerVersion> parse_version(std::string_view text) {
  text = config::trim(text);
  ServerVersion version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc()) return std::nullopt;
  return version;
}

}  // namespace llmo::clickhouse
