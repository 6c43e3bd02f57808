#include "exporters/otlp/otlp_settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "exporters/net/url.h"
#include "exporters/otlp/otlp_endpoint.h"
#include "exporters/otlp/otlp_headers.h"

namespace llmo::otlp {
namespace {

using config::EnvironmentReader;

constexpr char kEndpoint[] = "OTEL_EXPORTER_OTLP_ENDPOINT";
constexpr char kTracesEndpoint[] = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
constexpr char kBatchSize[] = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
constexpr std::uint64_t kMostSpans = 1'000'000;

constexpr config::SettingInfo kTable[] = {
    {kEndpoint, "http://localhost:4318", "where OTLP goes to; v1/traces is put behind its path",
     "an http or https URL"},
    {kTracesEndpoint, "", "the same for traces alone, used as it is", "an http or https URL"},
    {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf", "how spans are written; gRPC is not spoken",
     "http/protobuf or http/json", "OTEL_EXPORTER_OTLP_PROTOCOL"},
    {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "", "request headers, values percent-encoded",
     "NAME=VALUE, comma-separated", "OTEL_EXPORTER_OTLP_HEADERS"},
    {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none", "compression of requests", "gzip or none",
     "OTEL_EXPORTER_OTLP_COMPRESSION"},
    {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "10000", "of one request, in milliseconds; 0: none",
     "a number of milliseconds", "OTEL_EXPORTER_OTLP_TIMEOUT"},
    {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "", "whom to trust (PEM)", "a path",
     "OTEL_EXPORTER_OTLP_CERTIFICATE"},
    {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "", "the certificate to show (PEM)", "a path",
     "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"},
    {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "", "its private key (PEM)", "a path",
     "OTEL_EXPORTER_OTLP_CLIENT_KEY"},
    {kBatchSize, "512", "most spans in a request", "a number from 1 to 1000000"},
};

void read_endpoint(const EnvironmentReader& reader, OtlpSettings& settings) {
  std::string_view variable;
  const std::string value = reader.text({kTracesEndpoint, kEndpoint}, &variable);
  Endpoint endpoint = make_endpoint(variable, value, variable == kTracesEndpoint);
  settings.endpoint_set = !value.empty();
  settings.url = std::move(endpoint.url);
  settings.notes = std::move(endpoint.notes);
}

void read_protocol(EnvironmentReader& reader, OtlpSettings& settings) {
  const std::initializer_list<const char*> variables{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                                                     "OTEL_EXPORTER_OTLP_PROTOCOL"};
  constexpr std::size_t kGrpc = 2;
  std::string_view variable;
  reader.text(variables, &variable);
  const std::size_t choice = reader.word(variables, {"http/protobuf", "http/json", "grpc"}, 0);
  settings.protocol = choice == 1 ? Protocol::kJson : Protocol::kProtobuf;
  if (choice != kGrpc) return;
  reader.note(fmt::format("{}: gRPC is not spoken; using http/protobuf, which collectors take on port 4318",
                          variable));
}

void read_headers(const EnvironmentReader& reader, OtlpSettings& settings) {
  std::string_view variable;
  const std::string list =
      reader.text({"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"}, &variable);
  ParsedHeaders parsed = parse_headers(variable, list);
  settings.headers = std::move(parsed.headers);
  settings.notes.insert(settings.notes.end(), parsed.notes.begin(), parsed.notes.end());
}

// What cannot be read here will not be there for libcurl either, which says less about it.
std::string read_path(EnvironmentReader& reader, std::initializer_list<const char*> variables) {
  std::string_view variable;
  std::string path = reader.text(variables, &variable);
  if (!path.empty() && ::access(path.c_str(), R_OK) != 0) {
    reader.note(fmt::format("{}: cannot read {}: {}", variable, path, std::strerror(errno)));
  }
  return path;
}

void read_tls(EnvironmentReader& reader, net::TlsFiles& tls) {
  tls.authorities =
      read_path(reader, {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"});
  tls.client_certificate = read_path(
      reader, {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"});
  tls.client_key =
      read_path(reader, {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"});
}

}  // namespace

OtlpSettings read_otlp_settings(EnvironmentReader reader) {
  OtlpSettings settings;
  read_endpoint(reader, settings);
  read_protocol(reader, settings);
  read_headers(reader, settings);
  settings.gzip = reader.word({"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"},
                              {"none", "gzip"}, 0) == 1;
  settings.timeout = reader.milliseconds({"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"},
                                         settings.timeout);
  read_tls(reader, settings.tls);
  settings.max_batch =
      static_cast<std::size_t>(reader.number({kBatchSize}, settings.max_batch, 1, kMostSpans));
  settings.notes.insert(settings.notes.end(), reader.notes().begin(), reader.notes().end());
  return settings;
}

OtlpSettings read_otlp_settings() { return read_otlp_settings(EnvironmentReader()); }

std::string describe(const OtlpSettings& settings) {
  std::string text = net::shown_url(settings.url);
  text += settings.protocol == Protocol::kJson ? ", http/json" : ", http/protobuf";
  if (settings.gzip) text += ", gzip";
  if (!settings.headers.empty()) {
    text += fmt::format(", {} header{}", settings.headers.size(), settings.headers.size() == 1 ? "" : "s");
  }
  if (!settings.tls.client_certificate.empty()) text += ", client certificate";
  return text;
}

std::span<const config::SettingInfo> otlp_setting_table() { return kTable; }

}  // namespace llmo::otlp
