#include "exporters/span/prices.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/span/attributes.h"

namespace llmo {
namespace {

// Asked for in every span of an API call.
const AttributeKey kProviderName = "gen_ai.provider.name";
const AttributeKey kResponseModel = "gen_ai.response.model";
const AttributeKey kRequestModel = "gen_ai.request.model";
const AttributeKey kOpenaiResponseServiceTier = "openai.response.service_tier";
const AttributeKey kOperationName = "gen_ai.operation.name";
const AttributeKey kCacheWriteInputTokens = "gen_ai.usage.cache_write.input_tokens";
const AttributeKey kCacheCreationInputTokens = "gen_ai.usage.cache_creation.input_tokens";
const AttributeKey kCacheReadInputTokens = "gen_ai.usage.cache_read.input_tokens";
const AttributeKey kAudioInputTokens = "gen_ai.usage.audio.input_tokens";
const AttributeKey kAudioCacheReadInputTokens = "gen_ai.usage.audio.cache_read.input_tokens";
const AttributeKey kAudioOutputTokens = "gen_ai.usage.audio.output_tokens";
const AttributeKey kReasoningOutputTokens = "gen_ai.usage.reasoning.output_tokens";
const AttributeKey kInputTokens = "gen_ai.usage.input_tokens";
const AttributeKey kOutputTokens = "gen_ai.usage.output_tokens";

std::string_view text(const AttributeList& attributes, const AttributeKey& key) {
  const AttributeValue* const value = attributes.value_of(key);
  const auto* const string = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return string == nullptr ? std::string_view() : std::string_view(*string);
}

std::optional<double> count(const AttributeList& attributes, const AttributeKey& key) {
  const AttributeValue* const value = attributes.value_of(key);
  const auto* const number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<double>(*number);  // counts may be of any size: doubles do not overflow
}

// The model that answered is priced; where it is not in the table, the one that was asked for. At Azure that
// one is a deployment, whose name says nothing.
const Price* price_of(const AttributeList& attributes, const PriceTable& prices) {
  const std::string_view provider = text(attributes, kProviderName);
  const Price* const answered = prices.find(provider, text(attributes, kResponseModel));
  if (answered != nullptr || provider == "azure.ai.openai") return answered;
  return prices.find(provider, text(attributes, kRequestModel));
}

bool standard_tier(const AttributeList& attributes) {
  const std::string_view tier = text(attributes, kOpenaiResponseServiceTier);
  return tier.empty() || tier == "default" || tier == "auto" || tier == "standard" || tier == "on_demand";
}

// Counting tokens, or fetching an answer that was paid for before, costs nothing.
bool free_of_charge(const AttributeList& attributes) {
  const std::string_view operation = text(attributes, kOperationName);
  return operation == "count_tokens" || operation == "fetch_response";
}

// Tokens in disjoint buckets.
struct Usage {
  double prompt = 0;  // all input tokens, which decide on the tier
  double input = 0;
  double cached_input = 0;
  double cache_write = 0;
  double audio_input = 0;
  double cached_audio_input = 0;
  double output = 0;
  double reasoning = 0;
  double audio_output = 0;
  bool audio_overlaps_cache = false;  // how much of the audio was cached is not told
};

void split_input(const AttributeList& attributes, double total, Usage& usage) {
  auto written = count(attributes, kCacheWriteInputTokens);
  if (!written) written = count(attributes, kCacheCreationInputTokens);
  const double cached = std::min(total, count(attributes, kCacheReadInputTokens).value_or(0));
  const double audio = std::min(total, count(attributes, kAudioInputTokens).value_or(0));
  const auto cached_audio = count(attributes, kAudioCacheReadInputTokens);

  usage.prompt = total;
  usage.cached_audio_input = std::min({cached_audio.value_or(0), cached, audio});
  usage.cached_input = cached - usage.cached_audio_input;
  usage.cache_write = std::min(written.value_or(0), total - cached);
  usage.audio_input = std::min(audio - usage.cached_audio_input, total - cached - usage.cache_write);
  usage.input = total - cached - usage.cache_write - usage.audio_input;
  usage.audio_overlaps_cache = audio > 0 && cached > 0 && !cached_audio;
}

void split_output(const AttributeList& attributes, double total, Usage& usage) {
  usage.audio_output = std::min(total, count(attributes, kAudioOutputTokens).value_or(0));
  usage.reasoning =
      std::min(total - usage.audio_output, count(attributes, kReasoningOutputTokens).value_or(0));
  usage.output = total - usage.audio_output - usage.reasoning;
}

std::optional<Usage> usage_of(const AttributeList& attributes) {
  const auto input = count(attributes, kInputTokens);
  const auto output = count(attributes, kOutputTokens);
  if (!input && !output) return std::nullopt;
  Usage usage;
  split_input(attributes, input.value_or(0), usage);
  split_output(attributes, output.value_or(0), usage);
  return usage;
}

// The sum, or why there is none.
class Bill {
 public:
  void add(double tokens, std::optional<double> rate, const char* reason) {
    if (tokens <= 0) return;
    if (!rate && reason_ == nullptr) reason_ = reason;
    millionths_ += tokens * rate.value_or(0);
  }
  void fail(const char* reason) { reason_ = reason; }

  // Divided once: prices are for a million tokens, and every division rounds.
  double usd() const { return millionths_ / 1e6; }
  const char* reason() const { return reason_; }

 private:
  double millionths_ = 0;
  const char* reason_ = nullptr;
};

std::optional<double> first_of(std::optional<double> rate, std::optional<double> otherwise) {
  return rate ? rate : otherwise;
}

Bill bill_of(const Usage& usage, const Rates& rates) {
  constexpr const char* kNoPrice = "unknown token price";
  constexpr const char* kNoAudioPrice = "unknown audio price";
  Bill bill;
  bill.add(usage.input, rates.input, kNoPrice);
  bill.add(usage.cached_input, first_of(rates.cached_input, rates.input), kNoPrice);
  bill.add(usage.cache_write, first_of(rates.cache_write, rates.input), kNoPrice);
  bill.add(usage.output, rates.output, kNoPrice);
  bill.add(usage.reasoning, first_of(rates.reasoning, rates.output), kNoPrice);
  bill.add(usage.audio_input, rates.audio_input, kNoAudioPrice);
  bill.add(usage.cached_audio_input, first_of(rates.cached_audio_input, rates.audio_input), kNoAudioPrice);
  bill.add(usage.audio_output, rates.audio_output, kNoAudioPrice);
  if (usage.audio_overlaps_cache && rates.audio_input != rates.input) bill.fail(kNoAudioPrice);
  return bill;
}

void set_reason(AttributeList& attributes, const char* reason) {
  set_attribute(attributes, "llmobserve.cost.reason", std::string(reason));
}

}  // namespace

void add_cost(AttributeList& attributes, const PriceTable& prices) {
  if (attributes.value_of(kProviderName) == nullptr || free_of_charge(attributes)) return;
  const auto usage = usage_of(attributes);
  if (!usage) return;
  const Price* const price = price_of(attributes, prices);
  if (price == nullptr) return set_reason(attributes, "unknown model");
  if (!standard_tier(attributes)) return set_reason(attributes, "unknown service tier price");
  const Bill bill = bill_of(*usage, price->rates_of(usage->prompt));
  if (bill.reason() != nullptr) return set_reason(attributes, bill.reason());
  set_attribute(attributes, "llmobserve.cost.usd", bill.usd());
}

}  // namespace llmo
