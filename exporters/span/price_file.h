// Price tables as files: what LLMOBSERVE_PRICES names, and what `llmobserve prices` prints.
//
//   {
//     "date": "2026-01-15", "source": "our contract",
//     "origins": [{"provider": "openai", "date": "2026-01-10", "source": "https://…"}],
//     "prices": [
//       {"provider": "openai", "model": "gpt-4o", "input": 2.5, "cached_input": 1.25, "output": 10},
//       {"provider": "gcp.gemini", "model": "gemini-2.5-pro", "input": 1.25, "output": 10,
//        "tiers": [{"above_input_tokens": 200000, "input": 2.5, "output": 15}]}
//     ]
//   }
//
// `prices` has to be there, all else may be left out. Names of the rates: kRateMembers (price_table.h). A
// member `comment` may stand anywhere and is not read; any other unknown member is an error, since a misspelt
// rate would make costs that look right. The table takes the place of the shipped one, nothing is merged.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "exporters/span/price_table.h"

namespace llmo {

inline constexpr std::size_t kMaxPriceFileBytes = 8 << 20;

// A table, or in `error` what is wrong and where: `line 3, column 7: …`, `prices[12] (openai gpt-4o): …`.
struct ParsedPrices {
  PriceTable table;
  std::string error;  // empty: none
};
ParsedPrices parse_prices(std::string_view json);

// The same of a regular file.
ParsedPrices read_price_file(const std::string& path);

// One price a line, readable by parse_prices() and by people.
std::string write_prices(const PriceTable& table);

struct PricesInUse {
  std::shared_ptr<const PriceTable> table;  // never null
  std::string file;                         // where it was read from; empty: the shipped table
  std::string problem;                      // one sentence where a file was named that cannot be used
};

// The table for a setting of LLMOBSERVE_PRICES (empty: the shipped one). A file with any error in it is not
// used at all: half a table would leave costs out in silence.
PricesInUse load_prices(const std::string& path);

}  // namespace llmo
