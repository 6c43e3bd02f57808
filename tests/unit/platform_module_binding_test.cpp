// Binding modules that look past us. Here "us" is the test program, which has no hooks of its own to bind to:
// slots are set to functions of this file.
#include "shim/platform/module_binding.h"

#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <string>

#include "shim/platform/deep_bound.h"
#include "shim/platform/imports.h"

namespace llmo::platform {
namespace {

constexpr const char* kLibrary = "libcurl-gnutls.so.4";  // all its addresses are found when it is loaded

int g_calls = 0;

char* own_strdup(const char* text) {
  ++g_calls;
  return ::strdup(text);
}

struct Find {
  std::string file;
  LoadedModule module;
  bool found = false;
};

int find_module(dl_phdr_info* info, std::size_t, void* context) {
  auto& find = *static_cast<Find*>(context);
  if (std::string(info->dlpi_name).find(find.file) == std::string::npos) return 0;
  find.module = LoadedModule(*info);
  find.found = true;
  return 1;
}

LoadedModule module_named(const std::string& file) {
  Find find{file, {}, false};
  dl_iterate_phdr(find_module, &find);
  REQUIRE(find.found);
  return find.module;
}

// The lines of /proc/self/maps for a file: addresses and protection.
std::string mappings_of(const std::string& file) {
  std::ifstream maps("/proc/self/maps");
  std::string text;
  for (std::string line; std::getline(maps, line);) {
    if (line.find(file) != std::string::npos) text += line.substr(0, line.find(' ') + 6) + "\n";
  }
  return text;
}

const void* pointer_to(char* (*function)(const char*)) { return reinterpret_cast<const void*>(function); }

// curl_slist_append(), which copies its text by way of a pointer in libcurl's data; how often that was ours.
int own_calls_of_append(void* libcurl) {
  struct List;
  auto* const append = reinterpret_cast<List* (*)(List*, const char*)>(dlsym(libcurl, "curl_slist_append"));
  auto* const free_all = reinterpret_cast<void (*)(List*)>(dlsym(libcurl, "curl_slist_free_all"));
  REQUIRE(append != nullptr);
  const int before = g_calls;
  free_all(append(nullptr, "X-Header: 1"));
  return g_calls - before;
}

TEST_CASE("a slot is set to a hook and back, and its page is as protected as before",
          "[platform][module_binding]") {
  void* const handle = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(handle != nullptr);
  const LoadedModule library = module_named(kLibrary);
  const void* const real = dlsym(RTLD_DEFAULT, "strdup");  // what the library itself is bound to
  const std::string mapped = mappings_of(kLibrary);
  CHECK(own_calls_of_append(handle) == 0);

  const Hook hook[] = {{"strdup", pointer_to(own_strdup), real, false}};
  bind_module(library, hook);
  CHECK(own_calls_of_append(handle) == 1);
  CHECK(mappings_of(kLibrary) == mapped);

  const Hook back[] = {{"strdup", real, pointer_to(own_strdup), false}};
  bind_module(library, back);
  CHECK(own_calls_of_append(handle) == 0);
  CHECK(mappings_of(kLibrary) == mapped);
  dlclose(handle);
}

TEST_CASE("a slot that holds another function than the one behind the hook is left alone",
          "[platform][module_binding]") {
  void* const handle = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(handle != nullptr);
  const Hook hooks[] = {{"strdup", pointer_to(own_strdup), dlsym(handle, "strndup"), false},
                        {"no_such_function", pointer_to(own_strdup), dlsym(handle, "strdup"), false}};
  bind_module(module_named(kLibrary), hooks);
  CHECK(own_calls_of_append(handle) == 0);
  dlclose(handle);
}

TEST_CASE("the kernel's own module and the program can be asked like any other",
          "[platform][module_binding]") {
  const LoadedModule kernel = module_named("linux-vdso");
  CHECK(std::string(kernel.name()) == "linux-vdso.so.1");
  CHECK(kernel.call_relocations().empty());
  const Hook hook[] = {{"strdup", pointer_to(own_strdup), nullptr, true}};
  bind_module(kernel, hook);
  bind_module(LoadedModule(), hook);
  CHECK(LoadedModule().entry(DT_SYMTAB) == nullptr);
  CHECK(std::string(LoadedModule().text(0)).empty());
}

TEST_CASE("a module says which version of a function it wants", "[platform][module_binding]") {
  void* const handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  REQUIRE(handle != nullptr);
  const void* const inside = dlsym(handle, "curl_easy_init");
  const Import getenv = find_import(inside, "getenv");
  REQUIRE(getenv.found);
  CHECK(std::string(getenv.version) == "GLIBC_2.2.5");
  CHECK_FALSE(find_import(inside, "nobodysfunction").found);
  CHECK_FALSE(find_import(nullptr, "getenv").found);
  // libcurl calls itself by name, in the version that it defines; any function of the family will tell.
  const Import own = find_import(inside, "curl_no_such_function");
  REQUIRE(own.found);
  CHECK(std::string(own.version) == "CURL_OPENSSL_4");
  dlclose(handle);
}

TEST_CASE("only names that are searched for depend on who asks", "[platform][module_binding]") {
  const void* const in_libc = dlsym(RTLD_DEFAULT, "getenv");
  CHECK_FALSE(depends_on_caller("/usr/lib/x.so", in_libc));
  CHECK_FALSE(depends_on_caller("./x.so", nullptr));
  CHECK(depends_on_caller("$ORIGIN/x.so", in_libc));
  CHECK(depends_on_caller("/usr/$LIB/x.so", in_libc));
  CHECK_FALSE(depends_on_caller("x.so", in_libc));
  CHECK(depends_on_caller("x.so", nullptr));  // in no module
}

TEST_CASE("a deep-bound module is remembered until it goes", "[platform][module_binding]") {
  void* const handle = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(handle != nullptr);
  const void* const inside = dlsym(handle, "curl_easy_init");
  CHECK_FALSE(is_deep_bound(inside));
  note_deep_bound(module_named(kLibrary).dynamic());
  CHECK(is_deep_bound(inside));
  CHECK_FALSE(is_deep_bound(dlsym(RTLD_DEFAULT, "getenv")));
  CHECK_FALSE(is_deep_bound(nullptr));
  dlclose(handle);
}

}  // namespace
}  // namespace llmo::platform
