// The journal that the benchmark of the export reads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "exporters/span/code_lookup.h"
#include "tests/unit/exporter_journal.h"

namespace llmo::bench {

// What a program's spans are: of each hundred so many API calls, with 25 attributes as an OpenAI chat
// completion has them; the rest are calls of 40 functions on 4 threads.
struct Mix {
  const char* name;
  int api_percent;
};

// A process that is gone, all its threads' blocks sealed but the last ones, ticks by this machine's TSC.
test::JournalImage make_journal(const Mix& mix, std::size_t spans, std::uint64_t ticks_per_second);

// Knows a place for every function.
std::shared_ptr<CodeLookup> make_places();

}  // namespace llmo::bench
