// libcurl where others hold what finding it may need: in constructors that run under dlopen(), and in
// destructors that run under dlclose().
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "tests/e2e/plugins.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

using Words = std::vector<std::string>;

constexpr std::chrono::milliseconds kTimeout{10'000};

// Its constructor, or what MOMENT says, waits for a thread that makes two requests, one by easy, one by
// multi.
constexpr const char* kWaitsForThread = R"(
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static size_t ignore(char* data, size_t size, size_t count, void* nothing) {
  (void)data, (void)nothing;
  return size * count;
}

static CURL* ask_for(const char* url) {
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  return curl;
}

static int by_multi(CURL* curl) {
  CURLM* const multi = curl_multi_init();
  curl_multi_add_handle(multi, curl);
  int running = 1, left = 0;
  while (running > 0 && curl_multi_perform(multi, &running) == CURLM_OK) {
    curl_multi_wait(multi, NULL, 0, 100, NULL);
  }
  const CURLMsg* const message = curl_multi_info_read(multi, &left);
  const int code = message == NULL ? -1 : message->data.result;
  curl_multi_remove_handle(multi, curl);
  curl_multi_cleanup(multi);
  return code;
}

void* in_thread_agent(void* url) {
  CURL* const easy = ask_for(url);
  CURL* const multi = ask_for(url);
  printf("codes %d", curl_easy_perform(easy));
  printf(" %d\n", by_multi(multi));
  curl_easy_cleanup(easy);
  curl_easy_cleanup(multi);
  return NULL;
}

#ifndef MOMENT
#define MOMENT constructor
#endif
__attribute__((MOMENT)) static void wait_for_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, in_thread_agent, getenv("PLUGIN_URL"));
  pthread_join(thread, NULL);
}
)";

// What a host has loaded before it loads such a plug-in, and how the plug-in is linked and loaded.
struct Loading {
  Words before;
  Words link;
  std::string flags;
};

TEST_CASE("a constructor may wait for a thread that makes requests", "[e2e][reach]") {
  const std::string openssl = "libcurl.so.4";
  const std::string gnutls = "libcurl-gnutls.so.4";
  const Loading loading = GENERATE_COPY(
      Loading{{}, {"-lcurl"}, "n"}, Loading{{}, {"-lcurl"}, "l"}, Loading{{}, {"-lcurl"}, "nd"},
      Loading{{"load:n:" + gnutls}, {"-lcurl"}, "n"}, Loading{{"load:ng:" + gnutls}, {"-lcurl"}, "n"},
      Loading{{"load:n:" + openssl}, {"-l:" + gnutls}, "ng"},
      Loading{{"load:ng:" + openssl}, {"-Wl,--unresolved-symbols=ignore-all"}, "n"});
  CAPTURE(loading.before, loading.link, loading.flags);
  MockServer server;
  Sandbox sandbox;
  const std::string plugin = make_library(sandbox.path(), "waits", kWaitsForThread, loading.link);
  Words argv = {program_path("reach_host", "gcc-O2")};
  argv.insert(argv.end(), loading.before.begin(), loading.before.end());
  argv.push_back("load:" + loading.flags + ":" + plugin);
  const Environment env = {{"PLUGIN_URL", server.url("/bytes/20")}};

  const Run without = sandbox.run(argv, {.env = env, .preload = false, .timeout = kTimeout});
  REQUIRE(without.out.find("codes 0 0\n") != std::string::npos);
  const Run with = sandbox.run(argv, {.env = env, .timeout = kTimeout});
  CHECK(with.out == without.out);
  CHECK(with.err == without.err);
  // A deep-bound plug-in is bound to us after its constructor: what that asks for passes by.
  if (loading.flags != "nd") CHECK(spans_named(with.spans, "GET").size() == 2);
}

TEST_CASE("a destructor may wait for a thread that makes requests", "[e2e][reach]") {
  MockServer server;
  Sandbox sandbox;
  const std::string plugin =
      make_library(sandbox.path(), "waits", kWaitsForThread, {"-DMOMENT=destructor", "-lcurl"});
  const std::string flags = GENERATE(as<std::string>(), "n", "nd");
  const Words argv = {program_path("reach_host", "gcc-O2"), "load:" + flags + ":" + plugin, "close"};
  const Run run = sandbox.run(argv, {.env = {{"PLUGIN_URL", server.url("/bytes/20")}}, .timeout = kTimeout});
  CHECK(run.out.find("codes 0 0\nclose 0\n") != std::string::npos);
  CHECK(spans_named(run.spans, "GET").size() == 2);
}

}  // namespace
}  // namespace llmo::test
