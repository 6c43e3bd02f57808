#include "exporters/html/index_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "exporters/console/trace_tree.h"
#include "exporters/html/json_columns.h"

namespace llmo::html {
namespace {

enum Flag : std::uint32_t { kFailed = 1, kCall = 2, kOpen = 4, kWork = 8 };

// What the tree does not carry, found again by the span's ids.
struct Extra {
  TraceId trace_id;
  std::uint64_t span_id = 0;
  SpanFacts facts;
  DetailPlace details;

  bool operator<(const Extra& other) const {
    return std::tie(trace_id, span_id) < std::tie(other.trace_id, other.span_id);
  }
};

struct Row {
  const console::TreeNode* node = nullptr;
  const Extra* extra = nullptr;
  std::uint64_t trace_start = 0;
  std::uint32_t first_node = 0;  // of the trace
};

std::vector<Extra> take_extras(std::vector<KeptSpan>& spans) {
  std::vector<Extra> extras;
  extras.reserve(spans.size());
  for (KeptSpan& span : spans) {
    extras.push_back({span.summary.trace_id, span.summary.span_id, std::move(span.facts), span.details});
  }
  std::stable_sort(extras.begin(), extras.end());
  return extras;
}

console::Forest take_forest(std::vector<KeptSpan>& spans) {
  std::vector<console::SpanSummary> summaries;
  summaries.reserve(spans.size());
  for (KeptSpan& span : spans) summaries.push_back(std::move(span.summary));
  std::vector<KeptSpan>().swap(spans);
  return console::build_forest(std::move(summaries));
}

// The last of equal ones, as the forest has it.
const Extra& extra_of(const std::vector<Extra>& extras, const console::SpanSummary& span) {
  Extra wanted;
  wanted.trace_id = span.trace_id;
  wanted.span_id = span.span_id;
  return *std::prev(std::upper_bound(extras.begin(), extras.end(), wanted));
}

std::vector<Row> rows_of(const console::Forest& forest, const std::vector<Extra>& extras) {
  std::vector<Row> rows;
  rows.reserve(forest.nodes.size());
  for (const console::TraceSlice& trace : forest.traces) {
    const std::uint64_t start = forest.nodes[trace.first_node].span.start_unix_nanos;
    for (std::uint32_t node = trace.first_node; node < trace.end_node; ++node) {
      const console::TreeNode& at = forest.nodes[node];
      rows.push_back({&at, &extra_of(extras, at.span), start, trace.first_node});
    }
  }
  return rows;
}

std::uint32_t flags_of(const Row& row) {
  const console::SpanSummary& span = row.node->span;
  return (span.failed ? kFailed : 0U) | (span.is_call ? kCall : 0U) | (span.open ? kOpen : 0U) |
         (span.is_work ? kWork : 0U);
}

std::int64_t parent_of(const Row& row) {
  if (row.node->parent == console::TreeNode::kNil) return -1;
  return std::int64_t{row.node->parent} - row.first_node;
}

std::int64_t count_or_unknown(const std::optional<std::uint64_t>& count) {
  return count ? static_cast<std::int64_t>(*count) : -1;
}

std::int64_t place_or_none(std::uint32_t place) {
  return place == DetailPlace::kNone ? -1 : std::int64_t{place};
}

void write_times(JsonWriter& json, const std::vector<Row>& rows) {
  write_column(json, "start", rows,
               [](const Row& row) { return row.node->span.start_unix_nanos - row.trace_start; });
  write_column(json, "duration", rows, [](const Row& row) {
    return row.node->span.end_unix_nanos - row.node->span.start_unix_nanos;
  });
  write_column(json, "firstToken", rows, [](const Row& row) { return row.node->span.first_token_nanos; });
}

void write_relations(JsonWriter& json, const std::vector<Row>& rows) {
  write_column(json, "parent", rows, parent_of);
  write_column(json, "root", rows, [](const Row& row) { return static_cast<int>(row.node->root); });
  write_column(json, "group", rows, [](const Row& row) { return row.node->span.group; });
  write_column(json, "kind", rows, [](const Row& row) { return static_cast<int>(row.extra->facts.kind); });
  write_column(json, "flags", rows, flags_of);
  write_column(json, "process", rows, [](const Row& row) { return row.node->span.process; });
  write_column(json, "thread", rows, [](const Row& row) { return row.node->span.thread; });
  write_column(json, "threadNumber", rows, [](const Row& row) { return row.node->thread_number; });
  write_column(json, "block", rows, [](const Row& row) { return place_or_none(row.extra->details.block); });
  write_column(json, "row", rows, [](const Row& row) { return row.extra->details.row; });
}

void write_usage(JsonWriter& json, const std::vector<Row>& rows) {
  write_column(json, "input", rows,
               [](const Row& row) { return count_or_unknown(row.node->span.input_tokens); });
  write_column(json, "output", rows,
               [](const Row& row) { return count_or_unknown(row.node->span.output_tokens); });
  write_column(json, "cached", rows, [](const Row& row) { return row.node->span.cached_tokens; });
  write_column(json, "cost", rows, [](const Row& row) { return row.node->span.cost_usd.value_or(-1); });
}

void write_texts(JsonWriter& json, const std::vector<Row>& rows, StringTable& strings) {
  const auto texts = [&](std::string_view name, const auto& text_of) {
    write_column(json, name, rows, [&](const Row& row) { return strings.number_of(text_of(row)); });
  };
  texts("name", [](const Row& row) { return row.node->span.name; });
  texts("subject", [](const Row& row) { return row.node->span.subject; });
  texts("operation", [](const Row& row) { return row.node->span.operation; });
  texts("end", [](const Row& row) { return row.node->span.end; });
  texts("error", [](const Row& row) { return row.node->span.error; });
  texts("service", [](const Row& row) { return row.extra->facts.service; });
  texts("threadName", [](const Row& row) { return row.extra->facts.thread_name; });
}

void write_ids(JsonWriter& json, const std::vector<Row>& rows) {
  std::string ids;
  for (const Row& row : rows) fmt::format_to(std::back_inserter(ids), "{:016x}", row.node->span.span_id);
  write_key(json, "id");
  write_text(json, ids);
}

void write_traces(JsonWriter& json, const console::Forest& forest) {
  const auto first_span = [&forest](const console::TraceSlice& trace) -> const console::SpanSummary& {
    return forest.nodes[trace.first_node].span;
  };
  std::string ids;
  for (const console::TraceSlice& trace : forest.traces) {
    const TraceId& id = first_span(trace).trace_id;
    fmt::format_to(std::back_inserter(ids), "{:016x}{:016x}", id.high, id.low);
  }
  write_key(json, "traces");
  json.StartObject();
  write_key(json, "id");
  write_text(json, ids);
  write_column(json, "first", forest.traces,
               [](const console::TraceSlice& trace) { return trace.first_node; });
  write_key(json, "start");
  json.StartArray();
  for (const console::TraceSlice& trace : forest.traces) {
    write_text(json, std::to_string(first_span(trace).start_unix_nanos));
  }
  json.EndArray();
  json.EndObject();
}

void write_groups(JsonWriter& json, const views::CallGroups& groups, StringTable& strings) {
  std::vector<views::CallGroups::Group> rows(1);
  for (std::uint32_t group = 1; group <= groups.size(); ++group) rows.push_back(groups[group]);
  write_key(json, "groups");
  json.StartObject();
  write_column(json, "provider", rows, [&](const auto& group) { return strings.number_of(group.provider); });
  write_column(json, "model", rows, [&](const auto& group) { return strings.number_of(group.model); });
  json.EndObject();
}

}  // namespace

PageIndex make_index(KeptSpans& kept) {
  const std::vector<Extra> extras = take_extras(kept.spans());
  const console::Forest forest = take_forest(kept.spans());
  const std::vector<Row> rows = rows_of(forest, extras);
  StringTable strings;
  strings.number_of("");  // number 0: nothing to say
  rapidjson::StringBuffer text;
  JsonWriter json(text);
  json.StartObject();
  write_traces(json, forest);
  write_groups(json, kept.groups(), strings);
  write_key(json, "spans");
  json.StartObject();
  write_ids(json, rows);
  write_relations(json, rows);
  write_times(json, rows);
  write_usage(json, rows);
  write_texts(json, rows, strings);
  json.EndObject();
  write_strings(json, "strings", strings);
  json.EndObject();
  return {{text.GetString(), text.GetSize()}, forest.nodes.size(), forest.traces.size()};
}

}  // namespace llmo::html
