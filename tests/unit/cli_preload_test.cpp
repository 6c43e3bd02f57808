// LD_PRELOAD, the environment of a program, and the command's own paths.
#include "exporters/cli/preload.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "exporters/cli/environment.h"

namespace llmo::cli {
namespace {

TEST_CASE("our library stands before the user's own preloads, which keep their order", "[cli]") {
  CHECK(preload_value("/l/libllmobserve.so", "", "") == "/l/libllmobserve.so");
  CHECK(preload_value("/l/libllmobserve.so", "", "a.so:b.so") == "/l/libllmobserve.so:a.so:b.so");
  CHECK(preload_value("/l/libllmobserve.so", "", " a.so  b.so: ") == "/l/libllmobserve.so:a.so:b.so");
}

TEST_CASE("a library that is preloaded already is not preloaded twice", "[cli]") {
  CHECK(preload_value("/l/libllmobserve.so", "", "a.so:/old/libllmobserve.so:b.so") ==
        "/l/libllmobserve.so:a.so:b.so");
}

TEST_CASE("an AddressSanitizer runtime stands before everything", "[cli]") {
  CHECK(preload_value("/l/libllmobserve.so", "/r/libasan.so.8", "a.so /r/libasan.so.8") ==
        "/r/libasan.so.8:/l/libllmobserve.so:a.so");
}

TEST_CASE("the library is looked for beside the program and in the lib folder next to it", "[cli]") {
  CHECK(library_candidates("", "/usr/bin/llmobserve") ==
        std::vector<std::string>{"/usr/bin/libllmobserve.so", "/usr/lib/libllmobserve.so"});
  CHECK(library_candidates("/x/y.so", "/usr/bin/llmobserve") == std::vector<std::string>{"/x/y.so"});
  CHECK(library_candidates("", "/llmobserve") == std::vector<std::string>{"/libllmobserve.so"});
  CHECK(library_candidates("", "").empty());
}

TEST_CASE("a path that LD_PRELOAD would split cannot be preloaded", "[cli]") {
  CHECK(can_be_preloaded("/usr/lib/libllmobserve.so"));
  CHECK_FALSE(can_be_preloaded("/my files/libllmobserve.so"));
  CHECK_FALSE(can_be_preloaded("/a:b/libllmobserve.so"));
}

TEST_CASE("a variable is replaced where it stands and added where it does not", "[cli]") {
  const char* entries[] = {"A=1", "AB=2", "BROKEN", "A=3", nullptr};
  Environment environment(entries);
  CHECK(environment.get("A") == "1");
  CHECK(environment.get("B").empty());
  environment.set("A", "x=y");
  environment.set("B", "");
  std::vector<std::string> result;
  const std::vector<char*> pointers = environment.pointers();
  REQUIRE(pointers.back() == nullptr);
  for (std::size_t index = 0; index + 1 < pointers.size(); ++index) result.emplace_back(pointers[index]);
  CHECK(result == std::vector<std::string>{"A=x=y", "AB=2", "BROKEN", "A=x=y", "B="});
}

}  // namespace
}  // namespace llmo::cli
