// The price table that llmobserve comes with.
#pragma once

#include "exporters/span/price_table.h"

namespace llmo {

// Never fails, always the same table. Threads: any.
const PriceTable& shipped_prices();

}  // namespace llmo
