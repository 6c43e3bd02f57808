// What the OTLP exporter is told by OTEL_EXPORTER_OTLP_* and OTEL_BSP_MAX_EXPORT_BATCH_SIZE.
//
// Of each option the variable with `_TRACES_` in its name wins over the general one, also where its value
// cannot be read. Source: OpenTelemetry Protocol Exporter specification.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "exporters/config/environment_reader.h"
#include "exporters/net/http_client.h"
#include "shim/config/settings.h"

namespace llmo::otlp {

enum class Protocol { kProtobuf, kJson };

struct OtlpSettings {
  bool endpoint_set = false;  // by either variable
  std::string url;            // what requests are sent to; may hold user info
  Protocol protocol = Protocol::kProtobuf;
  net::HttpHeaders headers;
  bool gzip = false;
  std::chrono::milliseconds timeout{10000};  // of one request; zero: none
  net::TlsFiles tls;
  std::size_t max_batch = 512;  // spans in a request
  // A sentence for each value that cannot be used: which, why, and what is used instead. Without secrets.
  std::vector<std::string> notes;
};

OtlpSettings read_otlp_settings(config::EnvironmentReader reader);
// From the process's own environment.
OtlpSettings read_otlp_settings();

// `http://localhost:4318/v1/traces, http/protobuf, gzip, 2 headers`: for people, without secrets.
std::string describe(const OtlpSettings& settings);

std::span<const config::SettingInfo> otlp_setting_table();

}  // namespace llmo::otlp
