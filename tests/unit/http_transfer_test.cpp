// A transfer's effect on the handle: what libcurl has while it works, and that nothing of ours is left
// afterwards.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

#include "shim/http/transfer.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

using test::FakeHandle;
using test::HeaderLines;
using test::lines_of;

constexpr const char* kChat = "https://api.openai.com/v1/chat/completions";

std::size_t app_write(char* data, std::size_t size, std::size_t count, void* context) {
  static_cast<std::string*>(context)->append(data, size * count);
  return size * count;
}

// A handle, what the application has set on it, and a journal that no exporter reads.
class Scene {
 public:
  Scene() {
    ::setenv("LLMOBSERVE_JOURNAL_DIR", directory().path().c_str(), 1);
    ::setenv("LLMOBSERVE_PROGRAM", "/bin/true", 1);
  }

  void set(CURLoption option, const void* argument) {
    handle.options[option] = const_cast<void*>(argument);
    options.note(option, const_cast<void*>(argument));
  }
  template <typename Function>
  void set_function(CURLoption option, Function* function) {
    set(option, reinterpret_cast<const void*>(function));
  }

  // A request whose bodies are read.
  void ask_model() {
    set(CURLOPT_URL, kChat);
    set(CURLOPT_POSTFIELDS, "{}");
  }

  std::unique_ptr<Transfer> begin(bool known = true) {
    return Transfer::begin(api, handle.curl(), known ? &options : nullptr, {{}, tracestate, &rule});
  }

  // libcurl hands over some bytes of the response.
  std::size_t deliver(std::string bytes) {
    return handle.option<curl_write_callback>(CURLOPT_WRITEFUNCTION)(bytes.data(), 1, bytes.size(),
                                                                     handle.option<void*>(CURLOPT_WRITEDATA));
  }
  std::vector<std::string> header_lines() const {
    return lines_of(handle.option<curl_slist*>(CURLOPT_HTTPHEADER));
  }

  CurlApi api = test::fake_curl_api();
  FakeHandle handle;
  HandleOptions options;
  TagRule rule{"true"};
  std::string tracestate;

 private:
  // One for all tests: settings are read once in a process.
  static const test::TempDir& directory() {
    static const test::TempDir dir;
    return dir;
  }
};

TEST_CASE("the tag is there while libcurl works and gone afterwards", "[http][transfer]") {
  Scene scene;
  HeaderLines lines({"Accept: */*"});
  scene.set(CURLOPT_URL, "http://example.org/");
  scene.set(CURLOPT_HTTPHEADER, lines.list());
  for (int use = 0; use < 1000; ++use) {
    const auto transfer = scene.begin();
    REQUIRE(transfer != nullptr);
    REQUIRE(scene.header_lines().size() == 2);
    CHECK(scene.header_lines()[0].starts_with("traceparent: 00-"));
    transfer->end(CURLE_OK);
    REQUIRE(scene.handle.option<curl_slist*>(CURLOPT_HTTPHEADER) == lines.list());
    REQUIRE(lines_of(lines.list()).size() == 1);
  }
}

TEST_CASE("a transfer that is left without its end puts everything back", "[http][transfer]") {
  Scene scene;
  std::string got;
  HeaderLines lines({"Accept: */*"});
  scene.ask_model();
  scene.set(CURLOPT_HTTPHEADER, lines.list());
  scene.set_function(CURLOPT_WRITEFUNCTION, &app_write);
  scene.set(CURLOPT_WRITEDATA, &got);
  auto transfer = scene.begin();
  CHECK(scene.handle.option<curl_write_callback>(CURLOPT_WRITEFUNCTION) == &ResponseTap::write);
  errno = EDOM;
  transfer.reset();
  CHECK(errno == EDOM);
  CHECK(scene.handle.option<curl_write_callback>(CURLOPT_WRITEFUNCTION) == &app_write);
  CHECK(scene.handle.option<void*>(CURLOPT_WRITEDATA) == &got);
  CHECK(scene.handle.option<curl_slist*>(CURLOPT_HTTPHEADER) == lines.list());
}

TEST_CASE("a handle that is not known is not touched", "[http][transfer]") {
  Scene scene;
  scene.handle.texts[CURLINFO_EFFECTIVE_URL] = kChat;
  const auto transfer = scene.begin(false);
  REQUIRE(transfer != nullptr);
  transfer->end(CURLE_OK);
  CHECK(scene.handle.order.empty());
}

TEST_CASE("of a host that no rule knows the headers are read and no body", "[http][transfer]") {
  Scene scene;
  scene.set(CURLOPT_URL, "http://example.org/");
  const auto transfer = scene.begin();
  CHECK(scene.handle.order ==
        std::vector<CURLoption>{CURLOPT_HTTPHEADER, CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA});
}

TEST_CASE("a request whose URL cannot be read is followed but not tagged", "[http][transfer]") {
  Scene scene;
  for (const std::string& url : {std::string("http://[broken"), "http://h/" + std::string(kMaxUrl, 'a')}) {
    scene.set(CURLOPT_URL, url.c_str());
    scene.handle.order.clear();
    const auto transfer = scene.begin();
    REQUIRE(transfer != nullptr);
    CHECK(scene.handle.order.empty());
    transfer->end(CURLE_URL_MALFORMAT);
  }
}

