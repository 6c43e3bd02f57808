// Finding functions behind us. Here "us" is the test program itself.
#include <dlfcn.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "shim/platform/real_function.h"

namespace llmo::platform {
namespace {

constinit RealFunction<decltype(::getpid)> real_getpid{"getpid"};
constinit RealFunction<int()> real_nothing{"llmobserve_no_such_function"};

const void* address_of_getenv() { return dlsym(RTLD_DEFAULT, "getenv"); }

void here() {}

TEST_CASE("a function of libc is found and works", "[platform][real_function]") {
  REQUIRE(real_getpid.get() != nullptr);
  CHECK(real_getpid.get()() == ::getpid());
  CHECK(real_getpid.get() == real_getpid.get());
}

TEST_CASE("a function that nobody has is none, and leaves no error behind", "[platform][real_function]") {
  CHECK(real_nothing.get() == nullptr);
  CHECK(dlerror() == nullptr);
  CHECK(Module(address_of_getenv()).function("llmobserve_no_such_function") == nullptr);
  CHECK(dlerror() == nullptr);
  CHECK(function_behind(address_of_getenv(), "llmobserve_no_such_function", "libllmobserve_none") == nullptr);
  CHECK(dlerror() == nullptr);
}

TEST_CASE("addresses of one module have one name, those of another another", "[platform][real_function]") {
  CHECK(module_of(reinterpret_cast<const void*>(&here)) ==
        module_of(reinterpret_cast<const void*>(&module_of)));
  CHECK(module_of(address_of_getenv()) == module_of(dlsym(RTLD_DEFAULT, "setenv")));
  CHECK(module_of(address_of_getenv()) != module_of(reinterpret_cast<const void*>(&here)));
  CHECK(module_of(nullptr) == nullptr);
}

TEST_CASE("an address in no module has no functions", "[platform][real_function]") {
  int on_stack = 0;
  const Module none(&on_stack);
  CHECK_FALSE(none.is_open());
  CHECK(none.function("getenv") == nullptr);
}

TEST_CASE("a module gives the functions that it defines", "[platform][real_function]") {
  const Module libc(address_of_getenv());
  REQUIRE(libc.is_open());
  CHECK(libc.function("getenv") == address_of_getenv());
}

TEST_CASE("a module that goes is counted", "[platform][real_function]") {
  const std::uint64_t before = modules_unloaded();
  void* const handle = dlopen("libcurl-nss.so.4", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return;  // not installed here
  CHECK(modules_unloaded() == before);
  CHECK(function_behind(dlsym(handle, "curl_easy_init"), "curl_easy_perform", "libcurl") ==
        dlsym(handle, "curl_easy_perform"));
  dlclose(handle);
  CHECK(modules_unloaded() > before);
}

}  // namespace
}  // namespace llmo::platform
