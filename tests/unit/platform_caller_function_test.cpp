// Functions that depend on who calls. The callers here are two flavours of one library.
#include "shim/platform/caller_function.h"

#include <dlfcn.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <thread>
#include <vector>

namespace llmo::platform {
namespace {

constexpr const char* kGnuTls = "libcurl-gnutls.so.4";
constexpr const char* kOpenSsl = "libcurl.so.4";

constinit CallerFunction<const char*()> real_version{"curl_version", "libcurl"};
constinit CallerFunction<int()> real_nothing{"llmobserve_no_such_function", "libllmobserve_none"};

// A loaded library, and an address in it that calls may come from.
struct Flavour {
  explicit Flavour(const char* name) : handle(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE(handle != nullptr);
  }
  void* function(const char* name) const { return dlsym(handle, name); }
  const void* caller() const { return function("curl_free"); }
  void close() const {
    const ModulesMayGo going;
    dlclose(handle);
  }
  void* const handle;
};

void* version_for(const void* caller) { return reinterpret_cast<void*>(real_version.get(caller)); }

TEST_CASE("callers in two copies of a library get a function each, again and again",
          "[platform][caller_function]") {
  const Flavour gnutls(kGnuTls);
  const Flavour openssl(kOpenSsl);
  for (int i = 0; i < 3; ++i) {
    CHECK(version_for(gnutls.caller()) == gnutls.function("curl_version"));
    CHECK(version_for(openssl.caller()) == openssl.function("curl_version"));
  }
  openssl.close();
  gnutls.close();
}

TEST_CASE("a function that nobody has is none, and leaves no trace", "[platform][caller_function]") {
  const Flavour openssl(kOpenSsl);
  errno = 42;
  CHECK(real_nothing.get(openssl.caller()) == nullptr);
  CHECK(real_nothing.get(nullptr) == nullptr);
  CHECK(errno == 42);
  CHECK(dlerror() == nullptr);
  openssl.close();
}

TEST_CASE("nothing is kept over an unloading, nor while one is under way", "[platform][caller_function]") {
  const Flavour first(kGnuTls);
  const void* const caller = first.caller();
  void* const found = version_for(caller);
  CHECK(found == first.function("curl_version"));
  {
    const ModulesMayGo going;
    CHECK(version_for(caller) == found);
    dlclose(first.handle);
    CHECK(version_for(caller) != found);
  }
  CHECK(version_for(caller) != found);

  const Flavour second(kGnuTls);
  CHECK(version_for(second.caller()) == second.function("curl_version"));
  second.close();
}

TEST_CASE("more callers than are kept, on many threads, all get their own", "[platform][caller_function]") {
  const Flavour gnutls(kGnuTls);
  const Flavour openssl(kOpenSsl);
  void* const expected[] = {gnutls.function("curl_version"), openssl.function("curl_version")};
  const void* const callers[] = {gnutls.caller(), openssl.caller()};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const int which = (i + t) % 2;
        if (version_for(callers[which]) != expected[which]) ++wrong;
        if (t == 0 && i % 20 == 0) const ModulesMayGo going;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  openssl.close();
  gnutls.close();
}

}  // namespace
}  // namespace llmo::platform
