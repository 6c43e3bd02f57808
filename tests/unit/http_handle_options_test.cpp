// What is known of a handle from the options that were set on it.
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <utility>

#include "shim/http/handle_options.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

using test::HeaderLines;

void* as_argument(long number) { return reinterpret_cast<void*>(number); }
void* as_argument(const char* text) { return const_cast<char*>(text); }

std::size_t any_write(char*, std::size_t size, std::size_t count, void*) { return size * count; }
std::size_t any_read(char*, std::size_t, std::size_t, void*) { return 0; }

struct Setting {
  CURLoption option;
  const char* text = nullptr;
  long number = 0;
};

HandleOptions with(std::initializer_list<Setting> settings) {
  HandleOptions options;
  for (const Setting& setting : settings) {
    options.note(setting.option,
                 setting.text != nullptr ? as_argument(setting.text) : as_argument(setting.number));
  }
  return options;
}

TEST_CASE("the method is the one that libcurl will choose", "[http][options]") {
  CHECK(with({}).method() == "GET");
  CHECK(with({{CURLOPT_POST, nullptr, 1}}).method() == "POST");
  CHECK(with({{CURLOPT_POST, nullptr, 1}, {CURLOPT_POST, nullptr, 0}}).method() == "GET");
  CHECK(with({{CURLOPT_POSTFIELDS, "{}"}}).method() == "POST");
  CHECK(with({{CURLOPT_COPYPOSTFIELDS, "{}"}}).method() == "POST");
  CHECK(with({{CURLOPT_POSTFIELDS, "{}"}, {CURLOPT_HTTPGET, nullptr, 1}}).method() == "GET");
  CHECK(with({{CURLOPT_UPLOAD, nullptr, 1}}).method() == "PUT");
  CHECK(with({{CURLOPT_NOBODY, nullptr, 1}}).method() == "HEAD");
  CHECK(with({{CURLOPT_NOBODY, nullptr, 1}, {CURLOPT_NOBODY, nullptr, 0}}).method() == "GET");
  CHECK(with({{CURLOPT_NOBODY, nullptr, 1}, {CURLOPT_POST, nullptr, 1}}).method() == "POST");
  CHECK(with({{CURLOPT_MIMEPOST, nullptr, 1}}).method() == "POST");
  CHECK(with({{CURLOPT_POSTFIELDS, "{}"}, {CURLOPT_CUSTOMREQUEST, "PATCH"}}).method() == "PATCH");
  CHECK(with({{CURLOPT_NOBODY, nullptr, 1}, {CURLOPT_CUSTOMREQUEST, "DELETE"}}).method() == "DELETE");
  CHECK(with({{CURLOPT_CUSTOMREQUEST, "DELETE"}, {CURLOPT_CUSTOMREQUEST, nullptr, 0}}).method() == "GET");
}

TEST_CASE("a body in memory has the size that was set, else it ends at its NUL", "[http][options]") {
  CHECK(with({{CURLOPT_POSTFIELDS, "{\"a\":1}"}}).body_in_memory() == "{\"a\":1}");
  CHECK(with({{CURLOPT_POSTFIELDS, "{\"a\":1}"}, {CURLOPT_POSTFIELDSIZE, nullptr, 2}}).body_in_memory() ==
        "{\"");
  CHECK(with({{CURLOPT_POSTFIELDSIZE_LARGE, nullptr, 2}, {CURLOPT_POSTFIELDS, "{}x"}}).body_in_memory() ==
        "{}");
  CHECK(with({{CURLOPT_POSTFIELDS, "{}"}, {CURLOPT_POSTFIELDSIZE, nullptr, 0}}).body_in_memory().empty());
  CHECK(with({{CURLOPT_POSTFIELDS, "{}"}, {CURLOPT_HTTPGET, nullptr, 1}}).body_in_memory().empty());
  CHECK(with({{CURLOPT_POSTFIELDS, "{}"}, {CURLOPT_MIMEPOST, nullptr, 1}}).body_in_memory().empty());
  CHECK(with({{CURLOPT_POST, nullptr, 1}}).body_in_memory().empty());
}

TEST_CASE("a copied body is kept when the application's own is gone", "[http][options]") {
  std::string body = "{\"model\":\"m\"}";
  HandleOptions options;
  options.note(CURLOPT_COPYPOSTFIELDS, body.data());
  body.assign(body.size(), 'x');
  CHECK(options.body_in_memory() == "{\"model\":\"m\"}");

  SECTION("also by a duplicate of the handle") {
    const HandleOptions copy = options;
    options.note(CURLOPT_POSTFIELDS, nullptr);
    CHECK(copy.body_in_memory() == "{\"model\":\"m\"}");
  }
  SECTION("but not where a size that is set later makes libcurl let go of it") {
    options.note(CURLOPT_POSTFIELDSIZE, as_argument(100));
    CHECK(options.body_in_memory().empty());
  }
  SECTION("and not where a pointer takes its place") {
    options.note(CURLOPT_POSTFIELDS, as_argument("other"));
    CHECK(options.body_in_memory() == "other");
  }
}