TEST_CASE("other protocols, and connections without a request, are none of ours", "[http][transfer]") {
  Scene scene;
  for (const char* url : {"ftp://example.org/", "file:///etc/passwd", "file:/etc/passwd", "FTP://h/",
                          "smtp.example.org", "dict://h/", "ftp.example.org/a"}) {
    CAPTURE(url);
    scene.set(CURLOPT_URL, url);
    CHECK(scene.begin() == nullptr);
  }
  scene.set(CURLOPT_URL, "HTTPS://example.org/");
  CHECK(scene.begin() != nullptr);
  scene.set(CURLOPT_CONNECT_ONLY, reinterpret_cast<void*>(1L));
  CHECK(scene.begin() == nullptr);
}

TEST_CASE("options that a callback sets are honoured, and still there at the end", "[http][transfer]") {
  Scene scene;
  std::string first;
  std::string second;
  scene.ask_model();
  scene.set_function(CURLOPT_WRITEFUNCTION, &app_write);
  scene.set(CURLOPT_WRITEDATA, &first);
  const auto transfer = scene.begin();
  scene.deliver("a");

  REQUIRE(transfer->holds(CURLOPT_WRITEDATA));
  scene.options.note(CURLOPT_WRITEDATA, &second);
  CHECK(transfer->set_held(CURLOPT_WRITEDATA) == CURLE_OK);
  scene.deliver("b");

  HeaderLines lines({"X-New: 1"});
  REQUIRE(transfer->holds(CURLOPT_HTTPHEADER));
  scene.options.note(CURLOPT_HTTPHEADER, lines.list());
  CHECK(transfer->set_held(CURLOPT_HTTPHEADER) == CURLE_OK);
  CHECK(scene.header_lines().size() == 2);

  HeaderLines tagged({"traceparent: 00-x"});
  scene.options.note(CURLOPT_HTTPHEADER, tagged.list());
  transfer->set_held(CURLOPT_HTTPHEADER);
  CHECK(scene.header_lines() == std::vector<std::string>{"traceparent: 00-x"});

  transfer->end(CURLE_OK);
  CHECK(first == "a");
  CHECK(second == "b");
  CHECK(scene.handle.option<void*>(CURLOPT_WRITEDATA) == &second);
  CHECK(scene.handle.option<curl_slist*>(CURLOPT_HTTPHEADER) == tagged.list());
}

TEST_CASE("headers that go where the body's function takes them still go there", "[http][transfer]") {
  Scene scene;
  std::string head;
  scene.ask_model();
  scene.set_function(CURLOPT_WRITEFUNCTION, &app_write);
  scene.set(CURLOPT_HEADERDATA, &head);
  const auto transfer = scene.begin();
  char line[] = "x-request-id: a\r\n";
  void* const tap = scene.handle.option<void*>(CURLOPT_HEADERDATA);
  CHECK(tap != &head);
  CHECK(scene.handle.option<curl_write_callback>(CURLOPT_HEADERFUNCTION)(line, 1, 17, tap) == 17);
  CHECK(head == line);
  transfer->end(CURLE_OK);
  CHECK(scene.handle.option<void*>(CURLOPT_HEADERFUNCTION) == nullptr);
  CHECK(scene.handle.option<void*>(CURLOPT_HEADERDATA) == &head);
}

TEST_CASE("a duplicate made in the middle of a transfer has nothing of ours", "[http][transfer]") {
  Scene scene;
  std::string got;
  scene.ask_model();
  scene.set_function(CURLOPT_WRITEFUNCTION, &app_write);
  scene.set(CURLOPT_WRITEDATA, &got);
  const auto transfer = scene.begin();
  FakeHandle copy = scene.handle;
  transfer->put_back(copy.curl());
  CHECK(copy.option<curl_write_callback>(CURLOPT_WRITEFUNCTION) == &app_write);
  CHECK(copy.option<void*>(CURLOPT_WRITEDATA) == &got);
  CHECK(copy.option<curl_slist*>(CURLOPT_HTTPHEADER) == nullptr);
}

TEST_CASE("after a reset in the middle of a transfer nothing is put back", "[http][transfer]") {
  Scene scene;
  scene.ask_model();
  const auto transfer = scene.begin();
  transfer->forget_exchanged();
  scene.options = {};
  scene.handle.order.clear();
  transfer->end(CURLE_OK);
  CHECK(scene.handle.order.empty());
}

TEST_CASE("LLMOBSERVE_TAG_REQUESTS keeps a header list as it is", "[http][transfer]") {
  Scene scene;
  scene.rule = TagRule("false");
  scene.set(CURLOPT_URL, "http://example.org/");
  const auto transfer = scene.begin();
  REQUIRE(transfer != nullptr);
  CHECK(std::ranges::find(scene.handle.order, CURLOPT_HTTPHEADER) == scene.handle.order.end());
}

TEST_CASE("a compressed body that libcurl does not decode is handed on and not read", "[http][transfer]") {
  Scene scene;
  std::string got;
  scene.ask_model();
  scene.set_function(CURLOPT_WRITEFUNCTION, &app_write);
  scene.set(CURLOPT_WRITEDATA, &got);
  scene.handle.headers["content-encoding"] = "gzip";
  const auto transfer = scene.begin();
  scene.deliver("\x1f\x8b");
  scene.deliver("more");
  CHECK(got == "\x1f\x8bmore");
  transfer->end(CURLE_OK);
}

}  // namespace
}  // namespace llmo::http
