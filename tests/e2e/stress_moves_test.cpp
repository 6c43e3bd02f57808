// Work that moves at random over threads, pools, processes and queues: a program that knows who asked for
// each piece is believed, and what the trace says has to be the same.
#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

constexpr const char* kNone = "0";

// The spans of a trace by their own ids, and those of pieces of work by the numbers that the program gave.
class Moves {
 public:
  explicit Moves(const std::vector<Span>& spans) {
    for (const Span& span : spans) {
      spans_[span.span_id] = &span;
      const std::string number = attribute(span, "stress.id");
      if (!number.empty()) work_[number].push_back(&span);
    }
  }

  // `number parent sender`, as the trace has it: what is wrong with it, if it cannot be told.
  std::string line_of(const std::string& number) const {
    const auto found = work_.find(number);
    if (found == work_.end() || found->second.size() != 1) {
      return number + " has " + std::to_string(found == work_.end() ? 0 : found->second.size()) + " spans";
    }
    const Span& span = *found->second.front();
    if (has_attribute(span, "llmobserve.end")) return number + " " + attribute(span, "llmobserve.end");
    if (span.links.size() > 1) return number + " has several links";
    const std::string sender = span.links.empty() ? kNone : number_of(span.links.front().span_id);
    return number + " " + number_of(span.parent_span_id) + " " + sender;
  }

 private:
  // Of the work that the span is, or that has sent the message.
  std::string number_of(const std::string& span_id) const {
    if (span_id.empty()) return kNone;
    const auto found = spans_.find(span_id);
    if (found == spans_.end()) return "missing";
    constexpr int kProducer = 4;
    const Span& span = *found->second;
    return span.kind == kProducer ? number_of(span.parent_span_id) : attribute(span, "stress.id");
  }

  std::map<std::string, const Span*> spans_;
  std::map<std::string, std::vector<const Span*>> work_;
};

TEST_CASE("work that moves at random over threads, pools, processes and queues has its true parents",
          "[e2e][stress][moves]") {
  const Run run =
      run_under_shim("stress_moves", "gcc-O2", {.args = {"1", "100"}, .timeout = std::chrono::minutes(4)});
  REQUIRE(run.exit_code == 0);
  const Moves moves(run.spans);
  std::istringstream lines(run.out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(moves.line_of(line.substr(0, line.find(' '))) == line);
  }
  CHECK(count > 1000);
}

}  // namespace
}  // namespace llmo::test
