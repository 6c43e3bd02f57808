// Puts the page together: our own files, and the data that they show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/html/kept_spans.h"

namespace llmo::html {

// What the page says about where it comes from.
struct PageOrigin {
  std::vector<std::string> sources;   // names of files and folders
  std::vector<std::string> problems;  // sentences
  std::uint64_t made_unix_nanos = 0;
  std::uint64_t damaged_lines = 0;
  std::uint64_t damaged_spans = 0;
};

struct PageCounts {
  std::size_t spans = 0;
  std::size_t traces = 0;
};

// Takes a piece of the page; false ends the writing.
using PageSink = std::function<bool(std::string_view)>;

// Writes the page of what is kept (after its finish(); its spans are taken). Returns false where the sink
// did.
//
// Nothing of foreign origin stands in the page but inside script elements that are not run, as base64 or as
// JSON without <, > and &; and only scripts that carry this page's number are run at all.
bool write_page(KeptSpans& kept, const PageOrigin& origin, const PageSink& sink, PageCounts& counts);

}  // namespace llmo::html
