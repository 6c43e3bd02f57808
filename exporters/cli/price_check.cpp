#include "exporters/cli/price_check.h"

#include <fmt/format.h>

#include "exporters/span/price_file.h"

namespace llmo::cli {

Finding check_prices(const config::Settings& settings) {
  const PricesInUse prices = load_prices(settings.prices);
  if (!prices.problem.empty()) return {Verdict::kNote, "prices", prices.problem};
  const std::string& date = prices.table->origin.date;
  return {Verdict::kGood, "prices",
          fmt::format("{}, {} models{}", prices.file.empty() ? "built in" : prices.file, prices.table->size(),
                      date.empty() ? date : ", of " + date)};
}

}  // namespace llmo::cli
