// Where OTLP goes to: the endpoint variables, made into the URL that requests are sent to.
//
// Source: OpenTelemetry Protocol Exporter specification, "Endpoint URLs for OTLP/HTTP".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace llmo::otlp {

inline constexpr char kDefaultEndpoint[] = "http://localhost:4318";

struct Endpoint {
  std::string url;
  std::vector<std::string> notes;  // a sentence for each thing that is not as it should be
};

// `value`: of `variable`, trimmed; empty: the default. A base URL gets `v1/traces` behind its path, the URL
// of a signal (`is_signal`) is used as it is. What cannot be used is replaced by the default.
Endpoint make_endpoint(std::string_view variable, const std::string& value, bool is_signal);

}  // namespace llmo::otlp
