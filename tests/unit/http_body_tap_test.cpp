// Taps: what passes through, what is seen, and that neither depends on the other.
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

#include "shim/http/body_tap.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

using test::FakeHandle;

struct Seen final : BodySink {
  void on_body(std::string_view part) override {
    bytes.append(part);
    errno = EIO;  // what a sink does to errno must not reach the host
  }
  void on_body_again() override { bytes.append("|"); }
  std::string bytes;
};

// The application's side of a response.
struct App {
  std::string got;
  std::size_t answer = SIZE_MAX;  // SIZE_MAX: take all
  bool throws = false;
};

std::size_t app_write(char* data, std::size_t size, std::size_t count, void* context) {
  auto& app = *static_cast<App*>(context);
  if (app.throws) throw std::runtime_error("from the callback");
  if (app.answer == CURL_WRITEFUNC_PAUSE) return app.answer;
  app.got.append(data, size * count);
  std::memset(data, '!', size * count);  // parses in place
  errno = ENOENT;
  return app.answer == SIZE_MAX ? size * count : app.answer;
}

std::size_t deliver(ResponseTap& tap, std::string text) {
  return ResponseTap::write(text.data(), 1, text.size(), &tap);
}

HandleOptions writing_to(App& app) {
  HandleOptions options;
  options.note(CURLOPT_WRITEFUNCTION, reinterpret_cast<void*>(&app_write));
  options.note(CURLOPT_WRITEDATA, &app);
  return options;
}

TEST_CASE("the application gets every byte and its answer goes back", "[http][tap]") {
  App app;
  Seen seen;
  const HandleOptions options = writing_to(app);
  ResponseTap tap(options, &seen);
  CHECK(deliver(tap, "abc") == 3);
  app.answer = 1;
  CHECK(deliver(tap, "def") == 1);
  CHECK(app.got == "abcdef");
  CHECK(seen.bytes == "abcdef");
  CHECK(errno == ENOENT);
}

TEST_CASE("bytes that a pause made libcurl deliver again are seen once", "[http][tap]") {
  App app;
  Seen seen;
  const HandleOptions options = writing_to(app);
  ResponseTap tap(options, &seen);
  app.answer = CURL_WRITEFUNC_PAUSE;
  CHECK(deliver(tap, "abc") == CURL_WRITEFUNC_PAUSE);
  CHECK(deliver(tap, "abcd") == CURL_WRITEFUNC_PAUSE);
  app.answer = SIZE_MAX;
  CHECK(deliver(tap, "ab") == 2);
  CHECK(deliver(tap, "cdef") == 4);
  CHECK(seen.bytes == "abcdef");
  CHECK(app.got == "abcdef");
}

TEST_CASE("an exception of the callback passes through", "[http][tap]") {
  App app;
  app.throws = true;
  Seen seen;
  const HandleOptions options = writing_to(app);
  ResponseTap tap(options, &seen);
  CHECK_THROWS_AS(deliver(tap, "abc"), std::runtime_error);
}

TEST_CASE("the callback of the moment is called, not that of the start", "[http][tap]") {
  App first;
  App second;
  Seen seen;
  HandleOptions options = writing_to(first);
  ResponseTap tap(options, &seen);
  deliver(tap, "a");
  options.note(CURLOPT_WRITEDATA, &second);
  deliver(tap, "b");
  CHECK(first.got == "a");
  CHECK(second.got == "b");
}

TEST_CASE("without a callback the bytes go to the file, also where it takes only some", "[http][tap]") {
  Seen seen;
  HandleOptions options;
  std::FILE* const file = std::tmpfile();
  options.note(CURLOPT_WRITEDATA, file);
  ResponseTap tap(options, &seen);
  CHECK(deliver(tap, "hello") == 5);
  std::rewind(file);
  char text[16] = {};
  CHECK(std::fread(text, 1, sizeof text, file) == 5);
  CHECK(std::string(text) == "hello");
  std::fclose(file);

  std::FILE* const full = std::fopen("/dev/full", "w");
  REQUIRE(full != nullptr);
  std::setvbuf(full, nullptr, _IONBF, 0);
  options.note(CURLOPT_WRITEDATA, full);
  CHECK(deliver(tap, "hello") == 0);
  CHECK(errno == ENOSPC);
  std::fclose(full);
}

TEST_CASE("headers that come along with the body are not taken for it", "[http][tap]") {
  App app;
  Seen seen;
  HandleOptions options = writing_to(app);
  options.note(CURLOPT_HEADER, reinterpret_cast<void*>(1L));
  ResponseTap tap(options, &seen);
  for (const char* line : {"HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n",
                           "HTTP", "/1.1 is a protocol\r\n", "\r\n", "HTTP/2\n"}) {
    deliver(tap, line);
  }
  CHECK(seen.bytes == "HTTP/1.1 is a protocol\r\n\r\nHTTP/2\n");
  CHECK(app.got.size() > seen.bytes.size());
}

