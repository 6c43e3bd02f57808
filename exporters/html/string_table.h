// Texts that come again and again, each told once and then by its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace llmo::html {

class StringTable {
 public:
  // Numbers count from 0, in order of first use.
  std::uint32_t number_of(std::string text) {
    const auto [place, fresh] =
        numbers_.try_emplace(std::move(text), static_cast<std::uint32_t>(texts_.size()));
    if (fresh) texts_.push_back(&place->first);
    return place->second;
  }

  std::size_t size() const { return texts_.size(); }
  std::string_view operator[](std::size_t number) const { return *texts_[number]; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> texts_;  // the map's keys stay where they are
};

}  // namespace llmo::html
