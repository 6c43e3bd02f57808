// Where the commands that show traces get their spans from: files of any kind that llmobserve knows, folders
// of them, standard input, and sessions that are still being written.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "exporters/file/otlp_json_reader.h"
#include "exporters/session/live_session.h"
#include "exporters/span/span.h"

namespace llmo::input {

// On spans that had not ended when they were read; their end is then the time of the reading.
inline constexpr const char* kOpenAttribute = session::kOpenAttribute;

struct InputOptions {
  bool show_progress = false;  // on standard error, for input that takes long
};

struct InputReport {
  file::ReadCounts counts;
  std::size_t files = 0;              // that could be read
  std::size_t sessions = 0;           // that were read live; their spans may stand in a file as well
  std::vector<std::string> problems;  // a sentence for each path that could not be read
  std::vector<std::string> notes;     // what was left out and need not be read
};

// The trace files of a folder, not of the folders in it, by name: *.jsonl, *.json, *.pb, and those with .gz
// or .zst behind it.
std::vector<std::string> trace_files_in(const std::string& directory);

// Reads all of `paths` and hands each span over, in the order of the input; `-` is standard input. A file's
// kind is told by its bytes, not by its name: OTLP JSON (a request a line, or one over many lines), OTLP
// protobuf, each also in gzip or zstd. A folder that is a session is read live: its journals, not consumed,
// with open spans. The same span can come twice (a session and the file it is exported to): whoever minds
// holds ids against each other.
InputReport read_spans(const std::vector<std::string>& paths, const InputOptions& options,
                       const file::SpanCallback& take);

}  // namespace llmo::input
