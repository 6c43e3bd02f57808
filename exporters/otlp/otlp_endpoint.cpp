#include "exporters/otlp/otlp_endpoint.h"

#include <fmt/format.h>

#include "exporters/net/url.h"
#include "exporters/net/url_parts.h"

namespace llmo::otlp {
namespace {

constexpr char kTracesPath[] = "/v1/traces";
constexpr char kGrpcPort[] = "4317";

bool is_http(const net::UrlParts& url) {
  const std::string scheme = url.get(CURLUPART_SCHEME);
  return url.valid() && (scheme == "http" || scheme == "https") && !url.get(CURLUPART_HOST).empty();
}

std::string with_traces_path(net::UrlParts& url) {
  std::string path = url.get(CURLUPART_PATH);
  while (path.ends_with('/')) path.pop_back();
  url.set(CURLUPART_PATH, path + kTracesPath);
  return url.get(CURLUPART_URL);
}

void note_grpc_port(std::string_view variable, const net::UrlParts& url, std::vector<std::string>& notes) {
  if (url.get(CURLUPART_PORT) != kGrpcPort) return;
  notes.push_back(
      fmt::format("{}: port 4317 is usually the one for gRPC, and traces are sent as OTLP/HTTP; "
                  "collectors take that on port 4318",
                  variable));
}

}  // namespace

Endpoint make_endpoint(std::string_view variable, const std::string& value, bool is_signal) {
  Endpoint endpoint{std::string(kDefaultEndpoint) + kTracesPath, {}};
  if (value.empty()) return endpoint;
  const bool has_scheme = value.find("://") != std::string::npos;
  net::UrlParts url(has_scheme ? value : "http://" + value);
  if (!is_http(url)) {
    endpoint.notes.push_back(fmt::format("{}: not an http or https URL; using {} (write http://HOST:4318)",
                                         variable, endpoint.url));
    return endpoint;
  }
  url.set(CURLUPART_FRAGMENT, {});
  endpoint.url = is_signal ? url.get(CURLUPART_URL) : with_traces_path(url);
  if (!has_scheme) {
    endpoint.notes.push_back(fmt::format("{}: no scheme; using {} (write http:// or https:// before it)",
                                         variable, net::shown_url(endpoint.url)));
  }
  note_grpc_port(variable, url, endpoint.notes);
  return endpoint;
}

}  // namespace llmo::otlp
