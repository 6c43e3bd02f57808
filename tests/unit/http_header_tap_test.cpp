// Headers pass the tap as they would pass without it.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "shim/http/header_tap.h"
#include "tests/unit/genai_attributes.h"

namespace llmo::http {
namespace {

struct Application {
  std::vector<std::string> lines;
  std::size_t answer = 0;  // 0: all taken
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* application) {
  auto* const self = static_cast<Application*>(application);
  self->lines.emplace_back(data, size * count);
  return self->answer == 0 ? size * count : self->answer;
}

std::size_t deliver(HeaderTap& tap, std::string line) {
  return HeaderTap::write(line.data(), 1, line.size(), &tap);
}

genai::Attributes written(const HeaderTap& tap) {
  journal::SpanDraft draft;
  if (tap.headers() != nullptr) tap.headers()->write(&draft);
  return genai::attributes_of(draft);
}

void note(HandleOptions& options, CURLoption option, void* argument) { options.note(option, argument); }

TEST_CASE("a header line goes to the application, and its answer back", "[http][headers]") {
  Application application;
  HandleOptions options;
  note(options, CURLOPT_HEADERFUNCTION, reinterpret_cast<void*>(&take));
  note(options, CURLOPT_HEADERDATA, &application);
  HeaderTap tap(options);
  CHECK(deliver(tap, "HTTP/1.1 200 OK\r\n") == 17);
  application.answer = 3;
  CHECK(deliver(tap, "retry-after: 5\r\n") == 3);
  CHECK(application.lines == std::vector<std::string>{"HTTP/1.1 200 OK\r\n", "retry-after: 5\r\n"});
  CHECK(written(tap).at("http.response.header.retry-after") == "[5]");
}

TEST_CASE("without a function for headers every line counts as taken", "[http][headers]") {
  const HandleOptions options;
  HeaderTap tap(options);
  CHECK(deliver(tap, "x-request-id: a\r\n") == 17);
  CHECK(written(tap).size() == 1);
}

TEST_CASE("a pointer for headers without a function is passed to the function for the body",
          "[http][headers]") {
  Application application;
  HandleOptions options;
  note(options, CURLOPT_WRITEFUNCTION, reinterpret_cast<void*>(&take));
  note(options, CURLOPT_HEADERDATA, &application);
  HeaderTap tap(options);
  CHECK(deliver(tap, "x-request-id: a\r\n") == 17);
  CHECK(application.lines.size() == 1);
}

TEST_CASE("a line at which the application pauses counts once", "[http][headers]") {
  Application application;
  HandleOptions options;
  note(options, CURLOPT_HEADERFUNCTION, reinterpret_cast<void*>(&take));
  note(options, CURLOPT_HEADERDATA, &application);
  HeaderTap tap(options);
  application.answer = CURL_WRITEFUNC_PAUSE;
  CHECK(deliver(tap, "x-request-id: a\r\n") == CURL_WRITEFUNC_PAUSE);
  application.answer = 0;
  CHECK(deliver(tap, "x-request-id: a\r\n") == 17);
  CHECK(written(tap).at("http.response.header.x-request-id") == "[a]");
}

}  // namespace
}  // namespace llmo::http
