// A small program that does one thing over and over, with and without us, side by side.
#pragma once

#include <span>

namespace llmo::bench {

// One run: the program (beside the others in Places::programs) says `nanos 123.4` on standard output, the
// time of one round of what its argument names.
struct Row {
  const char* program;
  const char* way;
  const char* meaning;
};

// The whole of such a benchmark's main(): PROGRAMS LIBRARY EXPORTER ROUNDS. Prints a table in Markdown, with
// `what` above the rows' meanings: medians of so many rounds, and of the ratios within the rounds. Returns
// the exit code.
int compare_main(int argc, char** argv, const char* what, std::span<const Row> rows);

}  // namespace llmo::bench
