// What is compared: each way of running the workload program is a subject.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace llmo::bench {

inline constexpr std::array<std::string_view, 5> kWorkloads = {"leaf", "recursion", "functions", "threads",
                                                               "first_calls"};
// The targets are about calls of functions that have been called before.
inline constexpr std::size_t kWorkloadsWithTarget = 4;

// One run of one subject.
struct Result {
  std::array<double, kWorkloads.size()> nanos{};  // per call and return, in the order of kWorkloads
  std::size_t calls = 0;                          // instrumented calls that were made
  std::string hooks;                              // file that the hooks came from
};

// Where things are: what was built and where a run may write.
struct Places {
  std::filesystem::path programs;  // build directory of the benchmark
  std::filesystem::path library;   // libllmobserve.so; need not exist
  std::filesystem::path exporter;  // the llmobserve program
  std::filesystem::path scratch;   // on disk
  std::filesystem::path journals;  // in shared memory where that has room, else on disk
};

struct Subject {
  std::string name;
  bool instrumented = true;
  std::vector<std::string> wrapper;      // command before the program
  std::vector<std::string> environment;  // NAME=value, added to the common few
  int pause_millis = 20;          // before each batch, so that what records beside the program keeps up
  std::string hooks;              // part of the path that the hooks must come from; empty: not looked at
  std::function<bool()> prepare;  // before a run; false: the run cannot be made
  // After a run: what has to be said beside the figure ("12 of 400 calls lost"), empty if nothing.
  std::function<std::string(const Result&)> finish;
};

// Subjects that this machine can run, and a sentence for each that it cannot.
struct SubjectList {
  std::vector<Subject> subjects;
  std::vector<std::string> missing;
};

// Names that the report looks up.
inline constexpr std::string_view kPlain = "not instrumented";
inline constexpr std::string_view kEmpty = "empty hooks preloaded";
inline constexpr std::string_view kClock = "clock floor (2 × TSC, 32 bytes)";
inline constexpr std::string_view kRejecting = "llmobserve, no function matches";
inline constexpr std::string_view kRecording = "llmobserve, every function recorded";
inline constexpr std::string_view kBurst = "llmobserve, recorded in one burst";

// Environment that every child has: nothing of the caller's settings reaches a measurement.
std::vector<std::string> common_environment(const Places& places);

void add_floors(const Places& places, SubjectList& list);
void add_llmobserve(const Places& places, SubjectList& list);
void add_uftrace(const Places& places, SubjectList& list);

// The LTTng session daemon of this benchmark: started with the object, stopped with it.
class LttngDaemon {
 public:
  LttngDaemon(const Places& places, SubjectList& list);
  ~LttngDaemon();
  LttngDaemon(const LttngDaemon&) = delete;
  LttngDaemon& operator=(const LttngDaemon&) = delete;

  // 0 where there is none.
  int pid() const;

 private:
  struct State;
  Subject subject(std::string name, std::vector<std::string> filter) const;

  std::shared_ptr<State> state_;
};

}  // namespace llmo::bench
