// The functions that the benchmark calls. workload_functions.cpp is compiled twice, with and without
// -finstrument-functions; everything else of the workload program never has hooks in it.
#pragma once

#include <array>
#include <cstddef>

namespace llmo::bench {

inline constexpr std::size_t kDistinctFunctions = 4096;
inline constexpr unsigned kRecursionDepth = 16;

// Calls of one batch, the same for every workload. A batch is shorter than a turn on the processor: on a busy
// machine most batches still run undisturbed, and their median does not favour the quick over the slow.
//
// Each distinct function is called once.
inline constexpr std::size_t kCallsPerBatch = kDistinctFunctions;
static_assert(kCallsPerBatch % kRecursionDepth == 0);

// One or two nanoseconds of work.
unsigned leaf(unsigned value);

// `depth` calls, nested.
unsigned descend(unsigned depth, unsigned value);

// Never called. Gives uftrace a filter that is a real one and still lets nothing pass.
unsigned never_called(unsigned value);

// leaf() kDistinctFunctions times over, each at an address of its own.
using Step = unsigned (*)(unsigned value);
extern const std::array<Step, kDistinctFunctions> kSteps;

}  // namespace llmo::bench
