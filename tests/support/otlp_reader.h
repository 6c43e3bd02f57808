// Reads what the `file` exporter writes (OTLP, JSON lines) the way a foreign reader would: nothing here
// shares code with the exporter, so a wrong name or a wrong type in the file shows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace llmo::test {

using Value = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;
using Attributes = std::map<std::string, Value, std::less<>>;

struct Event {
  std::uint64_t unix_nanos = 0;
  std::string name;
  Attributes attributes;
};

struct Link {
  std::string trace_id;
  std::string span_id;
  std::string tracestate;
  std::uint32_t flags = 0;
  Attributes attributes;
};

struct Span {
  std::string trace_id;        // 32 lower-case hex digits
  std::string span_id;         // 16
  std::string parent_span_id;  // 16, or empty: a root
  std::string name;
  std::string tracestate;
  int kind = 0;  // 1 internal, 2 server, 3 client, 4 producer, 5 consumer
  std::uint64_t start_unix_nanos = 0;
  std::uint64_t end_unix_nanos = 0;
  int status = 0;  // 0 unset, 1 ok, 2 error
  std::string status_message;
  std::uint32_t flags = 0;
  Attributes attributes;
  std::vector<Event> events;
  std::vector<Link> links;
  std::shared_ptr<const Attributes> resource;  // shared by the spans that came together
};

// All spans of a text of JSON lines, in the order of the file. Throws std::runtime_error with line and reason
// where a line is not what OTLP/JSON allows.
std::vector<Span> read_otlp_lines(std::string_view text);

// An attribute as text: numbers as decimals, booleans as true and false, lists joined by ','. Empty where the
// span has none of that name.
std::string attribute(const Span& span, std::string_view key);
bool has_attribute(const Span& span, std::string_view key);
std::string resource_attribute(const Span& span, std::string_view key);
std::string attribute(const Link& link, std::string_view key);

// The spans of that name, in order of their start.
std::vector<Span> spans_named(const std::vector<Span>& spans, std::string_view name);

// The one span of that name. Throws std::runtime_error, with the tree, where there is none or more than one.
Span only_span(const std::vector<Span>& spans, std::string_view name);

// The spans as text, one line each: two blanks of indent per level, siblings (and roots) by start time, then
//
//   name  [client] ERROR end=killed
//
// [client], [server], [producer], [consumer]: the kind, where it is not internal. ERROR: status. end=…: the
// attribute llmobserve.end. [remote parent]: the parent is another service's. [parent missing]: the parent is
// ours and not in the list. [twice]: the list has the span id more than once.
std::string tree_of(const std::vector<Span>& spans);

}  // namespace llmo::test
