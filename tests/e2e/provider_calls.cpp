#include "tests/e2e/provider_calls.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <stdexcept>

namespace llmo::test {
namespace {

constexpr int kClient = 3;

bool is_tls(const std::string& url) { return url.starts_with("https:"); }

std::vector<std::string> words_of(const ApiCall& call) {
  const MockServer& server = provider_server();
  std::vector<std::string> words{call.method, call.url};
  words.push_back("--connect-to=" + (is_tls(call.url) ? server.tls_connect_to() : server.connect_to()));
  if (is_tls(call.url)) words.push_back("--cacert=" + server.ca_file());
  if (!call.mock.empty()) words.push_back("--header=X-Mock: " + call.mock);
  if (!call.body.empty()) {
    words.push_back("--body=" + call.body);
    words.emplace_back("--header=Content-Type: application/json");
  }
  words.insert(words.end(), call.options.begin(), call.options.end());
  return words;
}

// What every HTTP span of this URL has.
Attributes plain_facts(const ApiCall& call) {
  static const std::regex kUrl("(https?)://([^/:]+)(?::([0-9]+))?(/[^?]*).*");
  std::smatch parts;
  if (!std::regex_match(call.url, parts, kUrl)) throw std::runtime_error("no URL: " + call.url);
  const std::string port = parts[3].matched ? parts[3].str() : parts[1] == "https" ? "443" : "80";
  return {{"http.request.method", call.method},
          {"url.full", call.url},
          {"server.address", parts[2].str()},
          {"server.port", std::int64_t{std::stoi(port)}},
          {"http.response.status_code", std::int64_t{200}},
          {"network.protocol.version", "1.1"}};
}

std::string printed(const Value& value) {
  Span span;
  span.attributes["it"] = value;
  constexpr const char* kTypes[] = {"string", "bool", "int", "double", "list"};
  return attribute(span, "it") + " (" + kTypes[value.index()] + ")";
}

// The mock counts its answers; which one it was is nothing to compare.
Value without_id(Value value) {
  if (auto* const text = std::get_if<std::string>(&value))
    *text = std::regex_replace(*text, std::regex("mock[0-9]{6}"), "mock");
  return value;
}

void compare(const std::string& key, const Value& expected, const Span& span, std::string& lines) {
  const auto found = span.attributes.find(key);
  if (found == span.attributes.end()) {
    lines += "  " + key + " is missing, expected " + printed(expected) + "\n";
  } else if (without_id(found->second) != expected) {
    lines += "  " + key + " is " + printed(found->second) + ", expected " + printed(expected) + "\n";
  }
}

void compare(const std::string& what, const std::string& expected, const std::string& is,
             std::string& lines) {
  if (is != expected)
    lines.append("  ").append(what).append(" is ").append(is).append(", expected ") += expected + "\n";
}

}  // namespace

const MockServer& provider_server() {
  static const MockServer server;
  return server;
}

Attributes merged(Attributes first, const Attributes& second) {
  for (const auto& [key, value] : second) first[key] = value;
  return first;
}

std::vector<std::string> arguments_of(const std::vector<ApiCall>& calls) {
  std::vector<std::string> arguments;
  for (const ApiCall& call : calls) {
    if (!arguments.empty()) arguments.emplace_back("--next");
    for (std::string& word : words_of(call)) arguments.push_back(std::move(word));
  }
  return arguments;
}

std::vector<Span> spans_of(const std::vector<ApiCall>& calls, const Environment& env) {
  const Run run = run_under_shim("api_call", "gcc-O2", {.args = arguments_of(calls), .env = env});
  std::vector<Span> spans = run.spans;
  std::erase_if(spans, [](const Span& span) { return span.kind != kClient; });
  std::stable_sort(spans.begin(), spans.end(), [](const Span& left, const Span& right) {
    return left.start_unix_nanos < right.start_unix_nanos;
  });
  if (spans.size() != calls.size() || run.exit_code != 0)
    throw std::runtime_error("not a span for each call, exit code " + std::to_string(run.exit_code) +
                             ", in:\n" + tree_of(run.spans) + run.out + run.err);
  return spans;
}

std::string difference(const ApiCall& call, const Span& span) {
  std::string lines;
  compare("the name", call.span, span.name, lines);
  compare("the status", call.fails ? "2" : "0", std::to_string(span.status), lines);
  if (call.fails && !call.message.empty()) compare("the message", call.message, span.status_message, lines);
  for (const auto& [key, value] : merged(plain_facts(call), call.expected)) compare(key, value, span, lines);
  for (const std::string& key : call.absent) {
    if (has_attribute(span, key)) lines += "  " + key + " is there: " + attribute(span, key) + "\n";
  }
  if (!call.fails && has_attribute(span, "error.type")) lines += "  error.type without an error\n";
  return lines;
}

void check_calls(const std::vector<ApiCall>& calls) {
  const std::vector<Span> spans = spans_of(calls);
  for (std::size_t index = 0; index < calls.size(); ++index) {
    const ApiCall& call = calls[index];
    INFO(call.method << " " << call.url << (call.mock.empty() ? "" : ", X-Mock: ") << call.mock << "\n  "
                     << call.body.substr(0, 200));
    CHECK(difference(call, spans[index]) == "");
  }
}

}  // namespace llmo::test
