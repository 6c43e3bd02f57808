// OpenTelemetry's span limits.
#include "exporters/span/span_limits.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

namespace {

using namespace llmo;

SpanLimits limits_from(const std::map<std::string, std::string>& variables,
                       std::vector<std::string>* notes = nullptr) {
  const auto lookup = [](const char* name, void* context) -> const char* {
    const auto& known = *static_cast<const std::map<std::string, std::string>*>(context);
    const auto found = known.find(name);
    return found == known.end() ? nullptr : found->second.c_str();
  };
  auto copy = variables;
  config::EnvironmentReader environment(lookup, &copy);
  const SpanLimits limits = read_span_limits(environment);
  if (notes != nullptr) *notes = environment.notes();
  return limits;
}

Span full_span() {
  Span span;
  for (int i = 0; i < 5; ++i) {
    span.attributes.push_back({"key." + std::to_string(i), std::string("värde")});
    span.events.push_back({1, "event", {}});
    span.links.push_back({{1, 1}, 2, {}, {}});
  }
  span.attributes.set("key.1", std::vector<std::string>{"ääää", "ok"});
  for (int i = 0; i < 4; ++i) {
    span.events[0].attributes.push_back({"e." + std::to_string(i), std::int64_t{1}});
    span.links[0].attributes.push_back({"l." + std::to_string(i), true});
  }
  return span;
}

}  // namespace

TEST_CASE("what is beyond a limit is left out and counted where it was", "[limits]") {
  SpanLimits limits;
  limits.attributes = 3;
  limits.events = 2;
  limits.links = 1;
  limits.event_attributes = 1;
  limits.link_attributes = 0;
  Span span = full_span();
  span.dropped_attributes = 7;
  apply_limits(limits, span);
  CHECK(span.attributes.size() == 3);
  CHECK(span.dropped_attributes == 9);
  CHECK(span.events.size() == 2);
  CHECK(span.dropped_events == 3);
  CHECK(span.links.size() == 1);
  CHECK(span.dropped_links == 4);
  CHECK(span.events[0].attributes.size() == 1);
  CHECK(span.events[0].dropped_attributes == 3);
  CHECK(span.links[0].attributes.empty());
  CHECK(span.links[0].dropped_attributes == 4);
}

TEST_CASE("strings are cut at characters, in lists too, and never within one", "[limits]") {
  SpanLimits limits;
  limits.value_length = 2;
  Span span = full_span();
  apply_limits(limits, span);
  CHECK(std::get<std::string>(*find_attribute(span.attributes, "key.0")) == "vä");
  CHECK(std::get<std::vector<std::string>>(*find_attribute(span.attributes, "key.1")) ==
        std::vector<std::string>{"ää", "ok"});
  CHECK(span.dropped_attributes == 0);
  limits.value_length = 0;
  apply_limits(limits, span);
  CHECK(std::get<std::string>(*find_attribute(span.attributes, "key.0")).empty());
}

TEST_CASE("a span within its limits keeps what it shares with others", "[limits]") {
  const auto shared = std::make_shared<const std::vector<Attribute>>(
      std::vector<Attribute>{{"code.function.name", std::string("plan")}});
  Span span;
  span.attributes = AttributeList(shared);
  SpanLimits limits;
  limits.value_length = 4;
  apply_limits(limits, span);
  CHECK(span.attributes.shared() == shared);
  limits.value_length = 3;
  apply_limits(limits, span);
  CHECK(std::get<std::string>(*find_attribute(span.attributes, "code.function.name")) == "pla");
  CHECK(std::get<std::string>((*shared)[0].value) == "plan");
}

TEST_CASE("the limit of spans beats the general one, and a bad value changes nothing", "[limits]") {
  CHECK(limits_from({}).attributes == 128);
  CHECK(limits_from({}).value_length == SpanLimits::kNone);
  CHECK(limits_from({{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1000"}}).attributes == 1000);
  const SpanLimits general = limits_from({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "5"},
                                          {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6"},
                                          {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "4"}});
  CHECK(general.attributes == 5);
  CHECK(general.event_attributes == 5);
  CHECK(general.link_attributes == 4);
  CHECK(general.value_length == 6);
  std::vector<std::string> notes;
  const SpanLimits both = limits_from({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "5"},
                                       {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "6"},
                                       {"OTEL_SPAN_EVENT_COUNT_LIMIT", "-1"},
                                       {"OTEL_SPAN_LINK_COUNT_LIMIT", "many"}},
                                      &notes);
  CHECK(both.attributes == 6);
  CHECK(both.events == 128);
  CHECK(both.links == 128);
  CHECK(notes.size() == 2);
}
