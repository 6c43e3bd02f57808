// LLMOBSERVE_EXPORTER=clickhouse: batches of spans as rows of a ClickHouse table.
//
// Nothing is asked of the server before the first batch. A batch is one INSERT (several where it is large),
// marked by a token of its content: where the answer was lost and the batch comes again, ClickHouse takes it
// once. Only rows that the server cannot read are given up, one by one; for everything else, a missing table
// or a wrong password too, the batch stays with the caller.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/clickhouse/clickhouse_settings.h"
#include "exporters/clickhouse/connection.h"
#include "exporters/clickhouse/row_writer.h"
#include "exporters/clickhouse/table_setup.h"
#include "exporters/net/retry.h"
#include "exporters/span/exporter.h"

namespace llmo::clickhouse {

class ClickHouseExporter : public Exporter {
 public:
  // `stop_requested`: asked while a request is under way; true ends it. May be empty.
  explicit ClickHouseExporter(ClickHouseSettings settings, std::function<bool()> stop_requested = {});

  [[nodiscard]] std::string name() const override { return "clickhouse"; }
  bool export_batch(std::span<const Span> spans) override;
  [[nodiscard]] std::string problem() const override { return problem_; }
  [[nodiscard]] std::chrono::milliseconds retry_in() const override { return retry_in_; }
  [[nodiscard]] ExportCounts counts() const override { return counts_; }
  std::string take_warning() override;
  [[nodiscard]] bool remote() const override { return true; }

 private:
  bool prepare();
  void begin_batch();
  [[nodiscard]] bool takes_nothing(std::size_t batch_size) const;
  bool give_back();
  bool send_next(std::span<const Span> rest);
  std::size_t fill(std::span<const Span> rest);
  Reply insert();
  void refuse(std::size_t count, const Verdict& verdict);
  void forget_settings(const Verdict& verdict);
  bool fail(const Reply& reply);
  void warn(std::string sentence);

  ClickHouseSettings settings_;
  Connection connection_;
  net::BackOff back_off_;

  std::optional<Target> target_;
  std::optional<RowWriter> rows_;
  bool settings_allowed_ = true;  // until the server refuses one

  std::size_t settled_ = 0;  // spans at the front of the current batch that are taken or given up
  std::size_t refused_ = 0;  // of them, those that are given up
  std::size_t limit_;        // rows of the next INSERT: halved to find a row that cannot be read

  bool failed_ = false;
  std::string problem_;
  std::chrono::milliseconds retry_in_{};
  ExportCounts counts_;
  std::uint64_t lost_ = 0;  // of whole batches, since the last take_warning()
  std::string refused_why_;
  std::string told_;  // the last warning about the table, which is looked at again after failures
  std::vector<std::string> warnings_;  // since the last take_warning(); the settings' notes are the first
};

// The same for the same rows, and for no others.
std::string content_token(std::string_view rows);

}  // namespace llmo::clickhouse
