#include "tests/bench/report.h"

#include <sys/utsname.h>

#include <cstdio>
#include <fstream>

namespace llmo::bench {
namespace {

constexpr double kRejectingTarget = 1.4;  // × the empty hooks
constexpr double kRecordingTarget = 1.6;  // × the clock floor
constexpr double kStartTarget = 500;      // µs

const Measured* find(const Report& report, std::string_view name) {
  for (const Measured& subject : report.subjects) {
    if (subject.name == name) return &subject;
  }
  return nullptr;
}

std::string processor() {
  static constexpr std::string_view kKey = "model name";
  std::ifstream file{"/proc/cpuinfo"};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kKey) && line.find(':') + 2 < line.size()) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

void print_row(const Measured& subject, const Measured& floor) {
  std::printf("| %s |", subject.name.c_str());
  for (std::size_t workload = 0; workload < kWorkloads.size(); ++workload) {
    const std::string nanos = text_of(median_of(subject.nanos[workload]), 1);
    const std::string ratio = text_of(median_ratio(subject.nanos[workload], floor.nanos[workload]), 2);
    std::printf(" %s (%s) |", nanos.c_str(), ratio.c_str());
  }
  std::printf("%s\n", subject.remarks.empty() ? "" : " *");
}

void print_table(const Report& report) {
  const Measured* const floor = find(report, kEmpty);
  if (floor == nullptr) return;
  std::printf(
      "Nanoseconds per call and return; in brackets the ratio to the empty hooks, median of %zu rounds.\n\n",
      report.rounds);
  std::printf(
      "| | leaf | recursion | 4 096 functions | two threads | first calls |\n|---|---|---|---|---|---|\n");
  for (const Measured& subject : report.subjects) print_row(subject, *floor);
}

void print_remarks(const Report& report) {
  for (const Measured& subject : report.subjects) {
    for (const auto& [remark, rounds] : subject.remarks) {
      std::printf("- * %s: %s (rounds: %zu)\n", subject.name.c_str(), remark.c_str(), rounds);
    }
  }
  for (const std::string& sentence : report.missing) std::printf("- not measured: %s\n", sentence.c_str());
}

const char* verdict(std::optional<double> value, double target) {
  return !value ? "not measured" : *value <= target ? "met" : "MISSED";
}

void print_target(const Report& report, std::string_view name, std::string_view floor_name, double target) {
  const Measured* const subject = find(report, name);
  const Measured* const floor = find(report, floor_name);
  if (subject == nullptr || floor == nullptr) return;
  for (std::size_t workload = 0; workload < kWorkloadsWithTarget; ++workload) {
    const std::optional<double> ratio = median_ratio(subject->nanos[workload], floor->nanos[workload]);
    std::printf("| %s / %s | %s | %s × | ≤ %.1f × | %s |\n", subject->name.c_str(), floor->name.c_str(),
                std::string{kWorkloads[workload]}.c_str(), text_of(ratio, 2).c_str(), target,
                verdict(ratio, target));
  }
}

void print_start(const char* name, const Series& with, const Series& bare) {
  const std::optional<double> added = median_difference(with, bare);
  std::printf("| %s | /bin/true | %s µs more | ≤ %.0f µs | %s |\n", name, text_of(added, 0).c_str(),
              kStartTarget, verdict(added, kStartTarget));
}

void print_targets(const Report& report) {
  std::printf("\n| against the target | | measured | target | |\n|---|---|---|---|---|\n");
  print_target(report, kRejecting, kEmpty, kRejectingTarget);
  print_target(report, kRecording, kClock, kRecordingTarget);
  if (!report.starts.llmobserve.empty()) {
    print_start("llmobserve preloaded", report.starts.llmobserve, report.starts.bare);
  }
  print_start("empty hooks preloaded", report.starts.empty, report.starts.bare);
  std::printf("\n/bin/true alone takes %s µs (median of %zu).\n",
              text_of(median_of(report.starts.bare), 0).c_str(), report.starts.bare.size());
}

}  // namespace

void print(const Report& report) {
  utsname system{};
  uname(&system);
  std::printf("%s, Linux %s\n\n", processor().c_str(), system.release);
  print_table(report);
  std::printf("\n");
  print_remarks(report);
  print_targets(report);
}

}  // namespace llmo::bench
