#include "shim/genai/text_store.h"

#include <catch2/catch.hpp>
#include <string>

namespace llmo::genai {
namespace {

std::string list_of(const TextStore& store, std::size_t slot) {
  std::string text;
  store.each(slot, [&text](std::string_view item) { text.append(item).append("|"); });
  return text;
}

TEST_CASE("a slot keeps the last text that was set", "[text_store]") {
  TextStore store;
  CHECK(store.get(1).empty());
  store.set(1, "one", 10);
  store.set(2, "two", 10);
  store.set(1, "ONE", 10);
  CHECK(store.get(1) == "ONE");
  store.set(1, "longer", 10);
  CHECK(store.get(1) == "longer");
  CHECK(store.get(2) == "two");
  store.set(2, "", 10);
  CHECK_FALSE(store.has(2));
  CHECK(store.get(1) == "longer");
}

TEST_CASE("a slot may hold a list, in order", "[text_store]") {
  TextStore store;
  for (const char* text : {"a", "", "b", "a"}) store.add(3, text, 10);
  store.set(4, "x", 10);
  CHECK(list_of(store, 3) == "a|b|a|");
  CHECK(store.count(3) == 3);
  store.remove(3);
  CHECK(list_of(store, 3).empty());
  CHECK(store.get(4) == "x");
}

TEST_CASE("texts are cut at a character", "[text_store]") {
  TextStore store;
  store.set(1, "h\xc3\xa9", 2);
  CHECK(store.get(1) == "h");
}

TEST_CASE("a store grows up to its limit, and a copy is its own", "[text_store]") {
  TextStore store;
  const std::string text(500, 'x');
  for (int count = 0; count < 100; ++count) store.add(5, text, 512);
  CHECK(store.count(5) == TextStore::kMaxBytes / 503);
  TextStore copy(store);
  store.clear();
  CHECK(store.count(5) == 0);
  CHECK(copy.count(5) == TextStore::kMaxBytes / 503);
  store.set(63, "again", 10);
  copy = store;
  CHECK(copy.get(63) == "again");
  CHECK(copy.count(5) == 0);
}

}  // namespace
}  // namespace llmo::genai
