// Calls to the mock of a provider's API under the provider's own host name, and what their spans should say:
// rows of a table, all made by one run of tests/programs/api_call.cpp.
#pragma once

#include <string>
#include <vector>

#include "tests/support/mock_server.h"
#include "tests/support/otlp_reader.h"
#include "tests/support/run.h"

namespace llmo::test {

struct ApiCall {
  std::string url;
  std::string body;
  Attributes expected{};  // over and above what url, method and a status of 200 make of themselves
  std::string span = "llm.request";
  std::string mock{};  // X-Mock
  std::string method = "POST";
  std::vector<std::string> options{};  // of api_call
  std::vector<std::string> absent{};
  bool fails = false;
  std::string message{};  // of the span's status
};

// The server that all of them go to, started by the first.
const MockServer& provider_server();

// The arguments that make api_call make the calls. An `https` URL goes to the TLS port.
std::vector<std::string> arguments_of(const std::vector<ApiCall>& calls);

// Makes the calls under the shim; one span for each, in their order. Throws std::runtime_error where their
// number is another.
std::vector<Span> spans_of(const std::vector<ApiCall>& calls, const Environment& env = {});

// What the span says otherwise than the call expects, a line each; empty where it is right.
std::string difference(const ApiCall& call, const Span& span);

// spans_of(), and a failed check for each call whose span is not as expected.
void check_calls(const std::vector<ApiCall>& calls);

// The attributes of the second over those of the first.
Attributes merged(Attributes first, const Attributes& second);

}  // namespace llmo::test
