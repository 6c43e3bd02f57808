#include "exporters/clickhouse/clickhouse_exporter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "exporters/span/ids.h"

namespace llmo::clickhouse {
namespace {

constexpr std::size_t kMostRows = 65'536;
// A body beyond this is sent, and another one begun.
constexpr std::size_t kFullBody = 8 << 20;
// Somebody has to do something first.
constexpr std::chrono::milliseconds kConfigurationPause{60'000};

// Whatever the user's profile says: the answer means that the rows are there, a repeated batch is taken once
// in the view's table too, times are read as they are written, and a batch may be of many days.
std::vector<InsertSetting> insert_settings(std::string_view rows) {
  return {{"async_insert", "0"},
          {"insert_deduplication_token", content_token(rows)},
          {"deduplicate_blocks_in_dependent_materialized_views", "1"},
          {"date_time_input_format", "basic"},
          {"max_partitions_per_insert_block", "0"}};
}

}  // namespace

std::string content_token(std::string_view rows) {
  std::uint64_t hash = rows.size();
  while (!rows.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(rows.size(), sizeof word);
    std::memcpy(&word, rows.data(), count);
    hash = mix_bits(hash ^ word);
    rows.remove_prefix(count);
  }
  return fmt::format("llmobserve-{:016x}", hash);
}

ClickHouseExporter::ClickHouseExporter(ClickHouseSettings settings, std::function<bool()> stop_requested)
    : settings_(std::move(settings)),
      connection_(settings_, std::move(stop_requested)),
      back_off_(net::process_seed()),
      limit_(kMostRows),
      warnings_(settings_.notes) {}

bool ClickHouseExporter::export_batch(std::span<const Span> spans) {
  if (failed_) ++counts_.retried;
  failed_ = false;
  if (!target_ && !prepare()) return false;
  if (settled_ >= spans.size()) begin_batch();
  while (settled_ < spans.size()) {
    if (!send_next(spans.subspan(settled_))) return false;
    if (takes_nothing(spans.size())) return give_back();
  }
  counts_.dropped += refused_;
  lost_ += refused_;
  begin_batch();
  back_off_.reset();
  return true;
}

void ClickHouseExporter::begin_batch() {
  settled_ = 0;
  refused_ = 0;
}

// Whether it is the table that is wrong, and not a row: none has ever been taken, and these first were not.
bool ClickHouseExporter::takes_nothing(std::size_t batch_size) const {
  constexpr std::size_t kEnough = 16;
  return counts_.exported == 0 && batch_size > 1 && refused_ == settled_ &&
         refused_ >= std::min(kEnough, batch_size);
}

bool ClickHouseExporter::give_back() {
  begin_batch();
  limit_ = kMostRows;
  target_.reset();
  Reply reply;
  reply.verdict = {
      Outcome::kConfiguration,
      fmt::format("no row fits the table {}: {}; set LLMOBSERVE_CLICKHOUSE_TABLE to another name",
                  settings_.table, refused_why_)};
  return fail(reply);
}

bool ClickHouseExporter::prepare() {
  Setup setup = set_up_table(connection_, settings_);
  if (!setup.warning.empty() && setup.warning != told_) warn(setup.warning);
  told_ = std::move(setup.warning);
  if (!setup.target) return fail(setup.reply);
  rows_.emplace(setup.target->layout);
  target_ = std::move(setup.target);
  return true;
}

// Fills the body with rows of spans from the front of `rest`; returns how many.
std::size_t ClickHouseExporter::fill(std::span<const Span> rest) {
  rows_->clear();
  std::size_t count = 0;
  while (count < std::min(limit_, rest.size()) && rows_->size() < kFullBody) rows_->add(rest[count++]);
  return count;
}

Reply ClickHouseExporter::insert() {
  std::vector<InsertSetting> settings;
  if (settings_allowed_ && knows_full_layout(target_->version)) settings = insert_settings(rows_->rows());
  return connection_.insert(target_->insert_statement, settings, rows_->rows());
}

bool ClickHouseExporter::send_next(std::span<const Span> rest) {
  const std::size_t count = fill(rest);
  const Reply reply = insert();
  switch (reply.verdict.outcome) {
    case Outcome::kTaken:
      counts_.exported += count;
      settled_ += count;
      limit_ = std::min(std::max<std::size_t>(limit_, 1) * 2, kMostRows);
      return true;
    case Outcome::kBadData:
      refuse(count, reply.verdict);
      return true;
    case Outcome::kSettingRefused:
      if (!settings_allowed_) return fail(reply);
      forget_settings(reply.verdict);
      return true;
    case Outcome::kTableMissing:
      target_.reset();
      return fail(reply);
    case Outcome::kPassing:
    case Outcome::kConfiguration:
      break;
  }
  return fail(reply);
}

void ClickHouseExporter::refuse(std::size_t count, const Verdict& verdict) {
  if (count > 1) {
    limit_ = count / 2;
    return;
  }
  ++settled_;
  ++refused_;
  refused_why_ = verdict.sentence;
}

void ClickHouseExporter::forget_settings(const Verdict& verdict) {
  settings_allowed_ = false;
  warn(fmt::format("{}; without its settings a batch that is sent twice may be stored twice",
                   verdict.sentence));
}

bool ClickHouseExporter::fail(const Reply& reply) {
  failed_ = true;
  problem_ = reply.verdict.sentence;
  if (reply.verdict.outcome == Outcome::kPassing) {
    retry_in_ = std::max(back_off_.next(), reply.retry_after);
  } else {
    retry_in_ = kConfigurationPause;
  }
  return false;
}

void ClickHouseExporter::warn(std::string sentence) {
  if (std::find(warnings_.begin(), warnings_.end(), sentence) == warnings_.end()) {
    warnings_.push_back(std::move(sentence));
  }
}

std::string ClickHouseExporter::take_warning() {
  if (lost_ != 0) {
    warn(fmt::format("{} span{} lost: {}", lost_, lost_ == 1 ? " is" : "s are", refused_why_));
  }
  lost_ = 0;
  std::string sentences = fmt::format("{}", fmt::join(warnings_, "; "));
  warnings_.clear();
  return sentences;
}

}  // namespace llmo::clickhouse
