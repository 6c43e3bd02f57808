#include "exporters/views/usage_report.h"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "exporters/console/text.h"
#include "exporters/views/text_table.h"

namespace llmo::views {
namespace {

using console::format_count;
using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

std::optional<double> share_of(const RunStats& stats, const RunStats& all) {
  if (!stats.cost_usd || !all.cost_usd || *all.cost_usd <= 0) return std::nullopt;
  return *stats.cost_usd / *all.cost_usd;
}

std::string duration_text(std::optional<std::uint64_t> nanos) {
  return nanos ? console::format_duration(*nanos) : std::string();
}

std::string count_text(std::uint64_t count) { return count == 0 ? std::string() : format_count(count); }

std::vector<std::string> cells_of(std::string name, const RunStats& stats, const RunStats& all) {
  const auto share = share_of(stats, all);
  return {std::move(name),
          format_count(stats.runs),
          count_text(stats.errors),
          duration_text(stats.latency_nanos.at(50)),
          duration_text(stats.latency_nanos.at(95)),
          stats.latency_nanos.count() == 0 ? std::string() : duration_text(stats.latency_nanos.max()),
          duration_text(stats.first_token_nanos.at(50)),
          count_text(stats.tokens.input),
          count_text(stats.tokens.output),
          count_text(stats.tokens.cached),
          stats.cost_usd ? console::format_usd(*stats.cost_usd) : std::string(),
          share ? fmt::format("{:.1f} %", *share * 100) : std::string()};
}

Table table_of(const char* title, const char* runs) {
  return {{{title},
           {runs},
           {"errors"},
           {"p50", 3},
           {"p95"},
           {"max", 6},
           {"ttft p50", 4},
           {"tokens in", 2},
           {"tokens out", 1},
           {"cached", 7},
           {"cost"},
           {"share", 5}},
          {}};
}

std::string model_name(const ModelUsage& row) {
  return row.provider + (row.provider.empty() || row.model.empty() ? "" : " ") + row.model;
}

template <typename Row, typename NameOf>
std::string draw(Table table, const std::vector<Row>& rows, const RunStats& all, NameOf name_of,
                 const UsageReportOptions& options) {
  const std::size_t shown = options.rows == 0 ? rows.size() : std::min(options.rows, rows.size());
  for (std::size_t index = 0; index < shown; ++index) {
    table.rows.push_back(cells_of(name_of(rows[index]), rows[index].stats, all));
  }
  std::string text = draw_table(table, options.width, options.colour);
  if (shown < rows.size()) text += fmt::format("and {} more\n", format_count(rows.size() - shown));
  return text + '\n';
}

std::string summary_line(const RunStats& all) {
  std::string line = fmt::format("{} {}, {} {}", format_count(all.runs), all.runs == 1 ? "trace" : "traces",
                                 format_count(all.calls), all.calls == 1 ? "call" : "calls");
  if (all.failed_calls != 0) line += fmt::format(" ({} failed)", format_count(all.failed_calls));
  if (all.tokens.all() != 0) line += fmt::format(", {} tokens", format_count(all.tokens.all()));
  if (all.cost_usd) line += ", " + console::format_usd(*all.cost_usd);
  if (all.open != 0) line += fmt::format("; {} still open", format_count(all.open));
  return line + '\n';
}

void put(Writer& out, const char* key, std::uint64_t count) {
  out.Key(key);
  out.Uint64(count);
}

void put(Writer& out, const char* key, std::optional<double> number) {
  out.Key(key);
  number ? out.Double(*number) : out.Null();
}

void put(Writer& out, const char* key, const std::string& text) {
  out.Key(key);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

std::optional<double> seconds(std::optional<std::uint64_t> nanos) {
  return nanos ? std::optional(static_cast<double>(*nanos) / 1e9) : std::nullopt;
}

void put_stats(Writer& out, const RunStats& stats, const RunStats& all) {
  const bool timed = stats.latency_nanos.count() != 0;
  put(out, "runs", stats.runs);
  put(out, "errors", stats.errors);
  put(out, "open", stats.open);
  put(out, "p50_seconds", seconds(stats.latency_nanos.at(50)));
  put(out, "p95_seconds", seconds(stats.latency_nanos.at(95)));
  put(out, "max_seconds", timed ? seconds(stats.latency_nanos.max()) : std::nullopt);
  out.Key("percentiles_exact");
  out.Bool(stats.latency_nanos.exact());
  put(out, "first_token_p50_seconds", seconds(stats.first_token_nanos.at(50)));
  put(out, "calls", stats.calls);
  put(out, "failed_calls", stats.failed_calls);
  put(out, "input_tokens", stats.tokens.input);
  put(out, "output_tokens", stats.tokens.output);
  put(out, "cached_input_tokens", stats.tokens.cached);
  put(out, "cost_usd", stats.cost_usd);
  put(out, "cost_share", share_of(stats, all));
}

}  // namespace

std::string usage_text(const Usage& usage, const UsageReportOptions& options) {
  std::string text;
  if (!usage.workflows.empty()) {
    text += draw(
        table_of("workflow", "runs"), usage.workflows, usage.all,
        [](const WorkflowUsage& row) { return row.name; }, options);
  }
  if (!usage.models.empty()) {
    text += draw(table_of("model", "calls"), usage.models, usage.all, model_name, options);
  }
  return text + summary_line(usage.all);
}

std::string usage_json(const Usage& usage) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  out.Key("workflows");
  out.StartArray();
  for (const WorkflowUsage& row : usage.workflows) {
    out.StartObject();
    put(out, "name", row.name);
    put_stats(out, row.stats, usage.all);
    out.EndObject();
  }
  out.EndArray();
  out.Key("models");
  out.StartArray();
  for (const ModelUsage& row : usage.models) {
    out.StartObject();
    put(out, "provider", row.provider);
    put(out, "model", row.model);
    put_stats(out, row.stats, usage.all);
    out.EndObject();
  }
  out.EndArray();
  out.Key("total");
  out.StartObject();
  put_stats(out, usage.all, usage.all);
  out.EndObject();
  out.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + '\n';
}

}  // namespace llmo::views