TEST_CASE("of a copied body that is too big to keep, the facts are kept", "[http][options]") {
  const std::string body =
      "{\"messages\":[{\"content\":\"" + std::string(kMaxCopiedBody, 'x') + "\"}],\"model\":\"gpt-4o\"}";
  HandleOptions options;
  options.note(CURLOPT_URL, as_argument("https://api.openai.com/v1/chat/completions"));
  options.note(CURLOPT_COPYPOSTFIELDS, as_argument(body.c_str()));
  CHECK(options.body_in_memory().empty());
  const genai::RequestFacts* const facts = options.copied_facts(genai::BodyShape::kOpenAi);
  REQUIRE(facts != nullptr);
  CHECK(facts->model() == "gpt-4o");
  CHECK(options.copied_facts(genai::BodyShape::kAnthropic) == nullptr);
}

TEST_CASE("a header is found whatever its case and form", "[http][options]") {
  HeaderLines lines(
      {"Content-Type: application/json", "Traceparent:abc", "X-Empty;", "accept :", "X-Long-Name: 1"});
  HandleOptions options;
  options.note(CURLOPT_HTTPHEADER, lines.list());
  std::string_view value;
  CHECK(options.find_header("traceparent", &value));
  CHECK(value == "abc");
  CHECK(options.find_header("content-type", &value));
  CHECK(value == "application/json");
  CHECK(options.has_header("x-empty"));
  CHECK(options.has_header("accept"));
  CHECK_FALSE(options.has_header("x-long"));
  CHECK_FALSE(options.has_header("authorization"));
  options.note(CURLOPT_HTTPHEADER, nullptr);
  CHECK_FALSE(options.has_header("traceparent"));
}

TEST_CASE("a URL without scheme gets the default protocol", "[http][options]") {
  CHECK(with({{CURLOPT_URL, "example.org/a"}}).url() == "example.org/a");
  CHECK(with({{CURLOPT_URL, "example.org/a"}, {CURLOPT_DEFAULT_PROTOCOL, "https"}}).url() ==
        "https://example.org/a");
  CHECK(with({{CURLOPT_URL, "http://example.org"}, {CURLOPT_DEFAULT_PROTOCOL, "https"}}).url() ==
        "http://example.org");
  CHECK(with({{CURLOPT_URL, "http://a"}, {CURLOPT_URL, nullptr, 0}}).url().empty());
}

TEST_CASE("a URL of absurd length is not kept", "[http][options]") {
  const std::string url = "http://example.org/" + std::string(kMaxUrl, 'a');
  CHECK(with({{CURLOPT_URL, url.c_str()}}).url().empty());
}

TEST_CASE("bytes go where libcurl would put them", "[http][options]") {
  HandleOptions options;
  CHECK(options.write_data() == stdout);
  CHECK(options.read_data() == stdin);
  CHECK(options.write_function() != nullptr);
  CHECK(options.header_function() == nullptr);

  int here = 0;
  options.note(CURLOPT_HEADERDATA, &here);
  CHECK(options.header_function() == options.write_function());
  options.note(CURLOPT_WRITEFUNCTION, reinterpret_cast<void*>(&any_write));
  CHECK(options.write_function() == &any_write);
  CHECK(options.header_function() == &any_write);
  options.note(CURLOPT_WRITEDATA, nullptr);
  CHECK(options.write_data() == nullptr);
}

TEST_CASE("a body comes from a callback only where the application set one", "[http][options]") {
  HandleOptions options;
  options.note(CURLOPT_POST, as_argument(1));
  CHECK_FALSE(options.body_from_callback());
  options.note(CURLOPT_READFUNCTION, reinterpret_cast<void*>(&any_read));
  CHECK(options.body_from_callback());
  options.note(CURLOPT_POSTFIELDS, as_argument("{}"));
  CHECK_FALSE(options.body_from_callback());
  options.note(CURLOPT_UPLOAD, as_argument(1));
  CHECK(options.body_from_callback());
}

TEST_CASE("fread() is no callback of the application's: libcurl rewinds its file by itself",
          "[http][options]") {
  HandleOptions options;
  options.note(CURLOPT_UPLOAD, as_argument(1));
  options.note(CURLOPT_READFUNCTION, reinterpret_cast<void*>(&std::fread));
  CHECK_FALSE(options.body_from_callback());
}

TEST_CASE("the default stream is the one that standard output was when the handle was made",
          "[http][options]") {
  const HandleOptions options;
  FILE* const before = std::exchange(stdout, stderr);
  void* const stream = options.write_data();
  stdout = before;
  CHECK(stream == before);
}

TEST_CASE("content is decoded where libcurl was asked to and not told otherwise", "[http][options]") {
  CHECK_FALSE(with({}).decodes_content());
  CHECK(with({{CURLOPT_ACCEPT_ENCODING, ""}}).decodes_content());
  CHECK_FALSE(
      with({{CURLOPT_ACCEPT_ENCODING, ""}, {CURLOPT_HTTP_CONTENT_DECODING, nullptr, 0}}).decodes_content());
}

}  // namespace
}  // namespace llmo::http
