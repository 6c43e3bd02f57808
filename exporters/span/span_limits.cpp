#include "exporters/span/span_limits.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "exporters/span/attributes.h"

namespace llmo {
namespace {

constexpr std::string_view kCounts = "a number from 0 to 1280";
constexpr std::string_view kLengths = "a number of characters";

constexpr const char* kAttributes = "OTEL_ATTRIBUTE_COUNT_LIMIT";
constexpr const char* kSpanAttributes = "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT";
constexpr const char* kEvents = "OTEL_SPAN_EVENT_COUNT_LIMIT";
constexpr const char* kLinks = "OTEL_SPAN_LINK_COUNT_LIMIT";
constexpr const char* kEventAttributes = "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT";
constexpr const char* kLinkAttributes = "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT";
constexpr const char* kLength = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";
constexpr const char* kSpanLength = "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT";

constexpr std::array<config::SettingInfo, 6> kTable = {{
    {.variable = kSpanAttributes,
     .default_text = "128",
     .meaning = "attributes of a span; what is beyond a limit is left out and counted",
     .values = kCounts,
     .alias = kAttributes},
    {.variable = kEvents, .default_text = "128", .meaning = "events of a span", .values = kCounts},
    {.variable = kLinks, .default_text = "128", .meaning = "links of a span", .values = kCounts},
    {.variable = kEventAttributes,
     .default_text = "128",
     .meaning = "attributes of an event",
     .values = kCounts,
     .alias = kAttributes},
    {.variable = kLinkAttributes,
     .default_text = "128",
     .meaning = "attributes of a link",
     .values = kCounts,
     .alias = kAttributes},
    {.variable = kSpanLength,
     .default_text = "no limit",
     .meaning = "characters of a string in an attribute; longer ones are cut",
     .values = kLengths,
     .alias = kLength},
}};

// Where the text has more than `characters` of them: the bytes that those take; else its size. The text is
// UTF-8.
std::size_t cut_at(std::string_view text, std::uint64_t characters) {
  if (text.size() <= characters) return text.size();
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins && seen++ == characters) return i;
  }
  return text.size();
}

bool too_long(const AttributeValue& value, std::uint64_t characters) {
  const auto check = [characters](const std::string& text) { return cut_at(text, characters) < text.size(); };
  if (const auto* const text = std::get_if<std::string>(&value)) return check(*text);
  const auto* const texts = std::get_if<std::vector<std::string>>(&value);
  return texts != nullptr && std::any_of(texts->begin(), texts->end(), check);
}

void cut(AttributeValue& value, std::uint64_t characters) {
  const auto shorten = [characters](std::string& text) { text.resize(cut_at(text, characters)); };
  if (auto* const text = std::get_if<std::string>(&value)) shorten(*text);
  if (auto* const texts = std::get_if<std::vector<std::string>>(&value)) {
    std::for_each(texts->begin(), texts->end(), shorten);
  }
}

// Most lists are as they have to be, and may be shared: only the others are made anew.
void limit(AttributeList& attributes, std::uint64_t most, std::uint64_t characters, std::uint32_t& dropped) {
  const bool long_values = characters != SpanLimits::kNone &&
                           std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& attribute) {
                             return too_long(attribute.value, characters);
                           });
  if (attributes.size() <= most && !long_values) return;
  std::vector<Attribute> kept;
  for (const Attribute& attribute : attributes) {
    if (kept.size() == most) break;
    kept.push_back(attribute);
    cut(kept.back().value, characters);
  }
  dropped += static_cast<std::uint32_t>(attributes.size() - kept.size());
  attributes = AttributeList(std::move(kept));
}

template <typename List>
void limit_count(List& list, std::uint64_t most, std::uint32_t& dropped) {
  if (list.size() <= most) return;
  dropped += static_cast<std::uint32_t>(list.size() - most);
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
}

}  // namespace

SpanLimits read_span_limits(config::EnvironmentReader& environment) {
  constexpr std::uint64_t kLongest = 1ULL << 40;
  SpanLimits limits;
  limits.attributes = environment.number({kSpanAttributes, kAttributes}, limits.attributes, 0, kMostListed);
  limits.events = environment.number({kEvents}, limits.events, 0, kMostListed);
  limits.links = environment.number({kLinks}, limits.links, 0, kMostListed);
  limits.event_attributes =
      environment.number({kEventAttributes, kAttributes}, limits.event_attributes, 0, kMostListed);
  limits.link_attributes =
      environment.number({kLinkAttributes, kAttributes}, limits.link_attributes, 0, kMostListed);
  if (!environment.text({kSpanLength, kLength}).empty()) {
    limits.value_length = environment.number({kSpanLength, kLength}, kLongest, 0, kLongest);
  }
  return limits;
}

void apply_limits(const SpanLimits& limits, Span& span) {
  limit(span.attributes, limits.attributes, limits.value_length, span.dropped_attributes);
  limit_count(span.events, limits.events, span.dropped_events);
  limit_count(span.links, limits.links, span.dropped_links);
  for (SpanEvent& event : span.events) {
    limit(event.attributes, limits.event_attributes, limits.value_length, event.dropped_attributes);
  }
  for (SpanLink& link : span.links) {
    limit(link.attributes, limits.link_attributes, limits.value_length, link.dropped_attributes);
  }
}

std::span<const config::SettingInfo> span_limit_table() { return kTable; }

}  // namespace llmo
