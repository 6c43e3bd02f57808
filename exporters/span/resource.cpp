#include "exporters/span/resource.h"

#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

#include "exporters/span/attributes.h"
#include "exporters/span/ids.h"
#include "exporters/span/utf8.h"
#include "exporters/span/version.h"
#include "shim/config/text.h"

namespace llmo {
namespace {

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = config::hex_digit(text[i + 1]);
    const int low = config::hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

// A UUID of version 4 in form, derived (ids.h).
std::string instance_id(const ProcessFacts& process, std::string_view host) {
  std::uint64_t high = process_hash(process.pid, process.start, process.opened_unix_nanos);
  for (const char c : host) high = mix_bits(high ^ static_cast<unsigned char>(c));
  std::uint64_t low = mix_bits(high + 1);
  high = (high & ~std::uint64_t{0xf000}) | 0x4000;
  low = (low & ~(std::uint64_t{3} << 62)) | std::uint64_t{2} << 62;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffff));
  return text.data();
}

void set_text(AttributeList& attributes, const char* key, std::string_view value) {
  if (!value.empty()) set_attribute(attributes, key, valid_utf8(value));
}

void set_process(AttributeList& attributes, const ProcessFacts& process) {
  const std::string host = host_name();
  const std::string_view name = file_name(process.executable);
  set_attribute(attributes, "service.name",
                name.empty() ? "unknown_service" : "unknown_service:" + valid_utf8(name));
  set_attribute(attributes, "service.instance.id", instance_id(process, host));
  set_attribute(attributes, "process.pid", std::int64_t{process.pid});
  if (process.parent_pid != 0) {
    set_attribute(attributes, "process.parent_pid", std::int64_t{process.parent_pid});
  }
  if (process.start_unix_nanos != 0) {
    set_attribute(attributes, "process.creation.time", iso8601(process.start_unix_nanos));
  }
  set_text(attributes, "process.executable.name", name);
  set_text(attributes, "process.executable.path", process.executable);
  set_text(attributes, "host.name", host);
  set_text(attributes, "host.arch", "amd64");
  set_text(attributes, "os.type", "linux");
}

}  // namespace

std::optional<AttributeList> parse_resource_attributes(std::string_view text) {
  AttributeList attributes;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view member = config::trim(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (member.empty()) continue;
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto key = percent_decode(config::trim(member.substr(0, equals)));
    auto value = percent_decode(config::trim(member.substr(equals + 1)));
    if (!key || key->empty() || !value) return std::nullopt;
    set_attribute(attributes, valid_utf8(*key), valid_utf8(*value));
  }
  return attributes;
}

std::shared_ptr<const Resource> make_resource(const ProcessFacts& process, std::string_view service_name,
                                              std::string_view resource_attributes,
                                              std::string_view prices_date) {
  Resource resource;
  set_process(resource.attributes, process);
  if (auto given = parse_resource_attributes(resource_attributes)) {
    for (const Attribute& attribute : *given) {
      // An empty service.name names nothing; the default stays.
      if (attribute.key == "service.name" && std::get<std::string>(attribute.value).empty()) continue;
      set_attribute(resource.attributes, attribute.key, attribute.value);
    }
  }
  set_text(resource.attributes, "service.name", service_name);
  set_text(resource.attributes, "telemetry.sdk.name", kScopeName);
  set_text(resource.attributes, "telemetry.sdk.language", "cpp");
  set_text(resource.attributes, "telemetry.sdk.version", kVersion);
  set_text(resource.attributes, "llmobserve.prices.date", prices_date);
  return std::make_shared<const Resource>(std::move(resource));
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string iso8601(std::uint64_t unix_nanos, int fraction_digits) {
  const auto seconds = static_cast<time_t>(unix_nanos / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 48> text{};
  const std::size_t size = ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string result(text.data(), size);
  if (fraction_digits > 0) {
    std::snprintf(text.data(), text.size(), ".%09u", static_cast<unsigned>(unix_nanos % 1'000'000'000));
    result.append(text.data(), static_cast<std::size_t>(fraction_digits) + 1);
  }
  return result + "Z";
}

}  // namespace llmo
