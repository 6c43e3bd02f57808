// What the tests of libcurl share: programs run with us and without us, and what must not differ.
#pragma once

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {

// Nothing listens on the discard port of the loopback interface.
inline constexpr const char* kRefused = "http://127.0.0.1:9/";

inline Run run_program(const std::string& program, const std::string& variant, std::vector<std::string> args,
                       Environment env = {}) {
  return run_under_shim(program, variant, {.args = std::move(args), .env = std::move(env)});
}

// What the program writes with nothing preloaded.
inline std::string output_without_us(const std::string& program, const std::string& variant,
                                     std::vector<std::string> args) {
  return run_under_shim(program, variant, {.args = std::move(args), .preload = false}).out;
}

// The mock counts its answers: two runs differ in that number alone.
inline std::string without_ids(const std::string& text) {
  return std::regex_replace(text, std::regex("mock[0-9]+"), "mock");
}

// Everything of a request but our header.
inline std::string wire_text(SeenRequest request) {
  std::erase_if(request.headers, [](const auto& header) { return header.first == "traceparent"; });
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + "\n" + request.body;
}

inline std::string id_in_traceparent(const std::string& header) { return header.substr(36, 16); }

}  // namespace llmo::test
