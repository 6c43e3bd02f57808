// The report, in Markdown, on standard output.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/samples.h"
#include "tests/bench/startup.h"
#include "tests/bench/subject.h"

namespace llmo::bench {

struct Measured {
  std::string name;
  std::array<Series, kWorkloads.size()> nanos;
  // What was said beside figures, and in how many rounds.
  std::map<std::string, std::size_t> remarks;
};

struct Report {
  std::size_t rounds = 0;
  std::vector<Measured> subjects;
  std::vector<std::string> missing;
  StartTimes starts;
};

void print(const Report& report);

}  // namespace llmo::bench