struct Source {
  std::string text;
  std::size_t answer = SIZE_MAX;
};

std::size_t app_read(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& source = *static_cast<Source*>(context);
  if (source.answer != SIZE_MAX) return source.answer;
  const std::size_t given = std::min(size * count, source.text.size());
  std::memcpy(buffer, source.text.data(), given);
  source.text.erase(0, given);
  return given;
}

TEST_CASE("a request body is seen as the application gives it", "[http][tap]") {
  Source source{"{\"model\":\"m\"}"};
  Seen seen;
  HandleOptions options;
  options.note(CURLOPT_READFUNCTION, reinterpret_cast<void*>(&app_read));
  options.note(CURLOPT_READDATA, &source);
  const CurlApi api = test::fake_curl_api();
  FakeHandle handle;
  RequestTap tap(api, handle.curl(), options, &seen);
  void* const turn = handle.option<void*>(CURLOPT_READDATA);
  const auto read = handle.option<curl_read_callback>(CURLOPT_READFUNCTION);
  char buffer[8];
  CHECK(read(buffer, 1, sizeof buffer, turn) == 8);
  CHECK(read(buffer, 1, sizeof buffer, turn) == 5);
  CHECK(read(buffer, 1, sizeof buffer, turn) == 0);
  CHECK(seen.bytes == "{\"model\":\"m\"}");
  for (const std::size_t code : {std::size_t{CURL_READFUNC_ABORT}, std::size_t{CURL_READFUNC_PAUSE}}) {
    source.answer = code;
    CHECK(read(buffer, 1, sizeof buffer, turn) == code);
  }
  CHECK(seen.bytes.size() == 13);
}

// A transfer as libcurl makes it: what is set when it begins to send is what it reads by.
class Sending {
 public:
  Sending() {
    options.note(CURLOPT_READFUNCTION, reinterpret_cast<void*>(&app_read));
    options.note(CURLOPT_READDATA, &first);
    tap.emplace(api, handle.curl(), options, &seen);
  }

  void begin() {
    function_ = handle.option<curl_read_callback>(CURLOPT_READFUNCTION);
    data_ = handle.option<void*>(CURLOPT_READDATA);
  }
  std::size_t read(std::size_t size) {
    char buffer[64];
    return function_(buffer, 1, size, data_);
  }
  void set(Source& source) {
    options.note(CURLOPT_READDATA, &source);
    tap->take_new_source();
  }

  Source first{"first"};
  Source other{"other"};
  Seen seen;
  CurlApi api = test::fake_curl_api();
  FakeHandle handle;
  HandleOptions options;
  std::optional<RequestTap> tap;

 private:
  curl_read_callback function_ = nullptr;
  void* data_ = nullptr;
};

TEST_CASE("a source that is set while a body is sent is for the next sending", "[http][tap]") {
  Sending sending;
  sending.begin();
  sending.set(sending.other);
  CHECK(sending.read(3) == 3);
  sending.set(sending.other);
  CHECK(sending.read(64) == 2);
  CHECK(sending.seen.bytes == "first");

  sending.begin();
  CHECK(sending.read(64) == 5);
  CHECK(sending.seen.bytes == "first|other");
}

TEST_CASE("a source that is set before libcurl begins is read", "[http][tap]") {
  Sending sending;
  sending.set(sending.other);
  sending.begin();
  CHECK(sending.read(64) == 5);
  CHECK(sending.seen.bytes == "other");
}

TEST_CASE("each time that a body is sent again it is told so, once", "[http][tap]") {
  Sending sending;
  sending.begin();
  sending.begin();  // nothing was read
  CHECK(sending.read(2) == 2);
  for (int i = 0; i < 3; ++i) {
    sending.first = Source{"first"};
    sending.begin();
    CHECK(sending.read(4) == 4);
    CHECK(sending.read(4) == 1);
    CHECK(sending.read(4) == 0);
  }
  CHECK(sending.seen.bytes == "fi|first|first|first");
}

TEST_CASE("a tap that is released sets nothing any more", "[http][tap]") {
  Sending sending;
  sending.begin();
  sending.tap->release();
  sending.handle.options.clear();
  CHECK(sending.read(64) == 5);
  CHECK(sending.seen.bytes == "first");
  CHECK(sending.handle.options.empty());
}

}  // namespace
}  // namespace llmo::http
