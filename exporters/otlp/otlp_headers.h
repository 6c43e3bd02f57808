// Request headers from OTEL_EXPORTER_OTLP_HEADERS: `name=value,name=value`, in the syntax of W3C Baggage.
//
// Source: OpenTelemetry Protocol Exporter specification, "Specifying headers via environment variables"; W3C
// Baggage, 3.3.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporters/net/http_client.h"

namespace llmo::otlp {

struct ParsedHeaders {
  net::HttpHeaders headers;
  // A sentence for each member that is left out. They tell a member by its place: names and values may be
  // secrets.
  std::vector<std::string> notes;
};

// Blanks around names and values are dropped, %XX in values is decoded. Properties (behind a `;`) are none of
// OpenTelemetry's: what stands there belongs to the value.
ParsedHeaders parse_headers(std::string_view variable, std::string_view list);

}  // namespace llmo::otlp
