// The table of handles.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "shim/http/handle_table.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

CURL* address(std::uintptr_t number) { return reinterpret_cast<CURL*>(number * 64); }

std::unique_ptr<Handle> handle_for(CURL* curl) {
  auto handle = std::make_unique<Handle>();
  handle->curl = curl;
  return handle;
}

TEST_CASE("a handle is found until it is taken out", "[http][handle_table]") {
  HandleTable table;
  CHECK(table.find(address(1)) == nullptr);
  table.insert(handle_for(address(1)));
  REQUIRE(table.find(address(1)) != nullptr);
  CHECK(table.find(address(1))->curl == address(1));
  CHECK(table.find(address(2)) == nullptr);
  CHECK(table.take(address(1)) != nullptr);
  CHECK(table.find(address(1)) == nullptr);
  CHECK(table.take(address(1)) == nullptr);
}

TEST_CASE("many more handles than buckets are all found", "[http][handle_table]") {
  constexpr std::uintptr_t kHandles = 10'000;
  HandleTable table;
  for (std::uintptr_t i = 1; i <= kHandles; ++i) table.insert(handle_for(address(i)));
  for (std::uintptr_t i = 1; i <= kHandles; i += 2) CHECK(table.take(address(i)) != nullptr);
  for (std::uintptr_t i = 1; i <= kHandles; ++i) {
    const bool kept = i % 2 == 0;
    REQUIRE((table.find(address(i)) != nullptr) == kept);
    if (kept) table.take(address(i));
  }
}

TEST_CASE("a handle at the address of one that went unseen takes its place", "[http][handle_table]") {
  HandleTable table;
  table.insert(handle_for(address(1)));
  curl_slist list{};
  table.find(address(1))->options.headers = &list;
  table.insert(handle_for(address(1)));
  CHECK(table.find(address(1))->options.headers == nullptr);
  table.take(address(1));
  CHECK(table.find(address(1)) == nullptr);
}

}  // namespace
}  // namespace llmo::http
