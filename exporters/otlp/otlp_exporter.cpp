#include "exporters/otlp/otlp_exporter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/net/printable.h"
#include "exporters/net/url.h"
#include "exporters/otlp/otlp_answer.h"
#include "exporters/otlp/protobuf_writer.h"
#include "exporters/otlp/request_cut.h"
#include "exporters/span/version.h"

namespace llmo::otlp {
namespace {

// Receivers begin to refuse at 4 MiB. JSON is about twice as large as the protobuf that is measured.
constexpr std::size_t kMostProtobufBytes = 2 << 20;
constexpr std::size_t kMostJsonBytes = 1 << 20;
// What must not be sent at all: OTLP 1.x, "OTLP/HTTP Request".
constexpr std::size_t kLimitBytes = 64 << 20;

net::HttpOptions http_options(const OtlpSettings& settings, std::function<bool()> stop_requested) {
  net::HttpOptions options;
  options.tls = settings.tls;
  options.gzip = settings.gzip;
  options.timeout = settings.timeout;
  options.user_agent = fmt::format("llmobserve-otlp-exporter-cpp/{}", kVersion);
  options.stop_requested = std::move(stop_requested);
  return options;
}

net::HttpHeaders request_headers(const OtlpSettings& settings) {
  net::HttpHeaders headers = settings.headers;
  const bool json = settings.protocol == Protocol::kJson;
  headers.emplace_back("Content-Type", json ? "application/json" : "application/x-protobuf");
  return headers;
}

// OTLP 1.x, "Retryable Response Codes".
bool is_retryable(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

OtlpExporter::OtlpExporter(OtlpSettings settings, std::function<bool()> stop_requested)
    : settings_(std::move(settings)),
      shown_url_(net::shown_url(settings_.url)),
      redacted_(settings_.url, settings_.headers),
      client_(http_options(settings_, std::move(stop_requested))),
      headers_(request_headers(settings_)),
      back_off_(net::process_seed()) {
  if (!settings_.notes.empty()) warnings_.add(fmt::format("{}", fmt::join(settings_.notes, "; ")));
}

bool OtlpExporter::export_batch(std::span<const Span> spans) {
  const std::size_t most_bytes = settings_.protocol == Protocol::kJson ? kMostJsonBytes : kMostProtobufBytes;
  while (done_ < spans.size()) {
    const auto rest = spans.subspan(done_);
    const std::size_t count = spans_that_fit(rest, settings_.max_batch, most_bytes);
    if (!send(rest.first(count))) return false;
    done_ += count;
  }
  done_ = 0;
  return true;
}

// Returns false where the spans are to be sent again.
bool OtlpExporter::send(std::span<const Span> spans) {
  const std::string body = encoded(spans);
  if (body.size() > kLimitBytes) {
    refuse(spans.size(), "a span is larger than the 64 MiB that OTLP allows");
    return true;
  }
  if (std::exchange(failing_, false)) ++counts_.retried;
  return settle(client_.post(settings_.url, headers_, body), spans.size());
}

std::string OtlpExporter::encoded(std::span<const Span> spans) const {
  if (settings_.protocol == Protocol::kJson) return file::to_otlp_json(spans);
  std::string body;
  append_otlp_protobuf(spans, body);
  return body;
}

bool OtlpExporter::settle(const net::HttpAnswer& answer, std::size_t spans) {
  if (answer.status == 0 && answer.passing) return fail(answer.problem, answer);
  if (answer.status == 0) {
    refuse(spans, fmt::format("{}: {}", shown_url_, answer.problem));
    return true;
  }
  if (answer.status >= 200 && answer.status < 300) {
    take_success(answer, spans);
    return true;
  }
  const std::string message = shown_message(read_failure_message(answer.body));
  std::string why =
      fmt::format("it answers with status {}{}{}", answer.status, message.empty() ? "" : ": ", message);
  if (is_retryable(answer.status)) return fail(std::move(why), answer);
  refuse(spans, fmt::format("{}: {}", shown_url_, why));
  return true;
}

void OtlpExporter::take_success(const net::HttpAnswer& answer, std::size_t spans) {
  back_off_.reset();
  const ExportAnswer said = read_export_answer(answer.body);
  const auto rejected = static_cast<std::size_t>(
      std::clamp<std::int64_t>(said.rejected_spans, 0, static_cast<std::int64_t>(spans)));
  counts_.exported += spans - rejected;
  const std::string message = shown_message(said.message);
  if (rejected > 0) {
    refuse(rejected, fmt::format("{}: {}", shown_url_, message.empty() ? "no reason is given" : message));
  } else if (!message.empty()) {
    warnings_.add(fmt::format("{} takes spans and says: {}", shown_url_, message));
  } else if (!said.readable || answer.body_cut) {
    warnings_.add(
        fmt::format("{} takes spans with an answer that is not OTLP; is it the right address?", shown_url_));
  }
}

bool OtlpExporter::fail(std::string why, const net::HttpAnswer& answer) {
  failing_ = true;
  problem_ = fmt::format("cannot send spans to {}: {}", shown_url_, why);
  const auto asked_for = net::parse_retry_after(answer.retry_after, std::time(nullptr));
  retry_in_ = asked_for ? *asked_for : back_off_.next();
  return false;
}

void OtlpExporter::refuse(std::size_t spans, const std::string& why) {
  back_off_.reset();
  counts_.dropped += spans;
  refused_ += spans;
  reasons_.add(why);
}

void OtlpExporter::Told::add(const std::string& text) {
  if (first.empty()) first = text;
  more = more || first != text;
}

std::string OtlpExporter::Told::take() {
  return std::exchange(first, {}) + (std::exchange(more, false) ? " (and more)" : "");
}

std::string OtlpExporter::take_warning() {
  std::string told;
  if (const std::uint64_t refused = std::exchange(refused_, 0); refused > 0) {
    told = fmt::format("{} span{} dropped: {}", refused, refused == 1 ? "" : "s", reasons_.take());
  }
  const std::string warnings = warnings_.take();
  return told + (told.empty() || warnings.empty() ? "" : "; ") + warnings;
}

// The secrets go first: what is cut in two would not be found.
std::string OtlpExporter::shown_message(std::string message) const {
  return net::printable(redacted_(std::move(message)));
}

}  // namespace llmo::otlp
