// What tokens cost: models by provider, each with its prices, and where the prices come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmo {

// US dollars for a million tokens. The buckets are disjoint: a token is paid for in exactly one of them.
struct Rates {
  std::optional<double> input;
  std::optional<double> cached_input;  // absent: as input
  std::optional<double> cache_write;   // absent: as input
  std::optional<double> output;
  std::optional<double> reasoning;           // absent: as output
  std::optional<double> audio_input;         // absent: not known
  std::optional<double> cached_audio_input;  // absent: as audio_input
  std::optional<double> audio_output;        // absent: not known

  friend bool operator==(const Rates&, const Rates&) = default;
};

// A member of Rates and its name in price files.
struct RateMember {
  std::string_view name;
  std::optional<double> Rates::*rate;
};
inline constexpr RateMember kRateMembers[] = {
    {"input", &Rates::input},
    {"cached_input", &Rates::cached_input},
    {"cache_write", &Rates::cache_write},
    {"output", &Rates::output},
    {"reasoning", &Rates::reasoning},
    {"audio_input", &Rates::audio_input},
    {"cached_audio_input", &Rates::cached_audio_input},
    {"audio_output", &Rates::audio_output},
};

// What a longer prompt costs: all of it, not only what lies above the limit.
struct PriceTier {
  std::int64_t above_input_tokens = 0;  // cached tokens count
  Rates rates;                          // what is absent is as for shorter prompts

  friend bool operator==(const PriceTier&, const PriceTier&) = default;
};

struct Price {
  Rates rates;
  std::vector<PriceTier> tiers;  // with rising limits

  // The rates of a call with so many input tokens.
  Rates rates_of(double input_tokens) const;

  friend bool operator==(const Price&, const Price&) = default;
};

// Where prices come from: `2026-08` or `2026-08-31`, and a page or a person.
struct PriceOrigin {
  std::string date;
  std::string source;

  friend bool operator==(const PriceOrigin&, const PriceOrigin&) = default;
};

// Built once, read by any number of threads.
class PriceTable {
 public:
  using Models = std::map<std::string, Price, std::less<>>;

  // Adds a price; false where provider and model have one already.
  bool add(std::string_view provider, std::string_view model, Price price);

  // The price of `model` at `provider` (a gen_ai.provider.name), or nullptr: by the exact id, then by the id
  // without a date at its end (`-2024-08-06`, `-20250514`, `@20250514`). Nothing else is taken off, so a
  // model is never priced as another one whose name begins alike. But for two providers:
  //   aws.bedrock      a version (`-v1:0`) is taken off like a date, `us.` and its kin in front are ignored
  //                    (`global.` is not: it has prices of its own), of an ARN the last part counts
  //   azure.ai.openai  what has no price of its own costs what it costs at openai
  const Price* find(std::string_view provider, std::string_view model) const;

  const std::map<std::string, Models, std::less<>>& providers() const { return providers_; }
  std::size_t size() const;

  PriceOrigin origin;                                         // of the table as a whole
  std::map<std::string, PriceOrigin, std::less<>> origin_of;  // of a provider that has one of its own

  friend bool operator==(const PriceTable&, const PriceTable&) = default;

 private:
  const Price* find_exact(std::string_view provider, std::string_view model) const;

  std::map<std::string, Models, std::less<>> providers_;
};

}  // namespace llmo
