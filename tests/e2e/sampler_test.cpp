// OTEL_TRACES_SAMPLER: which traces are in the file, and what those that are not pass on.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/curl_runs.h"

namespace llmo::test {
namespace {

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

std::string remote(const std::string& flags) {
  return std::string("00-") + kTrace + "-00f067aa0ba902b7-" + flags;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string trace_in(const std::string& traceparent) { return traceparent.substr(3, 32); }
std::string flags_in(const std::string& traceparent) { return traceparent.substr(53); }

// The last 56 bits of a trace id are its randomness; a quarter keeps those from three quarters upwards.
bool is_in_quarter(const std::string& trace_id) {
  return std::strtoull(trace_id.substr(18).c_str(), nullptr, 16) >= 0xc0000000000000;
}

Run run_roots(Sandbox& sandbox, const std::string& count, const Environment& env) {
  return sandbox.run({program_path("sampled_roots", "gcc-O2").string(), count}, {.env = env});
}

TEST_CASE("a share of the traces is whole in the file, the others say on the wire that they are not",
          "[e2e][sampler]") {
  const std::string sampler = GENERATE("traceidratio", "parentbased_traceidratio");
  Sandbox sandbox;
  std::set<std::string> kept;
  for (int process = 0; process < 4; ++process) {
    const Run run =
        run_roots(sandbox, "500", {{"OTEL_TRACES_SAMPLER", sampler}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}});
    const std::vector<std::string> places = lines_of(run.out);
    REQUIRE(places.size() == 500);
    for (const std::string& place : places) {
      CHECK(flags_in(place) == (is_in_quarter(trace_in(place)) ? "03" : "02"));
      if (flags_in(place) == "03") kept.insert(trace_in(place));
    }
  }
  CHECK(kept.size() > 400);
  CHECK(kept.size() < 600);
  std::map<std::string, int> spans_of;
  for (const Span& span : sandbox.spans()) ++spans_of[span.trace_id];
  CHECK(spans_of.size() == kept.size());
  for (const std::string& trace : kept) CHECK(spans_of[trace] == 2);
}

TEST_CASE("below a parent that is not sampled nothing is recorded, and all that goes out says so",
          "[e2e][sampler]") {
  const std::string sampler = GENERATE("", "parentbased_always_on", "parentbased_traceidratio", "always_off");
  // The remote flag counts for none but the last, which takes a sampled one for what it is not.
  const std::string flags = sampler == "always_off" ? "01" : GENERATE("00", "02");
  CAPTURE(sampler, flags);
  MockServer server;
  const Run run = run_under_shim("sampled_roots", "gcc-O2",
                                 {.args = {"0", server.url("/ok")},
                                  .env = {{"OTEL_TRACES_SAMPLER", sampler}, {"TRACEPARENT", remote(flags)}}});
  CHECK(run.exit_code == 0);
  CHECK(run.spans.empty());
  CHECK(run.leftover.empty());
  const std::string out_flags = flags == "01" ? "00" : flags;
  std::vector<std::string> places = lines_of(run.out);
  REQUIRE(places.size() == 2);
  places.push_back(server.log().at(0).header("traceparent").at(0));
  for (const std::string& place : places) {
    CHECK(trace_in(place) == kTrace);
    CHECK(flags_in(place) == out_flags);
  }
}

TEST_CASE("samplers that do not ask the parent go by the trace alone", "[e2e][sampler]") {
  const std::string sampler = GENERATE("always_on", "traceidratio");
  const std::string share = GENERATE("0.1", "0.2");  // the trace's randomness is 0.807 of the whole
  const std::string flags = GENERATE("00", "01");
  CAPTURE(sampler, share, flags);
  const Run run = run_under_shim("sampled_roots", "gcc-O2",
                                 {.args = {"1"},
                                  .env = {{"OTEL_TRACES_SAMPLER", sampler},
                                          {"OTEL_TRACES_SAMPLER_ARG", share},
                                          {"TRACEPARENT", remote(flags)}}});
  const bool is_kept = sampler == "always_on" || share == "0.2";
  CHECK(run.spans.size() == (is_kept ? 2U : 0U));
}

TEST_CASE("where nothing can be recorded there is no journal and no exporter", "[e2e][sampler]") {
  Sandbox sandbox;
  const Run run = run_roots(sandbox, "100", {{"OTEL_TRACES_SAMPLER", "always_off"}});
  const std::vector<std::string> places = lines_of(run.out);
  CHECK(places.size() == 100);
  for (const std::string& place : places) CHECK(flags_in(place) == "02");
  CHECK_FALSE(std::filesystem::exists(sandbox.journal_dir()));
  CHECK_FALSE(std::filesystem::exists(sandbox.trace_dir()));
}

TEST_CASE("what a killed process had open of a trace that is not sampled is not in the file",
          "[e2e][sampler]") {
  Sandbox sandbox;
  const std::string sampler = GENERATE("parentbased_always_off", "always_on");
  const Run run = run_roots(sandbox, "kill", {{"OTEL_TRACES_SAMPLER", sampler}});
  CHECK(run.spans.size() == (sampler == "always_on" ? 1U : 0U));
}

}  // namespace
}  // namespace llmo::test
