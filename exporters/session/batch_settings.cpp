#include "exporters/session/batch_settings.h"

#include <fmt/format.h>

#include <array>

namespace llmo::session {
namespace {

constexpr const char* kScheduleDelay = "OTEL_BSP_SCHEDULE_DELAY";
constexpr const char* kPatience = "LLMOBSERVE_EXPORT_PATIENCE_MS";
constexpr const char* kExportTimeout = "OTEL_BSP_EXPORT_TIMEOUT";
constexpr const char* kMaxQueueSize = "OTEL_BSP_MAX_QUEUE_SIZE";

constexpr std::string_view kMilliseconds = "a number from 0 to 86400000 (milliseconds)";

constexpr std::array<config::SettingInfo, 4> kTable = {{
    {.variable = kScheduleDelay,
     .default_text = "5000",
     .meaning =
         "longest wait for a batch to fill before it is sent to a remote destination, in milliseconds; "
         "what has ended is sent at once",
     .values = kMilliseconds},
    {.variable = kPatience,
     .default_text = "60000",
     .meaning = "how long a remote destination may fail once all processes have ended, in milliseconds; then "
                "the session is left for the next exporter or `llmobserve recover`",
     .values = kMilliseconds},
    {.variable = kExportTimeout,
     .default_text = "",
     .meaning = "has no effect: a batch is offered until it is taken; OTEL_EXPORTER_OTLP_TIMEOUT limits a "
                "request",
     .values = "anything"},
    {.variable = kMaxQueueSize,
     .default_text = "",
     .meaning = "has no effect: the journal is the queue, and LLMOBSERVE_JOURNAL_MAX its limit",
     .values = "anything"},
}};

}  // namespace

BatchSettings read_batch_settings(config::EnvironmentReader& environment) {
  BatchSettings settings;
  settings.schedule_delay = environment.milliseconds({kScheduleDelay}, settings.schedule_delay);
  settings.patience = environment.milliseconds({kPatience}, settings.patience);
  for (const config::SettingInfo& row : kTable) {
    if (!row.meaning.starts_with("has no effect")) continue;
    if (environment.text({row.variable.data()}).empty()) continue;
    environment.note(fmt::format("{} {}", row.variable, row.meaning));
  }
  return settings;
}

std::span<const config::SettingInfo> batch_setting_table() { return kTable; }

}  // namespace llmo::session
