// What arrived in the trace files.
#pragma once

#include <cstddef>
#include <filesystem>

namespace llmo::bench {

// Spans in all trace files of a directory.
std::size_t count_spans(const std::filesystem::path& directory);

}  // namespace llmo::bench
