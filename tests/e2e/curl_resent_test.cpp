// Request bodies that libcurl has to send more than once.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/e2e/variants.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

std::vector<std::string> bodies_of(const MockServer& server) {
  std::vector<std::string> bodies;
  for (const SeenRequest& request : server.log()) bodies.push_back(request.body);
  return bodies;
}

TEST_CASE("a body that is sent again comes from where it comes from without us, and is told once",
          "[e2e][curl]") {
  const std::string program = program_path("curl_resent_body", each_variant());
  MockServer plain_server;
  MockServer server;
  Sandbox sandbox;
  const Environment env = {{"LLMOBSERVE_CAPTURE_CONTENT", "true"}};
  const Run without = sandbox.run({program, plain_server.url()}, {.preload = false});
  const Run with = sandbox.run({program, server.url()}, {.env = env});
  REQUIRE(without.out.find("code 0") != std::string::npos);
  CHECK(with.out == without.out);
  const std::vector<std::string> bodies = bodies_of(server);
  CHECK(bodies == bodies_of(plain_server));
  REQUIRE(bodies.size() == 4);
  CHECK(bodies[3].find("Other") != std::string::npos);

  const std::vector<Span> calls = spans_named(with.spans, "llm.request");
  REQUIRE(calls.size() == 2);
  CHECK(attribute(calls[0], "gen_ai.request.max_tokens") == "50");
  CHECK(attribute(calls[1], "gen_ai.request.max_tokens") == "60");
  CHECK(attribute(calls[0], "gen_ai.input.messages").find("Hello") != std::string::npos);
  CHECK(attribute(calls[1], "gen_ai.input.messages").find("Other") != std::string::npos);
  CHECK(attribute(calls[1], "gen_ai.input.messages").find("Hello") == std::string::npos);
}

}  // namespace
}  // namespace llmo::test
