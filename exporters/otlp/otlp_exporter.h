// Sends spans by OTLP over HTTP (OTLP 1.x, "OTLP/HTTP"), in protobuf or JSON.
//
// A batch goes out in as many requests as its size asks for, one after the other. What cannot be taken now is
// sent again, from the first span that has not got out: an answer that does not arrive can make spans come
// twice, which receivers allow for. What is refused for good is counted and told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "exporters/net/http_client.h"
#include "exporters/net/redaction.h"
#include "exporters/net/retry.h"
#include "exporters/otlp/otlp_settings.h"
#include "exporters/span/exporter.h"

namespace llmo::otlp {

class OtlpExporter : public Exporter {
 public:
  // `stop_requested` (may be empty) ends a request that is under way.
  OtlpExporter(OtlpSettings settings, std::function<bool()> stop_requested);

  std::string name() const override { return "otlp"; }
  bool export_batch(std::span<const Span> spans) override;
  std::string problem() const override { return problem_; }
  std::chrono::milliseconds retry_in() const override { return retry_in_; }
  ExportCounts counts() const override { return counts_; }
  std::string take_warning() override;
  bool remote() const override { return true; }

 private:
  bool send(std::span<const Span> spans);
  std::string encoded(std::span<const Span> spans) const;
  bool settle(const net::HttpAnswer& answer, std::size_t spans);
  void take_success(const net::HttpAnswer& answer, std::size_t spans);
  bool fail(std::string why, const net::HttpAnswer& answer);
  void refuse(std::size_t spans, const std::string& why);
  std::string shown_message(std::string message) const;

  // Of many alike only the first is told.
  struct Told {
    std::string first;
    bool more = false;

    void add(const std::string& text);
    std::string take();
  };

  const OtlpSettings settings_;
  const std::string shown_url_;
  const net::Redaction redacted_;
  net::HttpClient client_;
  net::HttpHeaders headers_;
  net::BackOff back_off_;
  std::size_t done_ = 0;  // spans of the batch that are out or refused
  bool failing_ = false;  // the last request is to be repeated
  std::string problem_;
  std::chrono::milliseconds retry_in_{0};
  ExportCounts counts_;
  // Since the last take_warning():
  std::uint64_t refused_ = 0;
  Told reasons_;  // for which they were
  Told warnings_;
};

}  // namespace llmo::otlp
