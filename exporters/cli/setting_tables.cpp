#include "exporters/cli/setting_tables.h"

#include "exporters/clickhouse/clickhouse_settings.h"
#include "exporters/file/file_settings.h"
#include "exporters/otlp/otlp_settings.h"
#include "exporters/session/batch_settings.h"
#include "exporters/span/span_limits.h"

namespace llmo::cli {

std::vector<config::SettingInfo> all_settings() {
  std::vector<config::SettingInfo> all;
  for (const auto table :
       {config::setting_table(), file::file_setting_table(), otlp::otlp_setting_table(),
        clickhouse::clickhouse_setting_table(), session::batch_setting_table(), span_limit_table()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace llmo::cli
