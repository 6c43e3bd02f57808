// OTEL_EXPORTER_OTLP_*: which variable wins, what becomes of the endpoint, and that no secret is repeated.
#include "exporters/otlp/otlp_settings.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <string>

#include "exporters/otlp/otlp_endpoint.h"
#include "exporters/otlp/otlp_headers.h"
#include "tests/support/temp_dir.h"

namespace llmo::otlp {
namespace {

using namespace std::chrono_literals;
using Variables = std::map<std::string, std::string>;

OtlpSettings settings_of(Variables variables) {
  const auto look_up = [](const char* name, void* context) -> const char* {
    const auto& all = *static_cast<const Variables*>(context);
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second.c_str();
  };
  return read_otlp_settings(config::EnvironmentReader(look_up, &variables));
}

std::string base(const std::string& value) { return make_endpoint("E", value, false).url; }
std::string signal(const std::string& value) { return make_endpoint("E", value, true).url; }

std::string one_note(const Endpoint& endpoint) {
  REQUIRE(endpoint.notes.size() == 1);
  return endpoint.notes.front();
}

TEST_CASE("a base URL gets v1/traces behind its path, with one slash", "[otlp]") {
  CHECK(base("") == "http://localhost:4318/v1/traces");
  CHECK(base("http://host:4318") == "http://host:4318/v1/traces");
  CHECK(base("https://host/") == "https://host/v1/traces");
  CHECK(base("https://host/mycollector") == "https://host/mycollector/v1/traces");
  CHECK(base("https://host/mycollector//") == "https://host/mycollector/v1/traces");
  CHECK(base("https://host/a%20b/?token=t") == "https://host/a%20b/v1/traces?token=t");
  CHECK(base("http://[::1]:4318#part") == "http://[::1]:4318/v1/traces");
  CHECK(base("https://me:pw@host/") == "https://me:pw@host/v1/traces");
}

TEST_CASE("a URL for traces is used as it is, and without a path it means the root", "[otlp]") {
  CHECK(signal("http://host:4318") == "http://host:4318/");
  CHECK(signal("https://host/api/otlp/v1/traces") == "https://host/api/otlp/v1/traces");
  CHECK(signal("https://host/x/?a=b") == "https://host/x/?a=b");
  CHECK(signal("") == "http://localhost:4318/v1/traces");
}

TEST_CASE("an endpoint without scheme is taken for http, and told", "[otlp]") {
  const Endpoint endpoint = make_endpoint("E", "me:hush@host:4318/x", false);
  CHECK(endpoint.url == "http://me:hush@host:4318/x/v1/traces");
  CHECK(one_note(endpoint) ==
        "E: no scheme; using http://host:4318/x/v1/traces (write http:// or https:// before it)");
  CHECK(base("localhost:4318") == "http://localhost:4318/v1/traces");
  CHECK(base("localhost") == "http://localhost/v1/traces");
}

TEST_CASE("what is no endpoint is replaced by the default, told, and not repeated", "[otlp]") {
  for (const char* bad : {"http://", "ftp://host/", "grpc://host:4317", "unix:///run/otlp.sock",
                          "http://a b/hush", "http://host:99999/", "://hush"}) {
    INFO(bad);
    const Endpoint endpoint = make_endpoint("E", bad, true);
    CHECK(endpoint.url == "http://localhost:4318/v1/traces");
    CHECK(one_note(endpoint).find("hush") == std::string::npos);
  }
}

TEST_CASE("the port of gRPC is warned of", "[otlp]") {
  CHECK(one_note(make_endpoint("E", "http://host:4317", false)).find("4318") != std::string::npos);
  CHECK(make_endpoint("E", "http://host:4318", false).notes.empty());
}

TEST_CASE("without variables the defaults of OpenTelemetry hold", "[otlp]") {
  const OtlpSettings settings = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", " "}});
  CHECK_FALSE(settings.endpoint_set);
  CHECK(settings.url == "http://localhost:4318/v1/traces");
  CHECK(settings.protocol == Protocol::kProtobuf);
  CHECK(settings.headers.empty());
  CHECK_FALSE(settings.gzip);
  CHECK(settings.timeout == 10s);
  CHECK(settings.max_batch == 512);
  CHECK(settings.notes.empty());
  CHECK(describe(settings) == "http://localhost:4318/v1/traces, http/protobuf");
}

TEST_CASE("of each option the variable for traces wins", "[otlp]") {
  const llmo::test::TempDir dir;
  const auto file = [&dir](const char* name) {
    std::ofstream(dir.path() / name) << "x";
    return (dir.path() / name).string();
  };
  Variables general{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general"},
                    {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                    {"OTEL_EXPORTER_OTLP_HEADERS", "a=general,b=2"},
                    {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                    {"OTEL_EXPORTER_OTLP_TIMEOUT", "1"},
                    {"OTEL_EXPORTER_OTLP_CERTIFICATE", file("ca")},
                    {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", file("cert")},
                    {"OTEL_EXPORTER_OTLP_CLIENT_KEY", file("key")}};
  const OtlpSettings first = settings_of(general);
  CHECK(first.endpoint_set);
  CHECK(first.url == "http://general/v1/traces");
  CHECK(first.gzip);
  CHECK(first.timeout == 1ms);
  CHECK(first.headers.size() == 2);
  CHECK(first.tls.client_key.ends_with("/key"));
  CHECK(describe(first) == "http://general/v1/traces, http/protobuf, gzip, 2 headers, client certificate");

  general.insert({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces"},
                  {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "HTTP/JSON"},
                  {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=traces"},
                  {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"},
                  {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0"},
                  {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", file("ca2")},
                  {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", file("cert2")},
                  {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", file("key2")},
                  {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "7"}});
  const OtlpSettings second = settings_of(general);
  CHECK(second.url == "http://traces/");
  CHECK(second.protocol == Protocol::kJson);
  CHECK(second.headers == net::HttpHeaders{{"a", "traces"}});
  CHECK_FALSE(second.gzip);
  CHECK(second.timeout == 0ms);
  CHECK(second.max_batch == 7);
  CHECK(second.tls.authorities.ends_with("/ca2"));
  CHECK(second.tls.client_certificate.ends_with("/cert2"));
  CHECK(second.tls.client_key.ends_with("/key2"));
  CHECK(second.notes.empty());
}

TEST_CASE("each value that cannot be used leaves a note and the default", "[otlp]") {
  const OtlpSettings settings = settings_of({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                                             {"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"},
                                             {"OTEL_EXPORTER_OTLP_TIMEOUT", "-1"},
                                             {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file"},
                                             {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0"}});
  CHECK(settings.protocol == Protocol::kProtobuf);
  CHECK_FALSE(settings.gzip);
  CHECK(settings.timeout == 10s);
  CHECK(settings.max_batch == 512);
  CHECK(settings.notes.size() == 5);
}

TEST_CASE("headers are read as baggage: blanks off, %XX decoded, everything behind the first = a value",
          "[otlp]") {
  const ParsedHeaders parsed =
      parse_headers("H", " api-key = a%20b%2Cc== ,Authorization=Basic dTpw, empty=,,odd=100%;x=1%zz");
  CHECK(parsed.headers ==
        net::HttpHeaders{
            {"api-key", "a b,c=="}, {"Authorization", "Basic dTpw"}, {"empty", ""}, {"odd", "100%;x=1%zz"}});
  CHECK(parsed.notes.empty());
}

TEST_CASE("members that cannot be headers are told by their place and by nothing else", "[otlp]") {
  const ParsedHeaders parsed = parse_headers(
      "H", "hush,=hush,hu sh=1,good=1,evil=a%0d%0aX: hush,Content-Type=hush,nul=hush%00,hush%41=1");
  CHECK(parsed.headers == net::HttpHeaders{{"good", "1"}, {"hush%41", "1"}});
  CHECK(parsed.notes.size() == 6);
  for (const std::string& note : parsed.notes) {
    INFO(note);
    CHECK(note.find("hush") == std::string::npos);
    CHECK(note.starts_with("H: member "));
  }
  CHECK(parsed.notes[3] == "H: member 5 has a control character in its value; it is left out");
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "a=b,";
  CHECK(parse_headers("H", endless).headers.size() == 100);
}

}  // namespace
}  // namespace llmo::otlp
