// What modules offer, read from their symbol tables, held against what the loader says.
#include "shim/platform/exports.h"

#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "shim/platform/module_walk.h"
#include "shim/platform/real_function.h"

namespace llmo::platform {
namespace {

constexpr const char* kLibraries[] = {"libc.so.6", "libm.so.6", "libcurl.so.4", "libcurl-gnutls.so.4",
                                      "libz.so.1"};

struct Find {
  std::string name;
  std::optional<Exports> exports;
};

int find_module(dl_phdr_info* info, std::size_t, void* context) {
  auto& find = *static_cast<Find*>(context);
  const LoadedModule module(*info);
  if (find.name != module.name()) return 0;
  find.exports.emplace(module);
  return 1;
}

Exports exports_of(const std::string& name) {
  Find find{name, std::nullopt};
  walk_modules(find_module, &find);
  REQUIRE(find.exports);
  return *find.exports;
}

class Loaded {
 public:
  explicit Loaded(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
    INFO(name);
    REQUIRE(handle_ != nullptr);
  }
  ~Loaded() { dlclose(handle_); }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  const void* function(const char* name) const { return dlsym(handle_, name); }

 private:
  void* const handle_;
};

TEST_CASE("every function that a library offers is found, where the loader finds it", "[platform][exports]") {
  const char* const name = GENERATE(from_range(std::begin(kLibraries), std::end(kLibraries)));
  CAPTURE(name);
  const Loaded library(name);
  const Exports exports = exports_of(name);
  std::vector<std::string> wrong;
  int functions = 0;
  exports.for_each([&](const char* function, const void* address) {
    ++functions;
    const void* const found = exports.function(function);
    if (!exports.satisfies(function, nullptr) && found == nullptr) return;  // old versions only
    const void* const by_loader = library.function(function);
    // The loader looks into the libraries below, too, and chooses code for the processor (STT_GNU_IFUNC).
    if (found == nullptr || found != by_loader || address == nullptr) wrong.emplace_back(function);
  });
  CHECK(wrong == std::vector<std::string>{});
  CHECK(functions > 50);
}

TEST_CASE("names that nobody offers are not found", "[platform][exports]") {
  const Exports libc = exports_of("libc.so.6");
  CHECK(libc.function("llmobserve_no_such_function") == nullptr);
  CHECK(libc.function("") == nullptr);
  CHECK(libc.function("environ") == nullptr);  // no function
  CHECK_FALSE(libc.satisfies("llmobserve_no_such_function", nullptr));
  CHECK(Exports(LoadedModule()).function("getenv") == nullptr);
}

TEST_CASE("a library that has several versions of a function gives the newest, and knows the others",
          "[platform][exports]") {
  const Exports libc = exports_of("libc.so.6");
  const Loaded loaded("libc.so.6");
  CHECK(libc.function("pthread_cond_wait") == loaded.function("pthread_cond_wait"));
  CHECK(libc.satisfies("pthread_cond_wait", nullptr));
  CHECK(libc.satisfies("pthread_cond_wait", "GLIBC_2.2.5"));
  CHECK(libc.satisfies("pthread_cond_wait", "GLIBC_2.3.2"));
  CHECK_FALSE(libc.satisfies("pthread_cond_wait", "GLIBC_2.3.3"));
}

TEST_CASE("the kernel's own module is read by whatever table it has", "[platform][exports]") {
  const Exports kernel = exports_of("linux-vdso.so.1");
  CHECK(kernel.function("__vdso_clock_gettime") != nullptr);
  CHECK(kernel.function("__vdso_nothing") == nullptr);
  CHECK(kernel.satisfies("__vdso_clock_gettime", "LINUX_2.6"));
}

// The one answer, or nothing.
const void* answer(const void* caller, const char* name) {
  const void* found = nullptr;
  while_modules_stay([&] {
    const std::optional<Exports> definer = only_definer(caller, name);
    if (definer) found = definer->function(name);
  });
  return found;
}

// The test program links libcurl itself.
TEST_CASE("of two libcurls each caller means the one whose version it asks for", "[platform][exports]") {
  const Loaded openssl("libcurl.so.4");
  const void* const in_openssl = openssl.function("curl_easy_init");
  CHECK(answer(in_openssl, "curl_easy_init") == in_openssl);
  CHECK(answer(nullptr, "curl_easy_init") == in_openssl);
  {
    const Loaded gnutls("libcurl-gnutls.so.4");
    const void* const in_gnutls = gnutls.function("curl_easy_init");
    CHECK(answer(in_openssl, "curl_easy_init") == in_openssl);
    CHECK(answer(in_gnutls, "curl_easy_init") == in_gnutls);
    CHECK(answer(nullptr, "curl_easy_init") == nullptr);
  }
  CHECK(answer(in_openssl, "llmobserve_no_such_function") == nullptr);
}

}  // namespace
}  // namespace llmo::platform
