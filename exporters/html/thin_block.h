// Takes out of a block (detail_block.h) what was written for spans that did not stay.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace llmo::html {

// The block with nothing but `rows`; the others are 0, and texts that only they had are empty, so that all
// numbers mean what they meant.
std::string with_rows_only(const std::string& block, const std::vector<std::uint32_t>& rows);

}  // namespace llmo::html
