// Spans as rows of ClickHouse's JSONEachRow format.
//
// Of the formats that ClickHouse reads this one fits a table whose types are not quite ours (an older or
// newer collector's): each value is converted by the server. A time is seconds and a fraction as text, which
// does not depend on the server's time zone; every attribute is text, as the collector's exporter has it.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <memory>
#include <string>
#include <string_view>

#include "exporters/clickhouse/schema.h"
#include "exporters/span/span.h"

namespace llmo::clickhouse {

// Writes columns_of(layout), whatever the table has of them.
class RowWriter {
 public:
  explicit RowWriter(Layout layout) : layout_(layout) {}

  // Adds one row with a newline behind it.
  void add(const Span& span);

  // The rows so far, until the next call.
  [[nodiscard]] std::string_view rows() const { return {buffer_.GetString(), buffer_.GetSize()}; }
  [[nodiscard]] std::size_t size() const { return buffer_.GetSize(); }
  void clear() { buffer_.Clear(); }

 private:
  using Json = rapidjson::Writer<rapidjson::StringBuffer>;

  void put_times(Json& out, const Span& span) const;
  void put_attributes(Json& out, std::string_view column, const AttributeList& attributes) const;
  void put_resource(Json& out, const Span& span);
  void put_events(Json& out, const Span& span) const;
  void put_links(Json& out, const Span& span) const;
  template <typename Owner>
  void put_attribute_lists(Json& out, std::string_view column, const std::vector<Owner>& owners) const;

  Layout layout_;
  rapidjson::StringBuffer buffer_;
  // Most spans of a batch have one resource: its part of the row is written once.
  std::shared_ptr<const Resource> known_resource_;
  std::string resource_text_;
};

// What an attribute is in a table of texts: numbers in decimal, lists as JSON.
std::string attribute_text(const AttributeValue& value);

// The words of the collector's exporter: `Client`, `Error`.
std::string_view kind_text(SpanKind kind);
std::string_view status_text(StatusCode status);

}  // namespace llmo::clickhouse
