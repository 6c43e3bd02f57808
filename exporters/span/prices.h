// What a call to a model costs in US dollars: the one price table.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "exporters/span/span.h"

namespace llmo {

// US dollars for a million tokens. The four buckets are disjoint.
struct Price {
  double input = 0;
  double cached_input = 0;
  double cache_write = 0;
  double output = 0;
  // Where a provider charges long prompts by another table: the longest prompt that this one is for; 0: any.
  std::int64_t max_input_tokens = 0;
};

// The price of `model` at `provider` (a gen_ai.provider.name): by its exact id, else by the id without a date
// at its end (`-2024-08-06`, `-20250514`).
std::optional<Price> find_price(std::string_view provider, std::string_view model);

// Adds `llmobserve.cost.usd` to the attributes of a GenAI span that carries token usage, or
// `llmobserve.cost.reason` where the price is not known. Other spans are left alone.
void add_cost(std::vector<Attribute>& attributes);

}  // namespace llmo
