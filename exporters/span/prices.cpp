#include "exporters/span/prices.h"

#include <algorithm>
#include <string>

#include "exporters/span/attributes.h"

namespace llmo {
namespace {

struct PriceRow {
  std::string_view provider;
  std::string_view model;
  Price price;
};

// List prices without batch or priority tiers, as of 2025-12: openai.com/api/pricing and
// platform.openai.com/docs/pricing; claude.com/pricing and docs.claude.com (cache writes for five minutes).
// A model that does not cache has its input price for cached input too.
constexpr PriceRow kPrices[] = {
    // provider, model             input   cached  write   output
    {"openai", "gpt-5.1", {1.25, 0.125, 1.25, 10.0}},
    {"openai", "gpt-5", {1.25, 0.125, 1.25, 10.0}},
    {"openai", "gpt-5-mini", {0.25, 0.025, 0.25, 2.0}},
    {"openai", "gpt-5-nano", {0.05, 0.005, 0.05, 0.4}},
    {"openai", "gpt-4.1", {2.0, 0.5, 2.0, 8.0}},
    {"openai", "gpt-4.1-mini", {0.4, 0.1, 0.4, 1.6}},
    {"openai", "gpt-4.1-nano", {0.1, 0.025, 0.1, 0.4}},
    {"openai", "gpt-4o", {2.5, 1.25, 2.5, 10.0}},
    {"openai", "gpt-4o-2024-05-13", {5.0, 5.0, 5.0, 15.0}},
    {"openai", "gpt-4o-mini", {0.15, 0.075, 0.15, 0.6}},
    {"openai", "o3", {2.0, 0.5, 2.0, 8.0}},
    {"openai", "o4-mini", {1.1, 0.275, 1.1, 4.4}},
    {"openai", "o3-mini", {1.1, 0.55, 1.1, 4.4}},
    {"openai", "o1", {15.0, 7.5, 15.0, 60.0}},
    {"openai", "gpt-4-turbo", {10.0, 10.0, 10.0, 30.0}},
    {"openai", "gpt-3.5-turbo", {0.5, 0.5, 0.5, 1.5}},
    {"openai", "gpt-3.5-turbo-0125", {0.5, 0.5, 0.5, 1.5}},
    {"openai", "text-embedding-3-small", {0.02, 0.02, 0.02, 0.0}},
    {"openai", "text-embedding-3-large", {0.13, 0.13, 0.13, 0.0}},
    {"openai", "text-embedding-ada-002", {0.1, 0.1, 0.1, 0.0}},

    {"anthropic", "claude-opus-4-5", {5.0, 0.5, 6.25, 25.0}},
    {"anthropic", "claude-sonnet-4-5", {3.0, 0.3, 3.75, 15.0, 200'000}},
    {"anthropic", "claude-haiku-4-5", {1.0, 0.1, 1.25, 5.0}},
    {"anthropic", "claude-opus-4-1", {15.0, 1.5, 18.75, 75.0}},
    {"anthropic", "claude-opus-4", {15.0, 1.5, 18.75, 75.0}},
    {"anthropic", "claude-opus-4-0", {15.0, 1.5, 18.75, 75.0}},
    {"anthropic", "claude-sonnet-4", {3.0, 0.3, 3.75, 15.0, 200'000}},
    {"anthropic", "claude-sonnet-4-0", {3.0, 0.3, 3.75, 15.0, 200'000}},
    {"anthropic", "claude-3-7-sonnet", {3.0, 0.3, 3.75, 15.0}},
    {"anthropic", "claude-3-7-sonnet-latest", {3.0, 0.3, 3.75, 15.0}},
    {"anthropic", "claude-3-5-sonnet", {3.0, 0.3, 3.75, 15.0}},
    {"anthropic", "claude-3-5-sonnet-latest", {3.0, 0.3, 3.75, 15.0}},
    {"anthropic", "claude-3-5-haiku", {0.8, 0.08, 1.0, 4.0}},
    {"anthropic", "claude-3-5-haiku-latest", {0.8, 0.08, 1.0, 4.0}},
    {"anthropic", "claude-3-opus", {15.0, 1.5, 18.75, 75.0}},
    {"anthropic", "claude-3-haiku", {0.25, 0.03, 0.3, 1.25}},
};

std::optional<Price> find_exact(std::string_view provider, std::string_view model) {
  for (const PriceRow& row : kPrices) {
    if (row.provider == provider && row.model == model) return row.price;
  }
  return std::nullopt;
}

// Whether `text` is spelled as `pattern`, where 'd' stands for a digit.
bool has_shape(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return p == 'd' ? c >= '0' && c <= '9' : c == p; });
}

std::string_view without_date(std::string_view model) {
  for (const std::string_view shape : {"-dddd-dd-dd", "-dddddddd"}) {
    if (model.size() > shape.size() && has_shape(model.substr(model.size() - shape.size()), shape)) {
      return model.substr(0, model.size() - shape.size());
    }
  }
  return model;
}

std::string_view text(const std::vector<Attribute>& attributes, std::string_view key) {
  const AttributeValue* const value = find_attribute(attributes, key);
  const auto* const string = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return string == nullptr ? std::string_view() : std::string_view(*string);
}

std::optional<std::int64_t> count(const std::vector<Attribute>& attributes, std::string_view key) {
  const AttributeValue* const value = find_attribute(attributes, key);
  const auto* const number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr || *number < 0 ? std::nullopt : std::optional(*number);
}

// The model that answered is priced; where it is not known to the table, the one that was asked for.
std::optional<Price> price_of(const std::vector<Attribute>& attributes) {
  const std::string_view provider = text(attributes, "gen_ai.provider.name");
  const auto price = find_price(provider, text(attributes, "gen_ai.response.model"));
  return price ? price : find_price(provider, text(attributes, "gen_ai.request.model"));
}

bool other_tier(const std::vector<Attribute>& attributes) {
  const std::string_view tier = text(attributes, "openai.response.service_tier");
  return tier == "flex" || tier == "priority" || tier == "scale" || tier == "batch";
}

struct Usage {
  std::int64_t input = 0;  // all of it, cached and written to the cache included
  std::int64_t cached = 0;
  std::int64_t written = 0;
  std::int64_t output = 0;
};

std::optional<Usage> usage_of(const std::vector<Attribute>& attributes) {
  const auto input = count(attributes, "gen_ai.usage.input_tokens");
  const auto output = count(attributes, "gen_ai.usage.output_tokens");
  if (!input && !output) return std::nullopt;
  auto written = count(attributes, "gen_ai.usage.cache_write.input_tokens");
  if (!written) written = count(attributes, "gen_ai.usage.cache_creation.input_tokens");
  return Usage{input.value_or(0), count(attributes, "gen_ai.usage.cache_read.input_tokens").value_or(0),
               written.value_or(0), output.value_or(0)};
}

double cost_of(const Usage& usage, const Price& price) {
  // In doubles: counts come from the network and may be of any size.
  const auto tokens = [](std::int64_t n) { return static_cast<double>(n); };
  const double fresh = std::max(0.0, tokens(usage.input) - tokens(usage.cached) - tokens(usage.written));
  return (fresh * price.input + tokens(usage.cached) * price.cached_input +
          tokens(usage.written) * price.cache_write + tokens(usage.output) * price.output) /
         1e6;
}

void set_reason(std::vector<Attribute>& attributes, const char* reason) {
  set_attribute(attributes, "llmobserve.cost.reason", std::string(reason));
}

}  // namespace

std::optional<Price> find_price(std::string_view provider, std::string_view model) {
  const auto price = find_exact(provider, model);
  return price ? price : find_exact(provider, without_date(model));
}

void add_cost(std::vector<Attribute>& attributes) {
  if (find_attribute(attributes, "gen_ai.provider.name") == nullptr) return;
  const auto usage = usage_of(attributes);
  if (!usage) return;
  const auto price = price_of(attributes);
  if (!price) return set_reason(attributes, "unknown model");
  if (other_tier(attributes)) return set_reason(attributes, "unknown service tier price");
  if (price->max_input_tokens != 0 && usage->input > price->max_input_tokens) {
    return set_reason(attributes, "unknown long prompt price");
  }
  set_attribute(attributes, "llmobserve.cost.usd", cost_of(*usage, *price));
}

}  // namespace llmo
