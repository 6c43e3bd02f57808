#include "exporters/functions/row_index.h"

namespace llmo::functions {

std::vector<std::string> symbols_of(const InlinedFunction& function) {
  std::vector<std::string> symbols{function.symbol};
  for (const char* const all_kinds : {"C4", "D4"}) {
    const std::size_t at = function.symbol.find(all_kinds);
    if (at == std::string::npos) continue;
    for (const char kind : {'1', '2', '0'}) {
      symbols.push_back(function.symbol);
      symbols.back()[at + 1] = kind;
    }
  }
  return symbols;
}

void RowIndex::add(const FunctionRow& row, std::size_t number) {
  if (row.address != 0) by_address_.emplace(row.address, number);
  if (row.address != 0) addresses_.emplace(row.name, row.address);
  if (!row.symbol.empty()) by_symbol_.emplace(row.symbol, number);
  if (row.address == 0) by_place_.emplace(std::tuple(row.name, row.file, row.line), number);
}

void RowIndex::add_addresses(const std::string& name, std::vector<std::uint64_t>& addresses) const {
  const auto [first, last] = addresses_.equal_range(name);
  for (auto known = first; known != last; ++known) addresses.push_back(known->second);
}

std::optional<std::size_t> RowIndex::find(const InlinedFunction& function) const {
  if (const auto same = by_address_.find(function.address); same != by_address_.end()) return same->second;
  for (const std::string& symbol : symbols_of(function)) {
    if (const auto same = by_symbol_.find(symbol); same != by_symbol_.end()) return same->second;
  }
  const auto same = by_place_.find(std::tuple(function.name.qualified, function.file, function.line));
  return same == by_place_.end() ? std::nullopt : std::optional(same->second);
}

}  // namespace llmo::functions
