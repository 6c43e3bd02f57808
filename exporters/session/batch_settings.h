// When spans go out: how long they wait for others to fill a batch, and how long a destination that fails is
// waited for.
#pragma once

#include <chrono>
#include <span>

#include "exporters/config/environment_reader.h"
#include "shim/config/settings.h"

namespace llmo::session {

struct BatchSettings {
  std::chrono::milliseconds schedule_delay{5000};  // OTEL_BSP_SCHEDULE_DELAY; of remote destinations
  std::chrono::milliseconds patience{60000};       // LLMOBSERVE_EXPORT_PATIENCE_MS; with remote destinations
};

// What cannot be read keeps its default and leaves a note; so does what has no effect here.
BatchSettings read_batch_settings(config::EnvironmentReader& environment);

// For help texts and the README.
std::span<const config::SettingInfo> batch_setting_table();

}  // namespace llmo::session
