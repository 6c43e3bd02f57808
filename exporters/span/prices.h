// What a call to a model has cost in US dollars.
#pragma once

#include <vector>

#include "exporters/span/price_table.h"
#include "exporters/span/span.h"

namespace llmo {

// Adds `llmobserve.cost.usd` to the attributes of a GenAI span that carries token usage, or
// `llmobserve.cost.reason` where it cannot be known:
//   unknown model               neither the model that answered nor the one asked for is in the table
//   unknown service tier price  flex, priority, batch…: the table has standard prices
//   unknown audio price         audio tokens, and no price for them, or no telling how many were cached
//   unknown token price         tokens of a kind that the model's row has no price for
// Other spans are left alone. Usage comes from the network: parts that are larger than their whole count as
// the whole, so a cost is never negative, and never more than all tokens at the dearest rate.
void add_cost(AttributeList& attributes, const PriceTable& prices);

}  // namespace llmo
