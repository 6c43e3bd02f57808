// LLMOBSERVE_API_RULES: rules of the user's own, against the mock API server.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/mock_server.h"
#include "tests/support/run.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {
namespace {

// A rule file of its own, gone at scope's end.
class RuleFile {
 public:
  explicit RuleFile(const std::string& text) { std::ofstream(path(), std::ios::binary) << text; }
  [[nodiscard]] std::string path() const { return (dir_.path() / "api-rules.txt").string(); }
  [[nodiscard]] Environment environment() const { return {{"LLMOBSERVE_API_RULES", path()}}; }

 private:
  TempDir dir_;
};

Run run_chat(const MockServer& server, const Environment& env, const std::string& program = "curl_chat") {
  return run_under_shim(program, "gcc-O2", {.args = {server.url()}, .env = env});
}

// What the diagnostics of the trace say, one message a line.
std::string notes_of(const Run& run) {
  std::string text;
  for (const Span& span : spans_named(run.spans, "llmobserve.diagnostics")) {
    for (const Event& event : span.events) {
      text += std::get<std::string>(event.attributes.at("message")) + "\n";
    }
  }
  return text;
}

TEST_CASE("a rule of one's own says what a request is", "[e2e][api_rules]") {
  MockServer server;
  const RuleFile rules("corp-llm genai 127.0.0.1 POST /v1/chat/completions chat openai\n");
  const Run run = run_chat(server, rules.environment());
  CHECK(run.exit_code == 0);
  const Span call = only_span(run.spans, "llm.request");
  CHECK(attribute(call, "gen_ai.provider.name") == "corp-llm");
  CHECK(attribute(call, "gen_ai.operation.name") == "chat");
  CHECK(attribute(call, "gen_ai.request.model") == "gpt-4o-mini");
  CHECK(attribute(call, "gen_ai.usage.input_tokens") == "812");
  CHECK(spans_named(run.spans, "llmobserve.diagnostics").empty());
}

TEST_CASE("a rule for another port leaves the request to the built-in ones", "[e2e][api_rules]") {
  MockServer server;
  const RuleFile other("corp-llm genai 127.0.0.1:9 POST /v1/chat/completions chat openai\n");
  const Run missed = run_chat(server, other.environment());
  CHECK(attribute(only_span(missed.spans, "llm.request"), "gen_ai.provider.name") == "openai");
  const RuleFile same("corp-llm genai " + server.address() + " POST /v1/chat/completions chat openai\n");
  const Run met = run_chat(server, same.environment());
  CHECK(attribute(only_span(met.spans, "llm.request"), "gen_ai.provider.name") == "corp-llm");
}

TEST_CASE("a host that is said to be no API gets plain HTTP spans", "[e2e][api_rules]") {
  MockServer server;
  const RuleFile rules("- http 127.0.0.1\n");
  const Run run = run_chat(server, rules.environment());
  const Span call = only_span(run.spans, "POST");
  CHECK_FALSE(has_attribute(call, "gen_ai.provider.name"));
  CHECK(attribute(call, "http.response.status_code") == "200");
}

TEST_CASE("a wrong line is in the diagnostics with its number and reason, and the others work",
          "[e2e][api_rules]") {
  MockServer server;
  const RuleFile rules(
      "# ours\n"
      "corp-llm genai 127.0.0.1 POST /v1/chat/completions chat opanai\n"
      "corp-llm genai 127.0.0.1 POST /v1/chat/completions chat openai\n");
  const Run run = run_chat(server, rules.environment());
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(attribute(only_span(run.spans, "llm.request"), "gen_ai.provider.name") == "corp-llm");
  CHECK(notes_of(run).starts_with(
      "LLMOBSERVE_API_RULES: api-rules.txt:2: unknown shape \"opanai\"; known: openai, anthropic, "));
}

TEST_CASE("a rule file that is not there is reported, and the program runs as always", "[e2e][api_rules]") {
  MockServer server;
  const Run run = run_chat(server, {{"LLMOBSERVE_API_RULES", "/no/such/rules"}});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(attribute(only_span(run.spans, "llm.request"), "gen_ai.provider.name") == "openai");
  CHECK(notes_of(run) == "LLMOBSERVE_API_RULES: /no/such/rules: there is no such file\n");
}

TEST_CASE("a forked child keeps the rules", "[e2e][api_rules]") {
  MockServer server;
  const RuleFile rules("corp-llm genai 127.0.0.1 POST ** chat openai\n");
  const Run run = run_chat(server, rules.environment(), "curl_chat_in_fork");
  CHECK(run.exit_code == 0);
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 2);
  for (const Span& call : calls) CHECK(attribute(call, "gen_ai.provider.name") == "corp-llm");
}

TEST_CASE("llmobserve check reads the rule file and tells what is wrong in it", "[e2e][api_rules]") {
  const RuleFile wrong("a genai h * ** chat openai\nb ai h * ** chat\n");
  const Finished bad = Sandbox().llmobserve({"check"}, wrong.environment());
  CHECK(bad.exit_code == 1);
  CHECK(bad.out.find("api-rules.txt:2: unknown kind \"ai\"; known: genai, db, http\n") != std::string::npos);
  const RuleFile right("a genai h * ** chat openai\n");
  const Finished good = Sandbox().llmobserve({"check"}, right.environment());
  CHECK(good.out.find("1 rule in " + right.path()) != std::string::npos);
}

}  // namespace
}  // namespace llmo::test
