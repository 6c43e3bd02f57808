// The multi interface against a libcurl of the test's own: who gets which message, and what has begun when.
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "shim/http/easy.h"
#include "shim/http/multi.h"
#include "shim/http/multi_transfers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

using test::FakeHandle;
using test::FakeMulti;

// A multi and its handles, known to the tables as if they had been made in sight, and a journal that no
// exporter reads.
class Scene {
 public:
  Scene() {
    static const test::TempDir journal;
    ::setenv("LLMOBSERVE_JOURNAL_DIR", journal.path().c_str(), 1);
    ::setenv("LLMOBSERVE_PROGRAM", "/bin/true", 1);
    multis().insert(std::make_unique<Multi>(fake.multi(), &api));
    for (FakeHandle& handle : fakes) {
      handle.options[CURLOPT_URL] = const_cast<char*>(kUrl);
      const HandleOptions none;
      follow_handle(handle.curl(), &api, &none)->options.note(CURLOPT_URL, const_cast<char*>(kUrl));
    }
  }

  ~Scene() {
    multis().take(fake.multi()).reset();
    for (FakeHandle& handle : fakes) handles().take(handle.curl()).reset();
  }

  CURL* curl(std::size_t number) { return fakes[number].curl(); }
  Handle& handle(std::size_t number) { return *handles().find(curl(number)); }
  CURLMcode add(std::size_t number) { return multi::add_handle(fake.multi(), curl(number), site()); }
  CURLMcode remove(std::size_t number) { return multi::remove_handle(fake.multi(), curl(number), site()); }
  CURLMcode drive() {
    int running = 0;
    return multi::perform(fake.multi(), &running, site());
  }
  CURLMsg* read(int* left) { return multi::info_read(fake.multi(), left, site()); }
  static CallSite site() {
    return {__builtin_return_address(0), reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))};
  }

  static constexpr const char* kUrl = "http://example.org/";
  CurlApi api = test::fake_curl_api();
  FakeMulti fake;
  FakeHandle fakes[3];
};

TEST_CASE("a transfer begins with the first drive and ends with libcurl's message", "[http][multi]") {
  Scene scene;
  REQUIRE(scene.add(0) == CURLM_OK);
  CHECK(scene.handle(0).transfer == nullptr);
  CHECK(scene.fakes[0].order.empty());
  scene.drive();
  CHECK(scene.handle(0).transfer != nullptr);
  CHECK(scene.fakes[0].option<curl_slist*>(CURLOPT_HTTPHEADER) != nullptr);
  scene.fake.end(scene.curl(0), CURLE_OK);
  scene.drive();
  CHECK(scene.handle(0).transfer == nullptr);
  CHECK(scene.fakes[0].option<curl_slist*>(CURLOPT_HTTPHEADER) == nullptr);
  scene.drive();
  CHECK(scene.handle(0).transfer == nullptr);
}

TEST_CASE("the application gets libcurl's own messages, in order and with what is left", "[http][multi]") {
  Scene scene;
  for (std::size_t i = 0; i < 3; ++i) scene.add(i);
  scene.drive();
  for (const std::size_t i : {2U, 0U}) scene.fake.end(scene.curl(i), CURLE_OK);
  scene.drive();
  scene.fake.end(scene.curl(1), CURLE_GOT_NOTHING);  // not seen by any drive
  for (std::size_t i = 0; i < 3; ++i) {
    int left = -1;
    CHECK(scene.read(&left) == &scene.fake.messages[i]);
    CHECK(left == static_cast<int>(2 - i));
  }
  int left = -1;
  CHECK(scene.read(&left) == nullptr);
  CHECK(left == 0);
}

TEST_CASE("inside a callback there is no message, and afterwards there is", "[http][multi]") {
  Scene scene;
  scene.add(0);
  scene.drive();
  scene.fake.end(scene.curl(0), CURLE_OK);
  scene.drive();
  int left = -1;
  scene.fake.in_callback = true;
  CHECK(scene.read(&left) == nullptr);
  CHECK(left == 0);
  scene.fake.in_callback = false;
  CHECK(scene.read(&left) == &scene.fake.messages[0]);
}

TEST_CASE("the message of a handle that is removed goes with it", "[http][multi]") {
  Scene scene;
  for (std::size_t i = 0; i < 2; ++i) scene.add(i);
  scene.drive();
  for (std::size_t i = 0; i < 2; ++i) scene.fake.end(scene.curl(i), CURLE_OK);
  scene.drive();
  REQUIRE(scene.remove(0) == CURLM_OK);
  int left = -1;
  CHECK(scene.read(&left) == &scene.fake.messages[1]);
  CHECK(scene.read(&left) == nullptr);
}

TEST_CASE("a message of a handle that nobody has seen is handed on", "[http][multi]") {
  Scene scene;
  FakeHandle pushed;  // as HTTP/2 server push makes them
  scene.fake.end(pushed.curl(), CURLE_OK);
  scene.drive();
  int left = -1;
  CHECK(scene.read(&left) == &scene.fake.messages[0]);
}

