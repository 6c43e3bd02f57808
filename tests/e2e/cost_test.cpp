// Costs, from a program's calls to its trace: the demo, and price files of the user's own.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

// A run of curl_chat: one call to gpt-4o-mini, 812 input tokens (256 of them cached) and 96 output tokens.
Run chat_with_prices(const std::string& prices) {
  MockServer server;
  return run_under_shim("curl_chat", "gcc-O2",
                        {.args = {server.url()}, .env = {{"LLMOBSERVE_PRICES", prices}}});
}

std::string write_prices(const TempDir& directory, const std::string& text) {
  const std::string path = (directory.path() / "prices.json").string();
  std::ofstream(path) << text;
  return path;
}

std::vector<Span> children_of(const std::vector<Span>& spans, const Span& parent) {
  std::vector<Span> children;
  for (const Span& span : spans) {
    if (span.parent_span_id == parent.span_id) children.push_back(span);
  }
  return children;
}

double cost_of(const Span& span) {
  return has_attribute(span, "llmobserve.cost.usd") ? std::stod(attribute(span, "llmobserve.cost.usd")) : 0;
}

TEST_CASE("a call costs what the table that is built in says, and the resource tells its date",
          "[e2e][cost]") {
  const Run run = chat_with_prices("");
  const Span call = only_span(run.spans, "llm.request");
  CHECK(cost_of(call) == Approx((556 * 0.15 + 256 * 0.075 + 96 * 0.6) / 1e6));
  CHECK(run.trace_text.find("llmobserve.prices.date") != std::string::npos);
}

TEST_CASE("a price file takes the place of the table that is built in", "[e2e][cost]") {
  const TempDir directory;
  const std::string row = R"("provider":"openai","model":")";
  const Run own = chat_with_prices(write_prices(
      directory, R"({"date":"1999-12-31","prices":[{)" + row + R"(gpt-4o-mini","input":1000,"output":0}]})"));
  CHECK(cost_of(only_span(own.spans, "llm.request")) == Approx(0.812));
  CHECK(own.trace_text.find("1999-12-31") != std::string::npos);

  const Run other =
      chat_with_prices(write_prices(directory, R"({"prices":[{)" + row + R"(gpt-4o","input":1}]})"));
  CHECK(attribute(only_span(other.spans, "llm.request"), "llmobserve.cost.reason") == "unknown model");
}

TEST_CASE("a price file that cannot be used is told in the trace, and costs are as without it",
          "[e2e][cost]") {
  const TempDir directory;
  const Run run = chat_with_prices(write_prices(directory, "{\n\"prices\": oops}"));
  CHECK(run.exit_code == 0);
  CHECK(cost_of(only_span(run.spans, "llm.request")) > 0);
  CHECK(only_span(run.spans, "llmobserve.diagnostics").name == "llmobserve.diagnostics");
  CHECK(run.trace_text.find("cannot be used: line 2, column 11: ") != std::string::npos);
}

TEST_CASE("the demo shows three providers, a fan-out, a stream, an error and its cost", "[e2e][cost]") {
  MockServer server({"/v1/messages=fail-429-once:demo", "/v1/chat/completions=pause:20ms"});
  const Run run = run_under_shim((build_dir() / "demo" / "research_agent").string(), "",
                                 {.env = {{"DEMO_SERVER", server.address()}}});
  REQUIRE(run.exit_code == 0);
  CHECK(run.out.find("answer:   ") != std::string::npos);

  std::set<std::string> providers;
  for (const Span& span : run.spans) {
    if (has_attribute(span, "gen_ai.provider.name"))
      providers.insert(attribute(span, "gen_ai.provider.name"));
    if (has_attribute(span, "db.system.name")) providers.insert(attribute(span, "db.system.name"));
  }
  CHECK(providers == std::set<std::string>{"anthropic", "gcp.gemini", "openai", "pinecone"});

  const Span workflow = only_span(run.spans, "workflow.research_workflow");
  CHECK(children_of(run.spans, workflow).size() == 5);  // plan, embeddings, search, drafts, answer
  const auto drafts = children_of(run.spans, only_span(run.spans, "workflow.draft_agent"));
  REQUIRE(drafts.size() == 3);
  std::size_t failed = 0;
  double cost = 0;
  for (const Span& call : drafts) {
    cost += cost_of(call);
    failed += attribute(call, "http.response.status_code") == "429" ? 1U : 0U;
  }
  CHECK(failed == 1);
  CHECK(cost > 0.001);

  const auto answers = children_of(run.spans, only_span(run.spans, "workflow.answer_agent"));
  REQUIRE(answers.size() == 1);
  CHECK(std::stod(attribute(answers[0], "gen_ai.response.time_to_first_chunk")) > 0);
  CHECK(cost_of(answers[0]) > 0);
  CHECK(cost_of(workflow) == 0);
}

}  // namespace
}  // namespace llmo::test
