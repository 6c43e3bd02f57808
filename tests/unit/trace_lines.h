// Trace files that are not compressed, read whole for tests.
#pragma once

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "exporters/file/otlp_json_reader.h"

namespace llmo::test {

// Adds to `spans` and `counts`. False where the file cannot be read.
inline bool read_trace_lines(const std::string& path, std::vector<Span>& spans, file::ReadCounts& counts) {
  std::ifstream file(path);
  if (!file) return false;
  for (std::string line; std::getline(file, line);) {
    file::read_otlp_json_line(
        line, [&spans](Span&& span) { spans.push_back(std::move(span)); }, counts);
  }
  return !file.bad();
}

}  // namespace llmo::test