TEST_CASE("what libcurl refuses changes nothing", "[http][multi]") {
  Scene scene;
  scene.add(0);
  scene.drive();
  const Transfer* const under_way = scene.handle(0).transfer.get();
  CHECK(scene.add(0) == CURLM_ADDED_ALREADY);
  scene.fake.in_callback = true;
  CHECK(scene.add(1) == CURLM_RECURSIVE_API_CALL);
  CHECK(scene.remove(0) == CURLM_RECURSIVE_API_CALL);
  CHECK(multi::cleanup(scene.fake.multi(), Scene::site()) == CURLM_RECURSIVE_API_CALL);
  CHECK(scene.drive() == CURLM_RECURSIVE_API_CALL);
  CHECK(scene.handle(0).transfer.get() == under_way);
  CHECK(scene.handle(1).multi == nullptr);
  CHECK(multis().find(scene.fake.multi()) == scene.handle(0).multi);
}

TEST_CASE("a multi that is cleaned up lets its handles go", "[http][multi]") {
  Scene scene;
  scene.add(0);
  scene.drive();
  scene.add(1);
  CHECK(multi::cleanup(scene.fake.multi(), Scene::site()) == CURLM_OK);
  CHECK(multis().find(scene.fake.multi()) == nullptr);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(scene.handle(i).multi == nullptr);
    CHECK(scene.handle(i).transfer == nullptr);
  }
  CHECK(scene.fakes[0].option<curl_slist*>(CURLOPT_HTTPHEADER) == nullptr);
}

TEST_CASE("a handle that is cleaned up inside a multi is out of all lists", "[http][multi]") {
  Scene scene;
  for (std::size_t i = 0; i < 2; ++i) scene.add(i);
  scene.drive();
  scene.fake.end(scene.curl(0), CURLE_OK);
  easy::cleanup(scene.curl(0), Scene::site());
  CHECK(handles().find(scene.curl(0)) == nullptr);
  int left = -1;
  CHECK(scene.read(&left) == nullptr);
  easy::cleanup(scene.curl(1), Scene::site());
  CHECK_FALSE(multis().find(scene.fake.multi())->has_handles());
}

TEST_CASE("a handle that is not known is followed while it is in the multi, and not touched",
          "[http][multi]") {
  Scene scene;
  FakeHandle foreign;
  foreign.texts[CURLINFO_EFFECTIVE_URL] = Scene::kUrl;
  REQUIRE(multi::add_handle(scene.fake.multi(), foreign.curl(), Scene::site()) == CURLM_OK);
  scene.drive();
  const Handle* const followed = handles().find(foreign.curl());
  REQUIRE(followed != nullptr);
  CHECK(followed->transfer != nullptr);
  easy::set_option(foreign.curl(), CURLOPT_VERBOSE, nullptr, Scene::site());
  scene.fake.end(foreign.curl(), CURLE_OK);
  scene.drive();
  CHECK(foreign.order == std::vector<CURLoption>{CURLOPT_VERBOSE});
  CHECK(multi::remove_handle(scene.fake.multi(), foreign.curl(), Scene::site()) == CURLM_OK);
  CHECK(handles().find(foreign.curl()) == nullptr);
}

TEST_CASE("a handle whose multi went out of sight can be added to another", "[http][multi]") {
  Scene scene;
  scene.add(0);
  scene.drive();
  FakeMulti other;
  multis().insert(std::make_unique<Multi>(other.multi(), &scene.api));
  CHECK(multi::add_handle(other.multi(), scene.curl(0), Scene::site()) == CURLM_OK);
  CHECK(scene.handle(0).multi == multis().find(other.multi()));
  CHECK_FALSE(multis().find(scene.fake.multi())->has_handles());
  CHECK(scene.handle(0).transfer == nullptr);
  multis().take(other.multi()).reset();
}

TEST_CASE("what the multi interface does for itself leaves errno alone", "[http][multi]") {
  Scene scene;
  errno = EDOM;
  scene.add(0);
  scene.add(1);
  scene.drive();
  scene.fake.end(scene.curl(0), CURLE_OK);
  scene.drive();
  int left = -1;
  scene.read(&left);
  scene.remove(0);
  multi::cleanup(scene.fake.multi(), Scene::site());
  CHECK(errno == EDOM);
}

TEST_CASE("ten thousand handles in a multi all end, and leave nothing", "[http][multi]") {
  constexpr std::size_t kHandles = 10'000;
  Scene scene;
  std::vector<FakeHandle> many(kHandles);
  for (FakeHandle& handle : many) {
    handle.texts[CURLINFO_EFFECTIVE_URL] = Scene::kUrl;
    REQUIRE(multi::add_handle(scene.fake.multi(), handle.curl(), Scene::site()) == CURLM_OK);
  }
  scene.drive();
  for (FakeHandle& handle : many) scene.fake.end(handle.curl(), CURLE_OK);
  scene.drive();
  for (std::size_t i = 0; i < kHandles; ++i) {
    int left = -1;
    REQUIRE(scene.read(&left) == &scene.fake.messages[i]);
    REQUIRE(left == static_cast<int>(kHandles - 1 - i));
    REQUIRE(multi::remove_handle(scene.fake.multi(), many[i].curl(), Scene::site()) == CURLM_OK);
    REQUIRE(handles().find(many[i].curl()) == nullptr);
  }
  CHECK_FALSE(multis().find(scene.fake.multi())->has_handles());
}

}  // namespace
}  // namespace llmo::http
