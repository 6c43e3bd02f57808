// All that is to be known of a few hundred spans, as a JSON text that the page reads when one of them is
// looked at or searched:
//
//   {"strings":["thread.id", …],
//    "resources":[ATTRIBUTES, …],
//    "rows":[[message, flags, tracestate, scope, resource, DROPPED, ATTRIBUTES, EVENTS, LINKS, left out], …]}
//
//   ATTRIBUTES  [key, type, value, key, type, value, …]   type: 0 text, 1 whole number, 2 number, 3 truth,
//                                                         4 list; value: a string, of a list an array of them
//   DROPPED     [attributes, events, links] that the program itself had to drop
//   EVENTS      [[nanos since the span's start, name, ATTRIBUTES], …]
//   LINKS       [[trace id, span id, tracestate, flags, ATTRIBUTES], …]
//
// Message, tracestate, scope, key, value, name and ids are numbers of strings. Numbers are strings too, so
// that the page shows every digit of them. Resource is -1 where there is none. Left out is how many
// attributes, events and links were too much for the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporters/html/json_columns.h"
#include "exporters/html/string_table.h"
#include "exporters/span/span.h"

namespace llmo::html {

class DetailBlock {
 public:
  static constexpr std::size_t kMaxValueBytes = std::size_t{64} << 10;  // a longer one is cut, and says so
  static constexpr std::size_t kMaxSpanBytes = std::size_t{1} << 20;    // beyond, attributes are left out

  DetailBlock();

  void add(const Span& span);

  std::uint32_t rows() const { return rows_; }
  // Of texts so far, each told once: about what json() will have.
  std::size_t bytes() const { return string_bytes_ + row_text_.GetSize(); }

  // Ends the block: nothing can be added any more.
  std::string json();

 private:
  std::uint32_t number_of(std::string text);
  void write_value(JsonWriter& json, const AttributeValue& value);
  void write_attributes(JsonWriter& json, const AttributeList& attributes);
  void write_event(const SpanEvent& event, std::uint64_t span_start);
  void write_link(const SpanLink& link);
  int resource_number(const Span& span);
  bool has_room();

  StringTable strings_;
  StringTable resources_;  // as JSON
  std::shared_ptr<const Resource> last_resource_;
  int last_resource_number_ = -1;
  rapidjson::StringBuffer row_text_;
  JsonWriter json_{row_text_};
  std::uint32_t rows_ = 0;
  std::size_t string_bytes_ = 0;
  std::size_t span_bytes_ = 0;       // of the span that is being added
  std::uint32_t span_left_out_ = 0;  // of the same
};

}  // namespace llmo::html
