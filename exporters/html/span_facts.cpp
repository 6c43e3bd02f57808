#include "exporters/html/span_facts.h"

#include <string_view>
#include <variant>

#include "exporters/console/text.h"

namespace llmo::html {
namespace {

std::string text_of(const AttributeList& attributes, std::string_view name) {
  constexpr std::size_t kMaxBytes = 256;
  const AttributeValue* value = find_attribute(attributes, name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (text == nullptr) return {};
  return console::printable(std::string_view(*text).substr(0, kMaxBytes));
}

}  // namespace

SpanFacts facts_of(const Span& span) {
  SpanFacts facts;
  if (span.resource) facts.service = text_of(span.resource->attributes, "service.name");
  facts.thread_name = text_of(span.attributes, "thread.name");
  facts.kind = span.kind;
  return facts;
}

}  // namespace llmo::html
