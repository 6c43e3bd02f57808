// What the page needs of every span at once: for its lists, trees, filters and sums. A JSON text, by columns:
//
//   {"strings":["workflow.plan_agent", …],
//    "traces":{"id":"32 hex digits each, joined","first":[number of its first span],"start":["unix nanos"]},
//    "groups":{"provider":[…],"model":[…]},   what calls go to; 0: nothing known
//    "spans":{"id":"16 hex digits each, joined","parent":[…],"name":[…],"group":[…], …}}
//
// Spans stand by trace, then by start; traces by start. Texts are numbers of strings; what is not known is -1
// (a number) or the empty string (a text). Parents are counted from the first span of the trace; tops have -1
// and say in "root" why (console::RootKind). Starts are nanoseconds since the trace's start.
#pragma once

#include <cstddef>
#include <string>

#include "exporters/html/kept_spans.h"

namespace llmo::html {

struct PageIndex {
  std::string json;
  std::size_t spans = 0;
  std::size_t traces = 0;
};

// Takes the spans of `kept`. One that is there twice is taken as it came last.
PageIndex make_index(KeptSpans& kept);

}  // namespace llmo::html
