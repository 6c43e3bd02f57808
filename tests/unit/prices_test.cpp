// What a call has cost, and when that cannot be said.
#include "exporters/span/prices.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "exporters/span/attributes.h"
#include "exporters/span/shipped_prices.h"

namespace {

using namespace llmo;

constexpr std::int64_t kMillion = 1'000'000;

// A call with its usage; attributes are written as the shim writes them.
class Call {
 public:
  Call(const char* provider, const char* model) {
    add("gen_ai.provider.name", provider);
    add("gen_ai.response.model", model);
  }
  Call& add(const char* key, const char* text) {
    attributes_.push_back({key, std::string(text)});
    return *this;
  }
  Call& tokens(const std::string& kind, std::int64_t count) {
    attributes_.push_back({"gen_ai.usage." + kind, count});
    return *this;
  }
  Call& input(std::int64_t count) { return tokens("input_tokens", count); }
  Call& output(std::int64_t count) { return tokens("output_tokens", count); }

  // NaN where there is none.
  double cost(const PriceTable& table = shipped_prices()) const {
    const auto* const value = priced<double>("llmobserve.cost.usd", table);
    return value == nullptr ? std::nan("") : *value;
  }
  std::string reason(const PriceTable& table = shipped_prices()) const {
    const auto* const value = priced<std::string>("llmobserve.cost.reason", table);
    return value == nullptr ? "(none)" : *value;
  }
  std::size_t added() const {
    priced<double>("", shipped_prices());
    return result_.size() - attributes_.size();
  }

 private:
  template <typename T>
  const T* priced(const char* key, const PriceTable& table) const {
    result_ = attributes_;
    add_cost(result_, table);
    const AttributeValue* const value = find_attribute(result_, key);
    return value == nullptr ? nullptr : std::get_if<T>(value);
  }

  AttributeList attributes_;
  mutable AttributeList result_;
};

// Each rate another power of ten, so that a sum tells which buckets are in it.
PriceTable decimal_table() {
  Price price;
  price.rates = {1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7};
  price.tiers.push_back({2 * kMillion, {2, 20, {}, 2000, {}, {}, {}, {}}});
  PriceTable table;
  table.add("p", "m", price);
  return table;
}

const Price* shipped(const char* provider, const char* model) {
  return shipped_prices().find(provider, model);
}

}  // namespace

TEST_CASE("a token is paid for once, in the bucket that it belongs to", "[prices]") {
  const PriceTable table = decimal_table();
  const auto call = [] { return Call("p", "m").input(kMillion).output(kMillion); };
  CHECK(call().cost(table) == Approx(1 + 1000));
  CHECK(call().tokens("cache_read.input_tokens", kMillion / 2).cost(table) == Approx(0.5 + 5 + 1000));
  CHECK(call().tokens("cache_write.input_tokens", kMillion / 2).cost(table) == Approx(0.5 + 50 + 1000));
  CHECK(call().tokens("cache_creation.input_tokens", kMillion / 2).cost(table) == Approx(0.5 + 50 + 1000));
  CHECK(call().tokens("reasoning.output_tokens", kMillion / 2).cost(table) == Approx(1 + 500 + 5000));
  CHECK(call().tokens("audio.input_tokens", kMillion / 2).cost(table) == Approx(0.5 + 5e4 + 1000));
  CHECK(call().tokens("audio.output_tokens", kMillion / 2).cost(table) == Approx(1 + 500 + 5e6));
  CHECK(call()
            .tokens("cache_read.input_tokens", kMillion / 2)
            .tokens("audio.input_tokens", kMillion / 2)
            .tokens("audio.cache_read.input_tokens", kMillion / 4)
            .cost(table) == Approx(0.25 + 2.5 + 2.5e4 + 2.5e5 + 1000));
}

