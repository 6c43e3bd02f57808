#include "exporters/span/price_table.h"

#include <algorithm>
#include <utility>

namespace llmo {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether `text` is spelled as `pattern`, where 'd' stands for a digit.
bool has_shape(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return p == 'd' ? is_digit(c) : c == p; });
}

int two_digits(std::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

// A day of this century, so that other numbers of eight digits are not taken for dates.
bool is_date(std::string_view text) {
  const bool dashed = has_shape(text, "dddd-dd-dd");
  if (!dashed && !has_shape(text, "dddddddd")) return false;
  const int month = two_digits(text.substr(dashed ? 5 : 4));
  const int day = two_digits(text.substr(dashed ? 8 : 6));
  return text.substr(0, 2) == "20" && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

std::string_view without_date(std::string_view model) {
  for (const std::size_t size : {std::size_t{10}, std::size_t{8}}) {
    if (model.size() < size + 2) continue;
    const std::size_t start = model.size() - size;
    const char before = model[start - 1];
    const bool separated = before == '-' || (before == '@' && size == 8);
    if (separated && is_date(model.substr(start))) return model.substr(0, start - 1);
  }
  return model;
}

// `-v1:0` or `-v2` at the end.
std::string_view without_version(std::string_view model) {
  const std::size_t dash = model.rfind("-v");
  if (dash == std::string_view::npos || dash == 0) return model;
  std::string_view version = model.substr(dash + 2);
  const std::size_t colon = version.find(':');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  };
  const bool valid = is_number(version.substr(0, colon)) &&
                     (colon == std::string_view::npos || is_number(version.substr(colon + 1)));
  return valid ? model.substr(0, dash) : model;
}

// Cross-region inference profiles; the price is that of the region.
std::string_view without_region(std::string_view model) {
  for (const std::string_view region : {"us.", "eu.", "apac.", "jp.", "au.", "ca.", "us-gov."}) {
    if (model.starts_with(region)) return model.substr(region.size());
  }
  return model;
}

using Spellings = std::vector<std::string_view>;

Spellings bedrock_spellings(std::string_view model) {
  if (model.starts_with("arn:")) model.remove_prefix(model.rfind('/') + 1);
  Spellings spellings;
  for (const std::string_view id : {model, without_region(model)}) {
    spellings.push_back(id);
    spellings.push_back(without_version(id));
    spellings.push_back(without_date(without_version(id)));
  }
  return spellings;
}

}  // namespace

Rates Price::rates_of(double input_tokens) const {
  Rates result = rates;
  for (const PriceTier& tier : tiers) {
    if (input_tokens <= static_cast<double>(tier.above_input_tokens)) break;
    for (const RateMember& member : kRateMembers) {
      if (tier.rates.*member.rate) result.*member.rate = tier.rates.*member.rate;
    }
  }
  return result;
}

bool PriceTable::add(std::string_view provider, std::string_view model, Price price) {
  Models& models = providers_[std::string(provider)];
  return models.emplace(std::string(model), std::move(price)).second;
}

const Price* PriceTable::find_exact(std::string_view provider, std::string_view model) const {
  const auto models = providers_.find(provider);
  if (models == providers_.end()) return nullptr;
  const auto found = models->second.find(model);
  return found == models->second.end() ? nullptr : &found->second;
}

const Price* PriceTable::find(std::string_view provider, std::string_view model) const {
  const Spellings spellings =
      provider == "aws.bedrock" ? bedrock_spellings(model) : Spellings{model, without_date(model)};
  for (const std::string_view spelling : spellings) {
    if (const Price* const price = find_exact(provider, spelling)) return price;
  }
  return provider == "azure.ai.openai" ? find("openai", model) : nullptr;
}

std::size_t PriceTable::size() const {
  std::size_t count = 0;
  for (const auto& [provider, models] : providers_) count += models.size();
  return count;
}

}  // namespace llmo
