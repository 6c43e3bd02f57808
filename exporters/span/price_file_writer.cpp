// Writes price files: one price a line, so that people can find, change and compare them.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "exporters/span/price_file.h"

namespace llmo {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_member(Writer& writer, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  write_text(writer, text);
}

void write_rates(Writer& writer, const Rates& rates) {
  for (const RateMember& member : kRateMembers) {
    if (!(rates.*member.rate)) continue;
    writer.Key(member.name.data(), static_cast<rapidjson::SizeType>(member.name.size()));
    writer.Double(*(rates.*member.rate));
  }
}

// What `write` puts into one object, as text.
template <typename Write>
std::string object_text(Write write) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  write(writer);
  writer.EndObject();
  return buffer.GetString();
}

std::string quoted(std::string_view text) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write_text(writer, text);
  return buffer.GetString();
}

std::string origin_text(std::string_view provider, const PriceOrigin& origin) {
  return object_text([&](Writer& writer) {
    write_member(writer, "provider", provider);
    write_member(writer, "date", origin.date);
    write_member(writer, "source", origin.source);
  });
}

std::string price_text(std::string_view provider, std::string_view model, const Price& price) {
  return object_text([&](Writer& writer) {
    write_member(writer, "provider", provider);
    write_member(writer, "model", model);
    write_rates(writer, price.rates);
    if (price.tiers.empty()) return;
    writer.Key("tiers");
    writer.StartArray();
    for (const PriceTier& tier : price.tiers) {
      writer.StartObject();
      writer.Key("above_input_tokens");
      writer.Int64(tier.above_input_tokens);
      write_rates(writer, tier.rates);
      writer.EndObject();
    }
    writer.EndArray();
  });
}

std::string list_text(const std::vector<std::string>& lines) {
  std::string text = "[";
  for (const std::string& line : lines) text += (text.size() == 1 ? "\n    " : ",\n    ") + line;
  return text + (lines.empty() ? "]" : "\n  ]");
}

}  // namespace

std::string write_prices(const PriceTable& table) {
  std::vector<std::string> origins;
  for (const auto& [provider, origin] : table.origin_of) origins.push_back(origin_text(provider, origin));
  std::vector<std::string> prices;
  for (const auto& [provider, models] : table.providers()) {
    for (const auto& [model, price] : models) prices.push_back(price_text(provider, model, price));
  }
  std::string text = "{\n";
  if (!table.origin.date.empty()) text += "  \"date\": " + quoted(table.origin.date) + ",\n";
  if (!table.origin.source.empty()) text += "  \"source\": " + quoted(table.origin.source) + ",\n";
  if (!origins.empty()) text += "  \"origins\": " + list_text(origins) + ",\n";
  return text + "  \"prices\": " + list_text(prices) + "\n}\n";
}

}  // namespace llmo