TEST_CASE("a bucket without a price of its own has that of its whole", "[prices]") {
  PriceTable table;
  table.add("p", "m", {{1, {}, {}, 2, {}, {}, {}, {}}, {}});
  CHECK(Call("p", "m")
            .input(kMillion)
            .output(kMillion)
            .tokens("cache_read.input_tokens", 500'000)
            .tokens("cache_write.input_tokens", 500'000)
            .tokens("reasoning.output_tokens", 500'000)
            .cost(table) == Approx(3));
}

TEST_CASE("a prompt above a limit is charged by that tier as a whole, one at the limit is not", "[prices]") {
  const PriceTable table = decimal_table();
  CHECK(Call("p", "m").input(2 * kMillion).output(kMillion).cost(table) == Approx(2 + 1000));
  CHECK(Call("p", "m").input(2 * kMillion + 1).output(kMillion).cost(table) == Approx(4 + 2000).margin(1e-4));
  // Cached tokens count for the limit, and what the tier does not name stays as it is.
  const auto cached = Call("p", "m").input(3 * kMillion).tokens("cache_read.input_tokens", 2 * kMillion);
  CHECK(cached.cost(table) == Approx(2 + 40));
  CHECK(Call("p", "m").input(3 * kMillion).tokens("cache_write.input_tokens", kMillion).cost(table) ==
        Approx(4 + 100));

  CHECK(Call("gcp.gemini", "gemini-2.5-pro").input(200'000).cost() == Approx(0.25));
  CHECK(Call("gcp.gemini", "gemini-2.5-pro").input(200'001).cost() == Approx(0.5000025));
  CHECK(Call("anthropic", "claude-sonnet-4-5-20250929").input(300'000).output(1000).cost() ==
        Approx(1.8 + 0.0225));
  CHECK(Call("x_ai", "grok-4.6").input(200'000).cost() == Approx(0.8));
}

TEST_CASE("a model is priced by its id, then by its id without a date, and never by a prefix", "[prices]") {
  CHECK(shipped("openai", "gpt-4o")->rates.input == 2.5);
  CHECK(shipped("openai", "gpt-4o-2024-08-06")->rates.input == 2.5);
  CHECK(shipped("openai", "gpt-4o-2024-05-13")->rates.input == 5.0);
  CHECK(shipped("openai", "gpt-4o-mini-2024-07-18")->rates.input == 0.15);
  CHECK(shipped("anthropic", "claude-sonnet-4-5-20250929")->rates.output == 15.0);
  CHECK(shipped("gcp.vertex_ai", "claude-sonnet-4@20250514")->rates.output == 15.0);
  for (const char* const model :
       {"", "gpt", "gpt-4o-", "gpt-4o-2024", "gpt-4o-2024-08", "gpt-4o-2024-08-06-x", "gpt-4o-12345678",
        "gpt-4o-20241301", "gpt-4o-2024-08-32", "gpt-4o-1924-08-06", "gpt-4o2024-08-06",
        "gpt-4o-realtime-preview", "ft:gpt-4o-2024-08-06:acme::abc", "GPT-4o", " gpt-4o", "-2024-08-06",
        "gpt-4o@2024-08-06", "gpt-4o-v1:0"}) {
    INFO(model);
    CHECK(shipped("openai", model) == nullptr);
  }
  CHECK(shipped("groq", "gpt-4o") == nullptr);
  CHECK(shipped("", "gpt-4o") == nullptr);
}

TEST_CASE("a Bedrock model is priced whatever its version, profile or ARN", "[prices]") {
  for (const char* const model :
       {"anthropic.claude-3-5-sonnet-20241022-v2:0", "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-3-5-sonnet-20240620-v1:0", "anthropic.claude-3-5-sonnet",
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/"
        "eu.anthropic.claude-3-5-sonnet-20240620-v1:0"}) {
    INFO(model);
    REQUIRE(shipped("aws.bedrock", model) != nullptr);
    CHECK(shipped("aws.bedrock", model)->rates.input == 3.0);
  }
  CHECK(shipped("aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")->rates.input == 3.3);
  CHECK(shipped("aws.bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0")->rates.input == 3.0);
  CHECK(shipped("aws.bedrock", "amazon.nova-pro-v1:0")->rates.output == 3.2);
  for (const char* const model :
       {"claude-3-5-sonnet", "anthropic.claude-3-5-sonnet-v2:", "anthropic.claude-3-5-sonnet-v2:x",
        "xx.anthropic.claude-3-5-sonnet", "global.anthropic.claude-3-5-sonnet-20241022-v2:0", "us.",
        "arn:", "-v1", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123"}) {
    INFO(model);
    CHECK(shipped("aws.bedrock", model) == nullptr);
  }
}

TEST_CASE("an Azure deployment is priced by the model that answers, not by its own name", "[prices]") {
  CHECK(Call("azure.ai.openai", "gpt-4o-2024-08-06")
            .add("gen_ai.request.model", "prod")
            .input(kMillion)
            .cost() == 2.5);
  CHECK(Call("azure.ai.openai", "gpt-35-turbo").input(kMillion).cost() == 0.5);
  CHECK(Call("azure.ai.openai", "").add("gen_ai.request.model", "gpt-4o").input(1).reason() ==
        "unknown model");
}

TEST_CASE("the model that was asked for is priced where the one that answered is not known", "[prices]") {
  CHECK(Call("openai", "ft:gpt-4o:acme").add("gen_ai.request.model", "gpt-4o").input(kMillion).cost() == 2.5);
  CHECK(Call("openai", "gpt-4o-mini").add("gen_ai.request.model", "gpt-4o").input(kMillion).cost() == 0.15);
}

TEST_CASE("a cost that cannot be known is absent, with the reason", "[prices]") {
  CHECK(Call("openai", "gpt-99").input(1).output(1).reason() == "unknown model");
  CHECK(std::isnan(Call("openai", "gpt-99").input(1).output(1).cost()));
  for (const char* const tier : {"flex", "priority", "scale", "batch", "something new"}) {
    const auto call = Call("openai", "o3").input(1).add("openai.response.service_tier", tier);
    CHECK(call.reason() == "unknown service tier price");
  }
  for (const char* const tier : {"default", "auto", "standard", "on_demand", ""}) {
    CHECK(Call("openai", "o3").input(kMillion).add("openai.response.service_tier", tier).cost() == 2);
  }
  CHECK(Call("openai", "gpt-4o").input(10).tokens("audio.input_tokens", 5).reason() == "unknown audio price");
  CHECK(Call("openai", "gpt-4o").output(10).tokens("audio.output_tokens", 5).reason() ==
        "unknown audio price");
  CHECK(Call("openai", "text-embedding-3-small").input(10).output(1).reason() == "unknown token price");
  // Which of the cached tokens were audio is not told, and the two differ in price.
  CHECK(Call("gcp.gemini", "gemini-2.5-flash")
            .input(10)
            .tokens("cache_read.input_tokens", 5)
            .tokens("audio.input_tokens", 5)
            .reason() == "unknown audio price");
}

TEST_CASE("a span that was not charged by the token is left alone", "[prices]") {
  CHECK(Call("openai", "gpt-4o").added() == 0);
  CHECK(Call("openai", "gpt-4o").tokens("cache_read.input_tokens", 5).added() == 0);
  CHECK(
      Call("anthropic", "claude-sonnet-4-5").add("gen_ai.operation.name", "count_tokens").input(5).added() ==
      0);
  CHECK(Call("openai", "gpt-4o").add("gen_ai.operation.name", "fetch_response").input(5).added() == 0);
  AttributeList workflow{{"gen_ai.usage.input_tokens", std::int64_t{1}}};
  add_cost(workflow, shipped_prices());
  CHECK(workflow.size() == 1);
}

TEST_CASE("hostile counts make no cost below zero, and none above all tokens at the dearest rate",
          "[prices]") {
  const std::int64_t counts[] = {INT64_MIN, -1, 0, 1, 1000, kMillion, std::int64_t{1} << 53, INT64_MAX};
  const PriceTable table = decimal_table();
  for (const std::int64_t whole : counts) {
    for (const std::int64_t part : counts) {
      for (const std::int64_t other : counts) {
        const auto call = Call("p", "m")
                              .input(whole)
                              .output(whole)
                              .tokens("cache_read.input_tokens", part)
                              .tokens("cache_write.input_tokens", other)
                              .tokens("audio.input_tokens", part)
                              .tokens("audio.cache_read.input_tokens", other)
                              .tokens("reasoning.output_tokens", part)
                              .tokens("audio.output_tokens", other);
        const double cost = call.cost(table);
        INFO(whole << " " << part << " " << other << ": " << cost);
        if (whole < 0) {
          CHECK(call.added() == 0);
        } else if (call.reason(table) == "(none)") {
          CHECK(std::isfinite(cost));
          CHECK(cost >= 0);
          CHECK(cost <= static_cast<double>(whole) * 2 * 1e7 / 1e6 * 1.0001);
        }
      }
    }
  }
  AttributeList wrong_types{{"gen_ai.provider.name", std::string("openai")},
                                     {"gen_ai.response.model", std::int64_t{4}},
                                     {"gen_ai.usage.input_tokens", 1.5},
                                     {"gen_ai.usage.output_tokens", std::string("many")}};
  add_cost(wrong_types, shipped_prices());
  CHECK(wrong_types.size() == 4);
}

TEST_CASE("every shipped price has an origin, and none is dearer cached than fresh", "[prices]") {
  const PriceTable& table = shipped_prices();
  CHECK(table.size() > 200);
  CHECK_FALSE(table.origin.date.empty());
  for (const auto& [provider, models] : table.providers()) {
    INFO(provider);
    REQUIRE(table.origin_of.count(provider) == 1);
    CHECK(table.origin_of.find(provider)->second.source.starts_with("https://"));
    for (const auto& [model, price] : models) {
      INFO(model);
      const double input = price.rates.input.value_or(-1);
      CHECK(input > 0);
      CHECK(price.rates.cached_input.value_or(0) <= input);
      CHECK(price.rates.cache_write.value_or(input) >= input);
      CHECK(price.rates.output.value_or(1000) >= price.rates.cached_input.value_or(0));
      for (const PriceTier& tier : price.tiers) CHECK(tier.rates.input.value_or(0) > input);
    }
  }
}
